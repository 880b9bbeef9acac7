import type { Knex } from 'knex';
import { acceptScoresWithin, type AcceptedScore, type ScoreToAccept } from '../../db/scores/accept-scores.js';
import { retryDeadlock } from '../../db/server/retry-deadlock.js';
import { anyOrigin } from './factories.js';

/** What a test says of a score; whose it is, only where that matters. */
export type ScoreOfTest = Omit<ScoreToAccept, 'origin'> & Partial<Pick<ScoreToAccept, 'origin'>>;

/** Stores scores of columns whose uuids are known, in a transaction of their own. */
export async function acceptScores(db: Knex, scores: readonly ScoreOfTest[]): Promise<AcceptedScore[]> {
  const told = scores.map((score) => ({ origin: anyOrigin, ...score }));
  return retryDeadlock(() => db.transaction((trx) => acceptScoresWithin(trx, told)));
}
