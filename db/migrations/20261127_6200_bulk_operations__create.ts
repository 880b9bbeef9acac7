/** What operators do to many rows, page by page: where each stands, and what it has done. `act` is db/bulk/acts.ts's. */
export const sql = `
create table bulk_operations (
  id uuid primary key,
  seq bigint generated always as identity unique,
  act jsonb not null,
  platforms text[],
  api_key uuid references api_keys,
  reason text,
  state text not null default 'running' check (state in ('running', 'completed', 'cancelled', 'failed')),
  next_page text not null default '0',
  acted int not null default 0,
  skipped int not null default 0,
  failed int not null default 0,
  details jsonb not null default '{}',
  failure text,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((state = 'running') = (ended_at is null))
);
create index bulk_operations_api_key on bulk_operations (api_key);
create index bulk_operations_running on bulk_operations (updated_at) where ended_at is null;
`;
