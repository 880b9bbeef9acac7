import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { changeScores } from '../scores/transitions.js';
import { HOLDER_LOCK_CLASS } from '../server/worker-holder.js';

/** The right to write to one context's gradebook. Whoever holds an older token can neither claim nor record. */
export interface LaneStore {
  /**
   * Takes the lane when it is free, run out, or held by a process that is dead. Whatever was being sent under an older
   * token becomes `unknown` and rests until the older lane has run out: no call begins that could outlast its lane.
   */
  take(input: { context: string; holder: number; laneMs: number }): Promise<{ token: number } | { busyForMs: number }>;
  /** Lengthens the lane; false when the token is no longer the newest. */
  extend(input: { context: string; token: number; laneMs: number }): Promise<boolean>;
  /** Gives the lane back and says until when somebody tends the context (null: nobody). A lost lane stays as it is. */
  giveBack(input: { context: string; token: number; tendedForMs: number | null }): Promise<void>;
}

export function createLanes(db: Database): LaneStore {
  return {
    async take({ context, holder, laneMs }) {
      const [row] = await queryRows<{ token: number | null; busyForMs: number }>(db, TAKE_LANE, {
        context,
        holder,
        laneMs,
        lockClass: HOLDER_LOCK_CLASS,
      });
      if (!row) throw new Error(`There is no context ${context}.`);
      return row.token === null ? { busyForMs: row.busyForMs } : { token: row.token };
    },
    async extend({ context, token, laneMs }) {
      const rows = await queryRows(
        db,
        `update contexts set lane_expires_at = clock_timestamp() + make_interval(secs => ? / 1000.0)
         where id = ? and lane_token = ? and lane_holder is not null returning id`,
        [laneMs, context, token],
      );
      return rows.length > 0;
    },
    async giveBack({ context, token, tendedForMs }) {
      await db.raw(
        `update contexts set lane_holder = null, lane_expires_at = null,
           tended_until = clock_timestamp() + make_interval(secs => ?::double precision / 1000.0)
         where id = ? and lane_token = ?`,
        [tendedForMs, context, token],
      );
    },
  };
}

/** The try for the holder's lock succeeds only when its session is gone; the lock so taken ends with this statement. */
const TAKE_LANE = `
with before as (
  select id, lane_holder, lane_expires_at from contexts where id = :context for update
), taken as (
  update contexts c
  set lane_token = c.lane_token + 1, lane_holder = :holder,
    lane_expires_at = clock_timestamp() + make_interval(secs => :laneMs / 1000.0)
  from before b
  where c.id = b.id and case
    when b.lane_holder is null or b.lane_expires_at <= clock_timestamp() then true
    else pg_try_advisory_xact_lock(:lockClass, b.lane_holder) end
  returning c.lane_token
), underway as (
  select s.id, b.lane_expires_at from before b join score_queue q on q.context = b.id join scores s on s.id = q.score
  where q.is_claimed and s.state = 'sending' and exists (select 1 from taken)
  order by s.id for update of s
), fenced as (
  ${changeScores('laneLost', 'underway')}
)
select (select lane_token from taken) as token,
  greatest(0, ceil(extract(epoch from b.lane_expires_at - clock_timestamp()) * 1000))::int as "busyForMs"
from before b`;
