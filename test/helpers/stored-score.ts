import assert from 'node:assert/strict';
import { SENDING, SUBMITTED } from '../../db/scores/carried-values.js';
import { queryRows, type Database } from '../../db/server/knex.js';
import type { ScoreState, ScoreValue } from '../../domain/score.js';

/** A score as its row says; times relative to now, in seconds. */
export interface StoredScore {
  state: ScoreState;
  revision: number;
  submitted: ScoreValue | null;
  submitted_revision: number | null;
  sending: ScoreValue | null;
  tries: number;
  forced: boolean;
  failure_type: string | null;
  failure_detail: string | null;
  rest_seconds: number;
}

export async function getStoredScore(db: Database, id: string): Promise<StoredScore> {
  const [row] = await queryRows<StoredScore>(
    db,
    `select s.*, ${SENDING} as sending, ${SUBMITTED} as submitted,
       round(extract(epoch from not_before - now()))::int as rest_seconds from scores s where id = ?`,
    [id],
  );
  assert.ok(row);
  return row;
}
