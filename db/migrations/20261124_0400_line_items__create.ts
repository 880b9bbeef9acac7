export const sql = `
create table line_items (
  id uuid primary key default gen_random_uuid(),
  context uuid not null references contexts,
  line_item_id text,
  resource_link_id text,
  resource_id text,
  tag text,
  label text,
  score_maximum double precision check (score_maximum > 0),
  verified_at timestamptz,
  create_reserved_at timestamptz,
  merged_into uuid references line_items,
  parked_type text,
  parked_detail text,
  parked_at timestamptz,
  parked_until timestamptz,
  parked_times integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (line_item_id is not null or resource_link_id is not null or resource_id is not null),
  check ((parked_type is null) = (parked_at is null))
);

create index line_items_context on line_items (context, created_at);
create unique index line_items_known on line_items (context, line_item_id)
  where line_item_id is not null and merged_into is null;
create unique index line_items_wanted_by_link on line_items (context, resource_link_id)
  where line_item_id is null and resource_id is null and merged_into is null;
create unique index line_items_wanted_by_resource on line_items (context, resource_id, coalesce(tag, ''))
  where line_item_id is null and resource_id is not null and merged_into is null;
create index line_items_merged_into on line_items (merged_into) where merged_into is not null;
`;
