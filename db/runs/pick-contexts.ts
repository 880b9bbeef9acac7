import type { PassKind } from '../../domain/run.js';
import { queryRows, type Database } from '../server/knex.js';
import { releaseForNight } from './release-for-night.js';

export interface PickInput {
  runId: string;
  kind: PassKind;
  limit: number;
}

/** Contexts behind one gate that may be under way for a run: enough to keep its calls in flight, and no more. */
const ROOM = `greatest(4, least(24, 2 * f.in_flight_cap))`;
/** A roster or a gradebook read is one call after another. */
const READ_ROOM = `greatest(1, least(4, f.in_flight_cap))`;

/**
 * From the line, which has an index by gate and place: each gate with somebody in line and with room gets its turn, least
 * served first. Its cost is that of those gates and of what it picks, however long the line is.
 */
const pick = (room: string): string => `
with recursive heads as (
  (select rc.gate from run_contexts rc where rc.run = :runId and rc.asked_at is null order by rc.gate limit 1)
  union all
  select (select rc.gate from run_contexts rc
    where rc.run = :runId and rc.asked_at is null and rc.gate > h.gate order by rc.gate limit 1)
  from heads h where h.gate is not null
), under_way as materialized (
  select rc.gate, count(*) as count from run_contexts rc
  where rc.run = :runId and rc.settled_at is null and rc.left_at is null and rc.asked_at is not null and rc.is_poked
  group by rc.gate
), free as materialized (
  select h.gate, coalesce(u.count, 0) as busy, ${room} - coalesce(u.count, 0) as room
  from heads h join gates f on f.id = h.gate left join under_way u on u.gate = h.gate
  where ${room} > coalesce(u.count, 0)
), picked as materialized (
  select x.context from free f, (select greatest(count(*), 1) as count from free) gates_in_line cross join lateral (
    select rc.context, row_number() over (order by rc.attempted_at nulls first, rc.context) as place from run_contexts rc
    where rc.run = :runId and rc.gate = f.gate and rc.asked_at is null
    order by rc.attempted_at nulls first, rc.context
    limit least(f.room, ceil(:limit::numeric / gates_in_line.count))
  ) x
  order by f.busy + x.place, f.gate limit :limit
)
update run_contexts rc set asked_at = now(), moved_at = now() from picked
where rc.run = :runId and rc.context = picked.context returning rc.context`;

const PICKS: Readonly<Record<PassKind, string>> = {
  nightly: pick(ROOM),
  rosters: pick(READ_ROOM),
  reconcile: pick(READ_ROOM),
};

/** Picks the next contexts of the line, and lets go what waited there for the night. Gives their number. */
export async function pickContexts(trx: Database, { runId, kind, limit }: PickInput): Promise<number> {
  const rows = await queryRows<{ context: string }>(trx, PICKS[kind], { runId, limit });
  if (kind === 'nightly' && rows.length > 0) {
    await releaseForNight(
      trx,
      rows.map(({ context }) => context),
    );
  }
  return rows.length;
}

/** Says of the next context of the line that it cannot be served, since PostgreSQL refuses to let it go. Undefined: none is in line. */
export async function failNext(db: Database, { runId, kind }: PickInput): Promise<number | undefined> {
  return db.transaction(async (trx) => {
    const rows = await queryRows<{ context: string }>(trx, PICKS[kind], { runId, limit: 1 });
    await trx.raw(
      `update run_contexts set settled_at = now(), failure = 'RefusedByDatabase' where run = ? and context = any (?::uuid[])`,
      [runId, rows.map(({ context }) => context)],
    );
    return rows.length > 0 ? rows.length : undefined;
  });
}
