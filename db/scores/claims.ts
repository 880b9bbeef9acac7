import type { GradePolicy } from '../../domain/grade-policy.js';
import { ROSTER_HOLDS } from '../../domain/membership.js';
import type { ScoreValue } from '../../domain/score.js';
import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { isParked } from '../courses/parking.js';
import { keptBackBy } from './kept-back.js';
import { IS_CLAIMABLE } from './readiness.js';
import { changeScores } from './transitions.js';

/** One score on its way, as it was when it was claimed. */
export interface ClaimedScore {
  id: string;
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
  /** The column was parked and is being probed. */
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
  context: string;
  token: number;
  laneMs: number;
}

/** Claims scores and records what became of them; every statement is refused, and says so, when the lane was lost. */
export interface ClaimStore {
  /** Lengthens the lane and marks the next due scores as being sent, the most urgent first. Null: the lane was lost. */
  claim(input: LaneInput & { limit: number }): Promise<ClaimedScore[] | null>;
  /**
   * Lengthens the lane and records outcomes with their evidence; a success closes the platform's breaker. False: the lane
   * was lost, and nothing was recorded.
   */
  record(input: LaneInput & { outcomes: readonly SendOutcome[]; workflowRun: string }): Promise<boolean>;
}

export function createClaims(db: Database): ClaimStore {
  return {
    async claim({ context, token, laneMs, limit }) {
      const rows = await queryRows<{ held: boolean } & (ClaimedScore | { id: null })>(db, CLAIM, {
        context,
        token,
        laneMs,
        limit,
      });
      if (!rows[0]?.held) return null;
      return rows.filter((row) => row.id !== null);
    },
    async record({ context, token, laneMs, outcomes, workflowRun }) {
      const [row] = await queryRows<{ held: boolean }>(db, RECORD, {
        context,
        token,
        laneMs,
        workflowRun,
        outcomes: JSON.stringify(outcomes),
        rosterHolds: [...ROSTER_HOLDS],
      });
      return row?.held ?? false;
    },
  };
}

const LANE = `
lane as (
  update contexts
  set lane_expires_at = clock_timestamp() + make_interval(secs => :laneMs / 1000.0), last_attempted_at = now()
  where id = :context and lane_token = :token and lane_holder is not null
  returning id, deployment
)`;

/** Urgent first, then the longest due. */
const CLAIM = `
with ${LANE}, picked as (
  select s.id, :token::integer as lane_token
  from score_queue q join scores s on s.id = q.score join line_items l on l.id = s.line_item
  where q.context = :context and ${IS_CLAIMABLE} and exists (select 1 from lane)
  order by s.priority, s.due_at, s.seq
  limit :limit
  for update of s skip locked
), claimed as (
  ${changeScores('claimed', 'picked')}
  returning s.id, s.revision, s.line_item, s.user_id, s.value, s.submitted, s.tries, s.priority, s.due_at, s.seq,
    s.overrides_human
)
select exists (select 1 from lane) as held, c.id, c.revision, c.line_item as "lineItem", c.user_id as "userId", c.value,
  c.submitted, c.tries, l.line_item_id as "lineItemId", ${isParked('l')} as "isProbe",
  c.tries >= 4 and exists (select 1 from scores o where o.line_item = c.line_item and o.submitted_at > c.due_at)
    as "failsAlone",
  coalesce(l.grade_policy, x.grade_policy) as "gradePolicy", c.overrides_human as "isDecided",
  case when not c.overrides_human then ${keptBackBy('m')} end as "keptBackBy"
from (values (1)) as one
left join claimed c on true
left join line_items l on l.id = c.line_item
left join contexts x on x.id = l.context
left join memberships m on m.context = x.id and m.user_id = c.user_id
order by c.priority, c.due_at, c.seq`;

/**
 * A revision that came while its older one was on the way stays due, unless it holds the same value. Rows are locked in
 * the order of their ids, as everywhere, so that two statements over the same rows wait instead of deadlocking. What the
 * roster keeps back made no call and leaves no attempt; should a newer roster allow it by now, it stays due.
 * `judged` is materialized, or each column that is set would judge anew.
 */
const RECORD = `
with ${LANE}, told as (
  select *, outcome in ('submitted', 'confirmed') as has_arrived,
    coalesce("failureType" = any (:rosterHolds::text[]), false) as is_by_roster
  from jsonb_to_recordset(:outcomes::jsonb) as o(id uuid, outcome text, "failureType" text, excerpt text,
    code text, status integer, "startedAt" timestamptz, "durationMs" integer, "restMs" double precision, "serviceKey" uuid)
), locked as (
  select s.id, s.context, s.user_id, s.sending_revision, o.outcome, o.has_arrived, o.is_by_roster,
    o."failureType" as failure_type, o.excerpt as failure_detail, o."restMs" as rest_ms,
    s.revision = s.sending_revision or (s.value = s.sending and not s.forced) as is_newest
  from scores s join told o on o.id = s.id
  where s.state = 'sending' and s.lane_token = :token and exists (select 1 from lane)
  order by s.id
  for update of s
), judged as materialized (
  select l.*, case
    when l.outcome = 'unknown' then 'unknown'
    when l.outcome = 'notBegun' then 'returned'
    when l.is_by_roster then case when l.is_newest and exists (
      select from memberships m where m.context = l.context and m.user_id = l.user_id and ${keptBackBy('m')} is not null)
      then 'held' else 'returned' end
    when not l.is_newest then 'outdated'
    when l.has_arrived then 'delivered'
    when l.outcome = 'rejected' then 'refused'
    when l.outcome = 'held' then 'held'
    else 'rests' end as event
  from locked l
), recorded as (
  ${changeScores(['delivered', 'refused', 'held', 'rests', 'unknown', 'returned', 'outdated'], 'judged')}
  returning s.id
), kept as (
  insert into attempts (score, revision, kind, outcome, status, failure_type, code, excerpt, started_at, duration_ms,
    service_key, workflow_run, lane_token)
  select o.id, l.sending_revision, case when o.outcome in ('confirmed', 'held') then 'readBack' else 'submit' end,
    o.outcome, o.status, o."failureType", o.code, o.excerpt, o."startedAt",
    o."durationMs", o."serviceKey", :workflowRun, :token
  from told o join locked l on l.id = o.id join recorded r on r.id = o.id
  where o.outcome <> 'notBegun' and not o.is_by_roster
)
select exists (select 1 from lane) as held, case
  when exists (select 1 from told where outcome = 'submitted') then note_gate_success((select gate from deployments where id = (select deployment from lane))) end`;
