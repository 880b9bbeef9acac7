import type { GradePolicy } from '../../domain/grade-policy.js';
import type { ScoreValue } from '../../domain/score.js';
import type { Queryable } from '../server/knex.js';

/** One score on its way, as it was when it was claimed. */
export interface ClaimedScore {
  id: string;
  /** Our uuid of the course. */
  context: string;
  revision: number;
  /** Our uuid of the column, and its id in the LMS. */
  lineItem: string;
  lineItemId: string;
  userId: string;
  value: ScoreValue;
  /** What the gradebook was last known to have taken, or null. */
  submitted: ScoreValue | null;
  /** Failed tries of this revision so far. */
  tries: number;
  /** Its column or course was set aside, and is tried again with it. */
  isProbe: boolean;
  /** It has failed four times or more, while the column took scores of others. */
  failsAlone: boolean;
  /** Whose word counts in this cell. */
  gradePolicy: GradePolicy;
  /** Somebody decided to send it over whatever stands there. */
  isDecided: boolean;
  /** Why the roster keeps it back, as a failure type, or null: who was never listed is sent, and the LMS decides. */
  keptBackBy: string | null;
}

/**
 * What became of a claimed score's call. `confirmed` and `held` made none: the gradebook was read, and shows the value
 * already, or one that a person gave; or the roster keeps the score back.
 */
export interface SendOutcome {
  id: string;
  outcome: 'submitted' | 'rejected' | 'retryable' | 'unknown' | 'notBegun' | 'confirmed' | 'held';
  failureType?: string | undefined;
  /** The far side's words, scrubbed, at most 500 characters. */
  excerpt?: string | undefined;
  code?: string | undefined;
  status?: number | undefined;
  startedAt: Date;
  durationMs: number;
  /** How long it rests before the next try, in milliseconds. */
  restMs: number;
  serviceKey: string | null;
}

export interface LaneInput {
  /** Our uuid. */
  gate: string;
  token: number;
}

export interface Claim {
  scores: ClaimedScore[];
  /** Courses with scores for a column that has no id in the LMS yet. */
  wantColumns: string[];
}

/** Claims scores and records what became of them; every statement is refused, and says so, when the lane was lost. */
export interface ClaimStore {
  /**
   * Marks the next due scores as being sent: the most urgent first, then some of each course in
   * turn, beginning after the course `after`. Null: the lane was lost.
   */
  claim(input: LaneInput & { limit: number; after: string | null }): Promise<Claim | null>;
  /** Records outcomes with their evidence. False: the lane was lost, and nothing was recorded. */
  record(input: LaneInput & { outcomes: readonly SendOutcome[]; workflowRun: string }): Promise<boolean>;
}

type ClaimRow = { held: boolean } & (ClaimedScore | { id: null; context: string });

export function createClaims(db: Queryable): ClaimStore {
  return {
    async claim({ gate, token, limit, after }) {
      const call = 'select * from claim_scores($1, $2, $3, $4)';
      const { rows } = await db.query<ClaimRow>(call, [gate, token, limit, after]);
      if (rows[0]?.held === false) return null;
      return {
        scores: rows.filter((row) => row.id !== null),
        wantColumns: rows.filter((row) => row.id === null).map(({ context }) => context),
      };
    },
    async record({ gate, token, outcomes, workflowRun }) {
      const values = [gate, token, JSON.stringify(outcomes), workflowRun];
      const { rows } = await db.query<{ held: boolean }>('select record_outcomes($1, $2, $3, $4) as held', values);
      return rows[0]?.held ?? false;
    },
  };
}
