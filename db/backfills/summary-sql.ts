/** Counts of a judged backfill. All of it is computed from the lines, so repeating it changes nothing. */

export const COUNT_BY_TARGET = `
with counted as (
  select target, json_object_agg(coalesce(kind, 'staged'), n) as counts
  from (select target, kind, count(*) as n from backfill_items where backfill = :backfill group by target, kind) as k
  group by target
)
update backfill_targets t set counts = c.counts from counted c
where t.backfill = :backfill and t.target = c.target`;

/** Tenths of the whole scale; the middle has no bucket for what stays equal. */
export const SUMMARISE = `
with by_kind as (
  select kind, reason, count(*)::int as n, count(*) filter (where state = 'pending')::int as to_send, min(delta) as least
  from backfill_items where backfill = :backfill group by kind, reason
), moved as (
  select width_bucket(delta::numeric, -1, 1, 20) as bucket, count(*)::int as n
  from backfill_items
  where backfill = :backfill and kind in ('raised', 'lowered') and state = 'pending' group by 1
)
select
  (select coalesce(json_object_agg(kind, n), '{}') from (select kind, sum(n)::int as n from by_kind group by kind) as k)
    as kinds,
  (select coalesce(json_object_agg(reason, n), '{}')
   from (select reason, sum(n)::int as n from by_kind where reason is not null group by reason) as r) as reasons,
  (select coalesce(sum(to_send), 0)::int from by_kind) as "toSend",
  (select coalesce(-min(least), 0) from by_kind where kind = 'lowered' and to_send > 0) as "largestDrop",
  (select coalesce(json_agg(json_build_object('from', (bucket - 11) * 10, 'to', (bucket - 10) * 10, 'count', n)
     order by bucket), '[]') from moved) as histogram,
  (select count(*)::int from backfill_problems where backfill = :backfill) as unreadable,
  (select count(distinct context)::int from backfill_targets where backfill = :backfill and context is not null)
    as contexts,
  (select count(distinct cell)::int from backfill_targets where backfill = :backfill and read_at is not null)
    as "checkedColumns",
  (select count(distinct cell)::int from backfill_targets where backfill = :backfill and problem is null) as columns`;

/** The sharpest drops, the highest rises, and some of each other kind, by their lines. */
export const PICK_SAMPLES = `
select line from (
  (select line from backfill_items where backfill = :backfill and kind = 'lowered' and state = 'pending'
   order by delta, line limit 10)
  union
  (select line from backfill_items where backfill = :backfill and kind = 'raised' and state = 'pending'
   order by delta desc, line limit 5)
  union
  (select line from (
     select line, row_number() over (partition by kind, reason order by line) as place
     from (select line, kind, reason from backfill_items
           where backfill = :backfill and kind in ('given', 'amended', 'blocked', 'refused') limit 100000) as few
   ) as ranked where place <= 3)
) as picked order by line limit 60`;

/**
 * What sending would take, by deployment: how long lately calls took for the newest scores of five of its courses, so that
 * the cost depends on neither the table of attempts nor the size of the backfill; and what the platform is allowed now.
 */
export const ESTIMATE = `
with courses as (
  select deployment, context from (
    select deployment, context, row_number() over (partition by deployment order by context) as place
    from (select distinct deployment, context from backfill_targets where backfill = :backfill and context is not null) as t
  ) as ranked where place <= 5
), typical as (
  select c.deployment, avg(a.duration_ms)::int as ms
  from courses c
  cross join lateral (select id from scores where context = c.context order by seq desc limit 20) as s
  join attempts a on a.score = s.id and a.kind = 'submit' and a.started_at > now() - interval '8 weeks'
  group by c.deployment
), wanted as (
  select deployment, count(*)::int as n from backfill_items
  where backfill = :backfill and state = 'pending' and deployment is not null group by deployment
)
select p.platform_id as "platformId", d.deployment_id as "deploymentId", w.n as "toSend",
  f.in_flight_cap as "inFlight", f.rate_per_second as "ratePerSecond", coalesce(t.ms, 300) as "callMs",
  t.ms is not null as "isMeasured"
from wanted w
join deployments d on d.id = w.deployment join platforms p on p.id = d.platform
join gates f on f.id = d.gate
left join typical t on t.deployment = w.deployment
order by w.n desc, p.platform_id, d.deployment_id`;
