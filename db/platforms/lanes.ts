import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { changeScores } from '../scores/transitions.js';

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
  /** Why it may begin none: a failure type of the platform, or a pause by hand (`WaitReason`); null otherwise. */
  reason: string | null;
}

/** A lane that was lengthened. */
export interface HeldLane extends LaneGrant {
  /** Grows when something behind the gate is paused by hand: what was claimed before may be of it. */
  pauses: number;
}

/** How long a lane stands by itself, in milliseconds. */
export interface LaneLength {
  /** Nobody else may take it for so long, and so long its holder may begin calls. */
  leaseMs: number;
  /** Every call that was begun under it is over after this. */
  laneMs: number;
}

export interface HoldLaneInput extends LaneLength {
  gate: string;
  token: number;
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

/**
 * The right to write to the gradebooks behind one gate: a lease of seconds, which its holder renews twice a second. Whoever
 * holds an older token can neither claim nor record.
 */
export interface LaneStore {
  /**
   * Takes the lane when it is free or has run out. What was being sent under an older token becomes `unknown`: it is read
   * back `settleMs` after the last sign of life, or, where a newer value is to follow, when every call is surely over.
   */
  take(input: LaneLength & { gate: string; settleMs: number }): Promise<{ token: number } | { busyForMs: number }>;
  /** Lengthens the lane, and says what may be sent; null when the token is no longer the newest. */
  hold(input: HoldLaneInput): Promise<HeldLane | null>;
  /** Gives the lane back, when everything that was claimed under it is recorded. A lost lane stays as it is. */
  giveBack(input: { gate: string; token: number }): Promise<void>;
}

export function createLanes(db: Database): LaneStore {
  return {
    async take({ gate, leaseMs, laneMs, settleMs }) {
      const [row] = await queryRows<{ token: number | null; busyForMs: number }>(db, TAKE_LANE, {
        ...{ gate, leaseMs, laneMs },
        settleMs: Math.max(settleMs - leaseMs, 0),
      });
      if (!row) throw new Error(`There is no gate ${gate}.`);
      return row.token === null ? { busyForMs: row.busyForMs } : { token: row.token };
    },
    async hold({ gate, token, leaseMs, laneMs, inFlight, want, unspent, starts, hasSucceeded }) {
      const [row] = await queryRows<HeldLane & { held: boolean }>(
        db,
        'select held, target, starts, is_probe as "isProbe", wait_ms as "waitMs", reason, pauses from hold_lane(?, ?, ?, ?, ?, ?, ?, ?, ?)',
        [gate, token, leaseMs, laneMs, inFlight, want, unspent, starts, hasSucceeded],
      );
      if (!row) throw new Error('hold_lane gave no row.');
      const { held, ...grant } = row;
      return held ? grant : null;
    },
    async giveBack({ gate, token }) {
      await db.raw(
        `update gates set lane_expires_at = null, lane_calls_end_at = null, sender_share = 0 where id = ? and lane_token = ?`,
        [gate, token],
      );
    },
  };
}

/** A lane that was given back has nothing under way, so that only after one ran out the queue is searched for it. */
const TAKE_LANE = `
with before as (
  select id, lane_expires_at, lane_calls_end_at from gates where id = :gate for no key update
), taken as (
  update gates g
  set lane_token = g.lane_token + 1, lane_expires_at = clock_timestamp() + make_interval(secs => :leaseMs / 1000.0),
    lane_calls_end_at = clock_timestamp() + make_interval(secs => :laneMs / 1000.0), sender_share = 0
  from before b
  where g.id = b.id and (b.lane_expires_at is null or b.lane_expires_at <= clock_timestamp())
  returning g.lane_token
), underway as (
  select s.id, b.lane_expires_at, b.lane_calls_end_at, :settleMs::double precision as settle_ms
  from before b join score_queue q on q.gate = b.id join scores s on s.id = q.score
  where b.lane_expires_at is not null and q.hold is null and q.is_claimed and s.state = 'sending'
    and exists (select 1 from taken)
  order by s.id for update of s
), fenced as (
  ${changeScores('laneLost', 'underway')}
)
select (select lane_token from taken) as token,
  greatest(0, ceil(extract(epoch from b.lane_expires_at - clock_timestamp()) * 1000))::int as "busyForMs"
from before b`;
