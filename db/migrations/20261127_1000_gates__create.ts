/**
 * Limits and breaker belong to a gate: what shares them. That is the platform, or one deployment of it where one
 * registration serves many institutions.
 */
export const sql = `
create table gates (
  id uuid primary key default gen_random_uuid(),
  platform uuid not null references platforms,
  deployment_id text,
  in_flight_cap integer not null check (in_flight_cap >= 1),
  in_flight_max integer not null check (in_flight_max >= in_flight_cap),
  rate_per_second real check (rate_per_second > 0),
  tokens real not null default 0,
  tokens_at timestamptz not null default now(),
  cap_changed_at timestamptz not null default now(),
  blocked_until timestamptz,
  failures_in_row integer not null default 0,
  breaker text not null default 'closed' check (breaker in ('closed', 'open', 'halfOpen')),
  breaker_type text,
  breaker_opened_at timestamptz,
  breaker_times integer not null default 0,
  probe_until timestamptz,
  created_at timestamptz not null default now(),
  unique nulls not distinct (platform, deployment_id)
);
comment on column gates.deployment_id is 'Null: all deployments of the platform that have no gate of their own.';

alter table platforms add column limit_by text check (limit_by in ('platform', 'deployment'));
comment on column platforms.limit_by is 'Null: as the family has it.';

insert into gates (platform, deployment_id, in_flight_cap, in_flight_max, rate_per_second)
select distinct on (p.id, name.deployment_id) p.id, name.deployment_id, l.in_flight_max, l.in_flight_max, l.rate_per_second
from platform_limits l join deployments d on d.id = l.deployment join platforms p on p.id = d.platform
cross join lateral (select case when p.family = 'blackboard' then d.deployment_id end as deployment_id) name
order by p.id, name.deployment_id, d.created_at;

alter table deployments add column gate uuid references gates;
update deployments d set gate = g.id from platforms p, gates g
where p.id = d.platform and g.platform = p.id
  and g.deployment_id is not distinct from case when p.family = 'blackboard' then d.deployment_id end;
alter table deployments alter column gate set not null;
create index deployments_gate on deployments (gate);

drop function take_permits;
drop function note_platform_failures;
drop function note_platform_success;
drop table permits;
drop table platform_limits;
`;
