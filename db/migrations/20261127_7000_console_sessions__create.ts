/** Who is signed in to the console. As of an API key, only the hash of what the browser holds is kept. */
export const sql = `
create table console_sessions (
  id uuid primary key default gen_random_uuid(),
  hash bytea not null unique,
  api_key uuid not null references api_keys,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
comment on column console_sessions.last_seen_at is 'When a person last did something; what pages do by themselves does not count.';

create index console_sessions_api_key on console_sessions (api_key);
create index console_sessions_expires_at on console_sessions (expires_at);
`;
