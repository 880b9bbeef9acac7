/**
 * A value's data key is a reference, so that none is deleted while something is encrypted under it. What a former release
 * encrypted has no data key, and a migration has no keys to decrypt it with: it is refused, and nothing of it is lost.
 */
export const sql = `
do $$ begin
  if exists (select from service_keys) or exists (select from webhook_secrets) or exists (select from notice_endpoints)
    or exists (select from webhook_events where body is not null) then
    raise exception using errcode = 'PB001', message = 'the database holds values that were encrypted without data keys';
  end if;
end $$;

create table data_keys (
  id uuid primary key,
  platform uuid references platforms,
  wrapped bytea not null,
  wrapped_by text not null check (length(wrapped_by) <= 200),
  created_at timestamptz not null default now(),
  rewrapped_at timestamptz,
  retired_at timestamptz
);
comment on column data_keys.platform is 'Null: of the installation, for what belongs to no platform.';
comment on column data_keys.wrapped_by is 'Name of the key of the ring, or of the KMS.';
comment on column data_keys.retired_at is 'Since when it only decrypts.';
create unique index data_keys_current on data_keys (platform) nulls not distinct where retired_at is null;
create index data_keys_wrapped_by on data_keys (wrapped_by, id);

create table key_rotations (
  id bigint primary key generated always as identity,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
comment on table key_rotations is 'Replacements of data keys: those made before one began are to be replaced by it.';
create unique index key_rotations_open on key_rotations ((true)) where ended_at is null;

alter table service_keys drop column encryption_key_id, add column data_key uuid not null references data_keys;
create index service_keys_data_key on service_keys (data_key);
alter table webhook_secrets drop column encryption_key_id, add column data_key uuid not null references data_keys;
create index webhook_secrets_data_key on webhook_secrets (data_key);
alter table webhook_events drop column encryption_key_id, add column data_key uuid references data_keys,
  add constraint webhook_events_body_check check ((body is null) = (data_key is null));
create index webhook_events_data_key on webhook_events (data_key) where data_key is not null;
alter table notice_endpoints drop column url_key_id, add column url_data_key uuid not null references data_keys;
create index notice_endpoints_url_data_key on notice_endpoints (url_data_key);
alter table notice_secrets drop column encryption_key_id, add column data_key uuid not null references data_keys;
create index notice_secrets_data_key on notice_secrets (data_key);

-- Answers of the last day; what they answered is done.
delete from idempotency_keys where body is not null;
alter table idempotency_keys drop column body, add column body bytea, add column data_key uuid references data_keys,
  add constraint idempotency_keys_body_check check ((body is null) = (data_key is null));
create index idempotency_keys_data_key on idempotency_keys (data_key) where data_key is not null;
`;
