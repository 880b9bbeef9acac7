/**
 * Who hears of what needs attention, what each was told, and in which messages. A message and its notices never change, so
 * that all tries of it say the same. The address is a secret too: Slack's has its credential in it.
 */
export const sql = `
create table notice_endpoints (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  origin text not null,
  url_ciphertext bytea not null,
  url_key_id text not null,
  format text not null check (format in ('standard-webhooks', 'slack')),
  kinds text[] not null,
  platforms text[],
  platform_id text,
  context_id text,
  description text,
  digest_minutes integer not null,
  digest_from timestamptz not null default now(),
  outcomes_at timestamptz not null default now(),
  outcomes_seq bigint not null default 0,
  looked_at timestamptz not null default now(),
  failures integer not null default 0,
  failing_since timestamptz,
  rest_until timestamptz,
  disabled_at timestamptz,
  disabled_by text check (disabled_by in ('operator', 'failures', 'gone')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((disabled_at is null) = (disabled_by is null)),
  check ((failures = 0) = (failing_since is null)),
  check (context_id is null or platform_id is not null)
);
comment on column notice_endpoints.platforms is 'Platform ids that whoever made it may see; null: all.';
comment on column notice_endpoints.looked_at is 'When it was last found out what it is to be told.';
comment on column notice_endpoints.outcomes_at is 'With outcomes_seq: until where changes of scores were read.';

create table notice_secrets (
  id uuid primary key default gen_random_uuid(),
  endpoint uuid not null references notice_endpoints on delete cascade,
  ciphertext bytea not null,
  encryption_key_id text not null,
  created_at timestamptz not null default now(),
  ends_at timestamptz
);
create index notice_secrets_endpoint on notice_secrets (endpoint);

create table open_notices (
  endpoint uuid not null references notice_endpoints on delete cascade,
  kind text not null,
  subject text not null,
  incident uuid not null default gen_random_uuid(),
  facts jsonb not null,
  since timestamptz not null,
  primary key (endpoint, kind, subject)
);

create table notice_deliveries (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  endpoint uuid not null references notice_endpoints on delete cascade,
  type text not null check (type in ('attention', 'digest', 'outcomes')),
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  last_status integer,
  last_failure text,
  last_tried_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null default now()
);
create index notice_deliveries_endpoint on notice_deliveries (endpoint, seq);
create index notice_deliveries_pending on notice_deliveries (endpoint, attempts, seq) where state = 'pending';
create index notice_deliveries_created_at on notice_deliveries (created_at);

create table notices (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  endpoint uuid not null references notice_endpoints on delete cascade,
  delivery uuid references notice_deliveries on delete cascade,
  kind text not null,
  status text not null check (status in ('needsAttention', 'recovered', 'told')),
  subject text not null,
  incident uuid,
  facts jsonb not null,
  since timestamptz not null,
  created_at timestamptz not null default now(),
  check ((status = 'told') = (incident is null))
);
comment on column notices.delivery is 'Null only within the transaction that makes it.';
create index notices_delivery on notices (delivery, seq);
create index notices_to_deliver on notices (endpoint, seq) where delivery is null;
create unique index notices_outcome on notices (endpoint, subject) where kind = 'scoreOutcome';
`;
