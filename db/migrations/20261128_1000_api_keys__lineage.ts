/**
 * A key may end by itself, have earlier secrets that live on for a while, and belongs to whoever made it: one with an admin
 * key can make many, and is one person all the same.
 */
export const sql = `
alter table api_keys
  add column expires_at timestamptz,
  add column rotated_at timestamptz,
  add column is_bootstrap boolean not null default false,
  add column lineage uuid references api_keys;
comment on column api_keys.is_bootstrap is 'It came with the configuration, as BOOTSTRAP_API_KEY.';
comment on column api_keys.lineage is 'The first of those that made it one after the other, next to a bootstrap key; null: it is that one itself.';
create index api_keys_lineage on api_keys (lineage) where lineage is not null;

update api_keys set is_bootstrap = true where created_by is null and name = 'bootstrap';
with recursive family as (
  select k.id, k.id as first from api_keys k left join api_keys m on m.id = k.created_by
  where k.created_by is null or m.is_bootstrap
  union all
  select k.id, f.first from api_keys k join family f on f.id = k.created_by join api_keys m on m.id = k.created_by
  where not m.is_bootstrap
)
update api_keys k set lineage = f.first from family f where f.id = k.id and f.first <> k.id;

create table former_api_secrets (
  hash bytea primary key,
  api_key uuid not null references api_keys,
  expires_at timestamptz not null
);
comment on table former_api_secrets is 'What a key was before it was rotated, taken until then.';
create index former_api_secrets_api_key on former_api_secrets (api_key);
`;
