/** The statements of one page of a release, in their order within its transaction. */
import { SNAPSHOT } from '../scores/transitions.js';

export const LOCK_PAGE = `
create temporary table released on commit drop as
select i.line, i.target, i.user_id, i.expected_revision, t.line_item, t.context, null::jsonb as was
from backfill_items i join backfill_targets t on t.backfill = i.backfill and t.target = i.target
where i.backfill = :backfill and i.state = 'pending' and i.deployment = :deployment and t.line_item is not null
order by i.line limit :limit
for update of i`;

/** In the order of their ids, as everywhere; what they are now is kept, so that they can be put back. */
export const LOCK_SCORES = `
with locked as (
  select s.id, s.line_item, s.user_id, ${SNAPSHOT} as was
  from scores s join released r on r.line_item = s.line_item and r.user_id = s.user_id
  where s.superseded_by is null
  order by s.id for update of s
)
update released r set was = l.was from locked l where l.line_item = r.line_item and l.user_id = r.user_id`;

export const JUDGE_PAGE = `
select i.line, r.context, i.deployment, (select gate from deployments d where d.id = i.deployment) as gate, r.line_item as "lineItem", i.user_id as "userId",
  coalesce((r.was ->> 'revision')::integer, 0) <> i.expected_revision as "isOvertaken",
  case when b.action = 'restore' then i.more else backfill_value(r.was -> 'value', i.score_given, i.score_maximum, i.more,
    coalesce(l.score_maximum, t.score_maximum)) end as value,
  case b.action
    when 'correct' then coalesce(i.changed_at, b.created_at)
    when 'resend' then coalesce((r.was ->> 'changedAt')::timestamptz, b.created_at)
    else greatest(b.created_at, (r.was ->> 'changedAt')::timestamptz) end as "changedAt",
  b.action = 'resend' or i.seen_given is not null or coalesce(r.was ->> 'failureType' = 'BackfillWithdrawn', false) as force
from released r
join backfill_items i on i.backfill = :backfill and i.line = r.line
join backfills b on b.id = i.backfill
join backfill_targets t on t.backfill = i.backfill and t.target = i.target
left join line_items l on l.id = r.line_item
order by i.line`;

export const NOTE_RELEASED = `
with told as (
  select * from jsonb_to_recordset(:results::jsonb) as n(line integer, state text, score uuid, revision integer)
), noted as (
  update backfill_items i set state = n.state, score = coalesce(n.score, i.score), released_revision = n.revision,
    released_changed_at = s.changed_at, was = r.was, settled_at = case when n.state <> 'released' then now() end
  from told n left join scores s on s.id = n.score, released r
  where i.backfill = :backfill and i.line = n.line and r.line = n.line
)
update backfills set updated_at = now(),
  unsent = unsent - (select count(*) from told where state <> 'released')::int,
  overtaken = overtaken + (select count(*) from told where state = 'overtaken')::int,
  sent = sent + (select count(*) from told where state = 'there')::int
where id = :backfill and exists (select from told)`;
