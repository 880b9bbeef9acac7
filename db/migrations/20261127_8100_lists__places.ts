/**
 * Lists of events, backfills and runs are asked for those of one platform or deployment. An event keeps where it led: its
 * facts may leave out what its reference or its score knows.
 */
export const sql = `
alter table webhook_events add column platform_id text, add column deployment_id text;
comment on column webhook_events.platform_id is 'Of its score or reference, else as it says.';
comment on column webhook_events.deployment_id is 'Of its score or reference, else as it says.';
update webhook_events e set platform_id = known.platform_id, deployment_id = known.deployment_id
from (
  select w.id, coalesce(p.platform_id, w.facts ->> 'platformId') as platform_id,
    coalesce(d.deployment_id, w.facts ->> 'deploymentId') as deployment_id
  from webhook_events w
  left join webhook_references r on r.source = w.source and r.reference = w.reference
  left join scores s on s.id = w.score
  left join contexts c on c.id = coalesce(s.context, r.context)
  left join deployments d on d.id = c.deployment left join platforms p on p.id = d.platform
) known
where known.id = e.id and known.platform_id is not null;
create index webhook_events_platform on webhook_events (platform_id, seq);
create index webhook_events_deployment on webhook_events (deployment_id, seq) where deployment_id is not null;
create index webhook_events_placeless on webhook_events (source, seq) where platform_id is null;
create index backfill_targets_platform on backfill_targets (platform_id, backfill);
`;
