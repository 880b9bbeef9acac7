import type { ScoreValue } from '../../domain/score.js';
import type { LaneInput } from './claims.js';
import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { isFreeOf } from './readiness.js';
import { isPaused } from '../platforms/pausing.js';
import { SENDING, SUBMITTED } from './carried-values.js';
import { changeScores } from './transitions.js';

/** A score of which we cannot know whether its last call was applied. */
export interface UnknownScore {
  id: string;
  /** Our uuids. */
  context: string;
  lineItem: string;
  lineItemId: string;
  userId: string;
  /** What the call carried. */
  sending: ScoreValue;
  sendingRevision: number;
  /** What the gradebook had taken before that call, or null. */
  submitted: ScoreValue | null;
  /** Failed tries so far, of sending and of reading back. */
  tries: number;
}

export interface Settlement {
  id: string;
  /**
   * `confirmed`: the gradebook shows it. `absent`: it does not, or cannot be asked: the score is due again. `unstorable`:
   * what it showed was refused by our own database; it is told without evidence.
   */
  outcome: 'confirmed' | 'absent' | 'unstorable';
  /**
   * Why the gradebook could not be asked, when that is so: what it held before is then no longer known either. With
   * `unstorable` what is told of the score.
   */
  failureType?: string | undefined;
  startedAt: Date;
  durationMs: number;
  serviceKey: string | null;
}

export interface UnknownScoreStore {
  /** Those behind a gate whose rest is over, by column, so that one column's results are read once. */
  listReady(input: { gate: string; limit: number }): Promise<UnknownScore[]>;
  /** The gradebook cannot be asked now: they rest. `isTry`: that it could not counts against them. */
  postpone(input: { ids: readonly string[]; restMs: number; isTry: boolean }): Promise<void>;
  /** Records what reading back showed. False: the lane was lost, and nothing was recorded. */
  settle(input: LaneInput & { settlements: readonly Settlement[]; workflowRun: string }): Promise<boolean>;
}

export function createUnknownScores(db: Database): UnknownScoreStore {
  return {
    listReady: ({ gate, limit }) =>
      queryRows<UnknownScore>(
        db,
        `select s.id, s.context, s.line_item as "lineItem", l.line_item_id as "lineItemId", s.user_id as "userId", ${SENDING} as sending,
           s.sending_revision as "sendingRevision", ${SUBMITTED} as submitted, s.tries
         from score_queue q join scores s on s.id = q.score
         join line_items l on l.id = s.line_item join contexts c on c.id = s.context
         where q.gate = ? and q.hold = 'unknown' and q.ready_at <= now() and s.state = 'unknown'
           and ${isFreeOf('rest', 'wanted', 'contextParked')} and not ${isPaused('c')}
         order by s.line_item, s.seq limit ?`,
        [gate, limit],
      ),
    async postpone({ ids, restMs, isTry }) {
      await db.raw(
        `with resting as (
           select id, ?::double precision as rest_ms, ?::boolean as is_try from scores where id = any (?::uuid[]) and state = 'unknown'
           order by id for update
         )
         ${changeScores('postponed', 'resting')}`,
        [restMs, isTry, [...ids]],
      );
    },
    async settle({ gate, token, settlements, workflowRun }) {
      const [row] = await queryRows<{ held: boolean }>(db, SETTLE, {
        gate,
        token,
        workflowRun,
        settlements: JSON.stringify(settlements),
      });
      return row?.held ?? false;
    },
  };
}

const SETTLE = `
with lane as (
  select id from gates where id = :gate and lane_token = :token and lane_expires_at is not null for share
), told as (
  select * from jsonb_to_recordset(:settlements::jsonb)
    as o(id uuid, outcome text, "failureType" text, "startedAt" timestamptz, "durationMs" integer, "serviceKey" uuid)
), locked as (
  select s.id, s.sending_revision, true as has_arrived, o."failureType" is not null as is_unread,
    o."failureType" as failure_type, case
    when o.outcome = 'unstorable' and s.revision = s.sending_revision then 'unstorable'
    when o.outcome <> 'confirmed' then 'absent'
    when s.revision = s.sending_revision or (s.value = ${SENDING} and not s.forced) then 'settled'
    else 'outdated' end as event
  from scores s join told o on o.id = s.id
  where s.state = 'unknown' and exists (select 1 from lane)
  order by s.id
  for update of s
), changed as (
  ${changeScores(['settled', 'outdated', 'absent', 'unstorable'], 'locked')}
  returning s.id
), kept as (
  insert into attempts (score, revision, kind, outcome, failure_type, started_at, duration_ms, service_key, workflow_run,
    lane_token)
  select o.id, l.sending_revision, 'readBack', o.outcome, o."failureType", o."startedAt", o."durationMs", o."serviceKey",
    :workflowRun, :token
  from told o join locked l on l.id = o.id
  where o.outcome <> 'unstorable'
)
select exists (select 1 from lane) as held`;
