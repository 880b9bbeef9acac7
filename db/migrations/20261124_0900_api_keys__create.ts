export const sql = `
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  hash bytea not null unique,
  hint text not null,
  scopes text[] not null,
  platforms text[],
  created_by uuid references api_keys,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);

create index api_keys_created_by on api_keys (created_by) where created_by is not null;

create table idempotency_keys (
  api_key uuid not null references api_keys,
  key text not null,
  request_hash bytea not null,
  status integer,
  content_type text,
  body text,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  primary key (api_key, key)
);

create index idempotency_keys_created_at on idempotency_keys (created_at);

create table audit_entries (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  api_key uuid references api_keys,
  action text not null,
  subject text not null,
  reason text,
  details jsonb
);

create index audit_entries_api_key on audit_entries (api_key);
`;
