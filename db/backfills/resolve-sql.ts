/** Steps of a preview that look at a backfill as a whole, each in one statement; repeating any changes nothing. */
import { hasKeyFor, isSetAside } from '../courses/parking.js';

/** Finds course and column behind the names of a file, as far as the author's key may see them. */
export const RESOLVE_TARGETS = `
update backfill_targets t
set deployment = f.deployment, context = f.context, line_item = f.line_item, problem = f.problem
from (
  select w.target, places.deployment, places.context, found.id as line_item, case
    when p.id is null then 'unknownPlatform'
    when places.deployments = 0 then 'unknownDeployment'
    when places.contexts = 0 then 'unknownContext'
    when places.contexts > 1 then 'ambiguousDeployment'
    when found.id is null and w.resource_id is not null and (w.label is null or w.score_maximum is null)
      then 'unknownColumn' end as problem
  from backfill_targets w
  join backfills b on b.id = w.backfill
  join api_keys k on k.id = b.api_key
  left join platforms p on p.platform_id = w.platform_id
    and (k.platforms is null or p.platform_id = any (platforms_of_reach(k.platforms)))
  left join lateral (
    select count(distinct d.id) as deployments, count(c.id) as contexts,
      (array_agg(c.id) filter (where c.id is not null))[1] as context,
      (array_agg(d.id) filter (where c.id is not null))[1] as deployment
    from deployments d left join contexts c on c.deployment = d.id and c.context_id = w.context_id
    where d.platform = p.id and (w.deployment_id is null or d.deployment_id = w.deployment_id)
      and is_reached(k.platforms, p.platform_id, d.deployment_id)
  ) as places on true
  left join lateral (
    select l.id from line_items l
    where places.contexts = 1 and l.context = places.context and l.merged_into is null and case
      when w.line_item_id is not null then l.line_item_id = w.line_item_id
      when w.resource_id is not null then l.resource_id = w.resource_id and coalesce(l.tag, '') = coalesce(w.tag, '')
      else l.resource_link_id = w.resource_link_id end
    order by l.line_item_id is null, (w.resource_id is null and l.resource_id is not null), l.created_at, l.id
    limit 1
  ) as found on true
  where w.backfill = :backfill and w.line_item is null
) as f
where t.backfill = :backfill and t.target = f.target`;

/** Two names of one column are one; and what stands in the way of a whole column. */
export const COMPARE_TARGETS = `
update backfill_targets t set cell = f.cell, blocked = f.blocked
from (
  select w.target, min(w.target) over (partition by coalesce(w.line_item::text, w.target::text)) as cell, case
    when ${isSetAside('c')} and c.parked_type in ('ServiceKeyMissing', 'ServiceKeyRejected', 'ServiceKeyUnreadable')
      then 'launchNeeded'
    when ${isSetAside('c')} or ${isSetAside('l')} then 'parked'
    when c.id is not null and not ${hasKeyFor('assignment_and_grades', 'c')} then 'launchNeeded' end as blocked
  from backfill_targets w
  left join contexts c on c.id = w.context
  left join line_items l on l.id = w.line_item
  where w.backfill = :backfill
) as f
where t.backfill = :backfill and t.target = f.target`;

/** One cell in several lines: the same value counts once; different ones are refused, each line naming another. */
export const MARK_REPEATED = `
with twice as (
  select t.cell, i.user_id, min(i.line) as first, max(i.line) as last,
    min(i.score_given) is distinct from max(i.score_given) or count(i.score_given) not in (0, count(*))
    or min(i.score_maximum) is distinct from max(i.score_maximum) or count(i.score_maximum) not in (0, count(*))
    or min(i.more::text) is distinct from max(i.more::text) or count(i.more) not in (0, count(*)) as differ
  from backfill_items i join backfill_targets t on t.backfill = i.backfill and t.target = i.target
  where i.backfill = :backfill and t.problem is null
  group by t.cell, i.user_id
  having count(*) > 1
)
update backfill_items i set state = 'skipped', kind = case when w.differ then 'refused' else 'repeated' end,
  reason = case when w.differ then 'sameCellTwice' else 'repeated' end,
  other_line = case when i.line = w.first then w.last else w.first end
from twice w join backfill_targets t on t.cell = w.cell
where t.backfill = :backfill and i.backfill = :backfill and i.target = t.target and i.user_id = w.user_id
  and i.state = 'staged' and (w.differ or i.line > w.first)`;

/**
 * Other backfills that have columns of this one in hand. Of two that are previewed at the same time the older one goes
 * on; one that only looks neither blocks nor is blocked. One that would wait anyway waits for the last of those that wait
 * already: waiting for the first, all of them would be judged again whenever one ends.
 */
export const LIST_NEIGHBOURS = `
select o.id
from backfills b
join backfills o on o.id <> b.id and not o.dry_run and (o.state in ('awaitingApproval', 'releasing', 'paused',
  'cancelling') or (o.state = 'previewing' and o.seq < b.seq)
  or (o.state = 'queued' and b.queue_behind and o.seq < b.seq))
where b.id = :backfill and not b.dry_run and exists (
  select from backfill_targets t join backfill_targets ot on ot.line_item = t.line_item
  where t.backfill = b.id and ot.backfill = o.id)
order by o.state = 'queued' desc, case when o.state = 'queued' then -o.seq else o.seq end`;

/** Both sides are made first: joined by column before by student, a large course would meet itself line by line. */
export const SHARES_SCORES = `
with mine as materialized (
  select t.line_item, i.user_id from backfill_items i
  join backfill_targets t on t.backfill = i.backfill and t.target = i.target
  where i.backfill = :backfill and i.state <> 'skipped' and t.line_item is not null
), theirs as materialized (
  select t.line_item, i.user_id from backfill_items i
  join backfill_targets t on t.backfill = i.backfill and t.target = i.target
  where i.backfill = :other and i.state <> 'skipped' and t.line_item is not null
)
select 1 from mine join theirs using (line_item, user_id) limit 1`;
