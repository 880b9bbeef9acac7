import { queryRows, type Database } from '../server/knex.js';

/** Calls to one platform within one hour, of those that took about as long. */
export interface CallsOfHour {
  /** Its beginning. */
  hour: Date;
  /** Null: the key that they were made with is gone. */
  platformId: string | null;
  calls: number;
  /** Scores that got into the gradebook by them, or were seen there. */
  delivered: number;
  failed: number;
  /** All of them together, in milliseconds. */
  totalMs: number;
  /** None took longer, in milliseconds; null: longer than the longest that is told apart. */
  atMostMs: number | null;
}

export interface HourlyCalls {
  /** Hours without a call are left out. Reads each call of the time once. */
  count(time: { from: Date; until: Date }): Promise<CallsOfHour[]>;
}

/** Durations are told apart by these, in milliseconds: about a third between two of them. */
const BOUNDS = [
  ...[25, 35, 50, 70, 100, 140, 200, 280, 400, 560, 800, 1_100, 1_600, 2_200],
  ...[3_200, 4_500, 6_400, 9_000, 12_800, 18_000, 25_600, 36_000, 60_000],
];

/** By key first: there are few of them beside the calls, and a call does not say its platform. */
const COUNT = `
with counted as (
  select date_bin('1 hour', started_at, 'epoch') as hour, service_key, width_bucket(duration_ms - 1, :bounds::int[]) as slot,
    count(*) as calls, count(*) filter (where outcome in ('submitted', 'confirmed')) as delivered,
    count(failure_type) as failed, sum(duration_ms) as total
  from attempts where started_at >= :from and started_at < :until
  group by 1, 2, 3
)
select q.hour, p.platform_id as "platformId", sum(q.calls)::int as calls, sum(q.delivered)::int as delivered,
  sum(q.failed)::int as failed, sum(q.total)::double precision as "totalMs", (:bounds::int[])[q.slot + 1] as "atMostMs"
from counted q
left join service_keys k on k.id = q.service_key
left join contexts c on c.id = k.context
left join deployments d on d.id = c.deployment
left join platforms p on p.id = d.platform
group by q.hour, p.platform_id, q.slot order by q.hour`;

export function createHourlyCalls(db: Database): HourlyCalls {
  return { count: ({ from, until }) => queryRows(db, COUNT, { from, until, bounds: BOUNDS }) };
}
