import type { Knex } from 'knex';
import { acceptScoresWithin, type AcceptedScore, type ScoreToAccept } from '../../db/scores/accept-scores.js';
import { retryDeadlock } from '../../db/server/retry-deadlock.js';

/** Stores scores of columns whose uuids are known, in a transaction of their own. */
export async function acceptScores(db: Knex, scores: readonly ScoreToAccept[]): Promise<AcceptedScore[]> {
  return retryDeadlock(() => db.transaction((trx) => acceptScoresWithin(trx, scores)));
}
