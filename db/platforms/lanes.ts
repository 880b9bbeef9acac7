import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { changeScores } from '../scores/transitions.js';
import { HOLDER_LOCK_CLASS } from '../server/worker-holder.js';

/** What the holder of a lane may do, and why no more. */
export interface LaneGrant {
  /** Calls that it should have under way; never more begin than this allows. */
  target: number;
  /** Calls that it may begin until it asks again. */
  starts: number;
  /** The one call that tries whether the platform is well again. */
  isProbe: boolean;
  /** When to come again where it may begin none, in milliseconds. */
  waitMs: number;
  /** Why it may begin none: a failure type of the platform; null otherwise. */
  reason: string | null;
}

export interface HoldLaneInput {
  gate: string;
  token: number;
  laneMs: number;
  /** Calls that are under way; they stay counted whatever is granted. */
  inFlight: number;
  /** Calls that it would like to have under way. */
  want: number;
  /** Of the starts that were granted before, those that were not used. */
  unspent: number;
  /** Calls that it would like to begin before it asks again. */
  starts: number;
  /** A call of its was answered as it should since it asked: whatever failed before did not fail in a row. */
  hasSucceeded: boolean;
}

/** The right to write to the gradebooks behind one gate. Whoever holds an older token can neither claim nor record. */
export interface LaneStore {
  /**
   * Takes the lane when it is free, run out, or held by a process that is dead. Whatever was being sent under an older
   * token becomes `unknown` and rests until the older lane has run out: no call begins that could outlast its lane.
   */
  take(input: { gate: string; holder: number; laneMs: number }): Promise<{ token: number } | { busyForMs: number }>;
  /** Lengthens the lane, and says what may be sent; null when the token is no longer the newest. */
  hold(input: HoldLaneInput): Promise<LaneGrant | null>;
  /** Gives the lane back, when everything that was claimed under it is recorded. A lost lane stays as it is. */
  giveBack(input: { gate: string; token: number }): Promise<void>;
}

export function createLanes(db: Database): LaneStore {
  return {
    async take({ gate, holder, laneMs }) {
      const [row] = await queryRows<{ token: number | null; busyForMs: number }>(db, TAKE_LANE, {
        gate,
        holder,
        laneMs,
        lockClass: HOLDER_LOCK_CLASS,
      });
      if (!row) throw new Error(`There is no gate ${gate}.`);
      return row.token === null ? { busyForMs: row.busyForMs } : { token: row.token };
    },
    async hold({ gate, token, laneMs, inFlight, want, unspent, starts, hasSucceeded }) {
      const [row] = await queryRows<LaneGrant & { held: boolean }>(
        db,
        'select held, target, starts, is_probe as "isProbe", wait_ms as "waitMs", reason from hold_lane(?, ?, ?, ?, ?, ?, ?, ?)',
        [gate, token, laneMs, inFlight, want, unspent, starts, hasSucceeded],
      );
      if (!row) throw new Error('hold_lane gave no row.');
      const { held, ...grant } = row;
      return held ? grant : null;
    },
    async giveBack({ gate, token }) {
      await db.raw(
        `update gates set lane_holder = null, lane_expires_at = null, sender_share = 0 where id = ? and lane_token = ?`,
        [gate, token],
      );
    },
  };
}

/**
 * The try for the holder's lock succeeds only when its session is gone; the lock so taken ends with this statement. A lane
 * that was given back has nothing under way, so that only after a death the queue is searched for it.
 */
const TAKE_LANE = `
with before as (
  select id, lane_holder, lane_expires_at from gates where id = :gate for no key update
), taken as (
  update gates g
  set lane_token = g.lane_token + 1, lane_holder = :holder,
    lane_expires_at = clock_timestamp() + make_interval(secs => :laneMs / 1000.0), sender_share = 0
  from before b
  where g.id = b.id and case
    when b.lane_holder is null or b.lane_expires_at <= clock_timestamp() then true
    else pg_try_advisory_xact_lock(:lockClass, b.lane_holder) end
  returning g.lane_token
), underway as (
  select s.id, b.lane_expires_at from before b join score_queue q on q.gate = b.id join scores s on s.id = q.score
  where b.lane_holder is not null and q.hold is null and q.is_claimed and s.state = 'sending'
    and exists (select 1 from taken)
  order by s.id for update of s
), fenced as (
  ${changeScores('laneLost', 'underway')}
)
select (select lane_token from taken) as token,
  greatest(0, ceil(extract(epoch from b.lane_expires_at - clock_timestamp()) * 1000))::int as "busyForMs"
from before b`;
