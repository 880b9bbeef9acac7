export const sql = `
create table contexts (
  id uuid primary key default gen_random_uuid(),
  deployment uuid not null references deployments,
  context_id text not null,
  title text,
  lane_token integer not null default 0,
  lane_holder integer,
  lane_expires_at timestamptz,
  tended_until timestamptz,
  last_attempted_at timestamptz,
  line_items_read_at timestamptz,
  roster_read integer not null default 0,
  roster_read_at timestamptz,
  parked_type text,
  parked_detail text,
  parked_at timestamptz,
  parked_until timestamptz,
  parked_times integer not null default 0,
  created_at timestamptz not null default now(),
  unique (deployment, context_id),
  check ((lane_holder is null) = (lane_expires_at is null)),
  check ((parked_type is null) = (parked_at is null))
);

create index contexts_parked on contexts (parked_type) where parked_type is not null;

create table resource_links (
  id uuid primary key default gen_random_uuid(),
  context uuid not null references contexts,
  resource_link_id text not null,
  title text,
  created_at timestamptz not null default now(),
  unique (context, resource_link_id)
);
`;
