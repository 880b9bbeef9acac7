/**
 * People who asked for their data, or to be erased. A request holds the user id encrypted, and only while it is under way;
 * what stays of an erasure is a tombstone, which says nothing without the installation's own key of the HMAC.
 */
export const sql = `
create table person_hmac_keys (
  id smallint primary key default 1 check (id = 1),
  ciphertext bytea not null,
  data_key uuid not null references data_keys,
  created_at timestamptz not null default now()
);
comment on table person_hmac_keys is 'One row: 32 random bytes, sealed by the vault. Never made anew, or no tombstone is known any more.';

create index person_hmac_keys_data_key on person_hmac_keys (data_key);

create table person_requests (
  id uuid primary key,
  seq bigint generated always as identity unique,
  kind text not null check (kind in ('export', 'erase')),
  platform uuid not null references platforms,
  deployment uuid references deployments,
  subject bytea,
  data_key uuid references data_keys,
  api_key uuid not null references api_keys,
  reason text not null,
  state text not null default 'running' check (state in ('running', 'completed', 'failed')),
  step text not null,
  next_page text not null default '0',
  round integer not null default 1,
  horizon xid8,
  in_flight integer not null default 0,
  counts jsonb not null default '{}',
  failure text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((subject is null) = (data_key is null)),
  check ((state = 'running') = (ended_at is null))
);
comment on column person_requests.deployment is 'Null: all of the platform.';
comment on column person_requests.subject is 'The user id, encrypted; null once the request has ended.';
comment on column person_requests.horizon is 'Transactions older than this one may not have seen what was committed before the step.';
create index person_requests_running on person_requests (updated_at) where ended_at is null;
create index person_requests_data_key on person_requests (data_key) where data_key is not null;
create index person_requests_api_key on person_requests (api_key);
create index person_requests_platform on person_requests (platform, seq);
create index person_requests_deployment on person_requests (deployment) where deployment is not null;

create table person_request_columns (
  request uuid not null references person_requests on delete cascade,
  line_item uuid not null references line_items,
  is_certain boolean not null,
  primary key (request, line_item)
);
comment on table person_request_columns is 'Columns of the LMS that hold, or may hold, a grade of who was erased.';
create index person_request_columns_line_item on person_request_columns (line_item);

create table person_export_parts (
  request uuid not null references person_requests on delete cascade,
  part integer not null,
  ciphertext bytea not null,
  data_key uuid not null references data_keys,
  created_at timestamptz not null default now(),
  primary key (request, part)
);
create index person_export_parts_data_key on person_export_parts (data_key);
create index person_export_parts_created_at on person_export_parts (created_at);

create table person_tombstones (
  id uuid primary key default gen_random_uuid(),
  platform uuid not null references platforms,
  deployment uuid references deployments,
  digest bytea not null,
  request uuid not null references person_requests,
  erased_at timestamptz not null default now(),
  unique nulls not distinct (platform, digest, deployment)
);
comment on column person_tombstones.digest is 'HMAC of platform and user id under the key of person_hmac_keys.';
create index person_tombstones_request on person_tombstones (request);
create index person_tombstones_deployment on person_tombstones (deployment) where deployment is not null;

create index memberships_user on memberships (user_id);
create index membership_changes_user on membership_changes (user_id);
create index webhook_references_user on webhook_references (user_id);
`;
