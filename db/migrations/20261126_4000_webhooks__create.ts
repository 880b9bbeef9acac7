/**
 * Events in `stored` and `unmatched` are looked at when `look_at` has come; `infinity` waits for a reference. A null body
 * is one that is no longer kept.
 */
export const sql = `
create table webhook_sources (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  platforms text[],
  disabled boolean not null default false,
  verification jsonb not null,
  mapping jsonb not null,
  limits jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table webhook_secrets (
  id uuid primary key default gen_random_uuid(),
  source uuid not null references webhook_sources on delete cascade,
  ciphertext bytea not null,
  encryption_key_id text not null,
  created_at timestamptz not null default now()
);

create index webhook_secrets_source on webhook_secrets (source, created_at);

create table webhook_references (
  source uuid not null references webhook_sources on delete cascade,
  reference text not null,
  context uuid not null references contexts,
  line_item uuid not null references line_items,
  user_id text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (source, reference)
);

create index webhook_references_context on webhook_references (context);
create index webhook_references_line_item on webhook_references (line_item);
create index webhook_references_expires_at on webhook_references (expires_at);

create table webhook_events (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  source uuid not null references webhook_sources on delete cascade,
  event_id text not null,
  digest bytea not null,
  repeats integer not null default 0,
  differing integer not null default 0,
  body bytea,
  encryption_key_id text,
  state text not null default 'stored'
    check (state in ('stored', 'scored', 'ignored', 'unmatched', 'expired', 'invalid')),
  state_since timestamptz not null default now(),
  look_at timestamptz not null default now(),
  tries integer not null default 0,
  reason text,
  reason_fact text,
  reason_pointer text,
  reason_detail text,
  facts jsonb not null default '{}',
  reference text,
  score uuid references scores,
  revision integer,
  outcome text check (outcome in ('accepted', 'unchanged', 'superseded')),
  received_at timestamptz not null default now(),
  unique (source, event_id),
  check ((body is null) = (encryption_key_id is null)),
  check (state <> 'scored' or score is not null),
  check ((score is null) = (outcome is null))
) with (fillfactor = 80);

create index webhook_events_to_look_at on webhook_events (look_at, seq) where state in ('stored', 'unmatched');
create index webhook_events_unmatched on webhook_events (source, reference) where state = 'unmatched';
create index webhook_events_source on webhook_events (source, seq);
create index webhook_events_received_at on webhook_events (received_at);
create index webhook_events_score on webhook_events (score) where score is not null;
create index webhook_events_troubled on webhook_events (state_since) where state in ('expired', 'invalid');
create index webhook_events_differing on webhook_events (source) where differing > 0;
`;
