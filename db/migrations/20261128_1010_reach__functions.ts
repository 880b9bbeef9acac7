/**
 * A reach (domain/reach.ts) is a list of platform ids and of entries for deployments. These are inlined, so that a list of
 * platforms alone costs what it did.
 */
export const sql = `
comment on column api_keys.platforms is 'Its reach: platform ids, and entries of deployments; null: all.';

create function deployment_entry(platform_id text, deployment_id text) returns text
language sql immutable parallel safe
as $$ select E'\\x1f' || length(platform_id) || ':' || platform_id || deployment_id $$;

create function platform_of_entry(entry text) returns text
language sql immutable parallel safe
as $$
  select case when left(entry, 1) = E'\\x1f'
    then substr(entry, position(':' in entry) + 1, substr(entry, 2, position(':' in entry) - 2)::integer) else entry end
$$;

create function platforms_of_reach(reach text[]) returns text[]
language sql immutable parallel safe
as $$ select array(select distinct platform_of_entry(entry) from unnest(reach) entry) $$;

create function is_reached(reach text[], platform_id text, deployment_id text) returns boolean
language sql immutable parallel safe
as $$
  select reach is null or (platform_id = any (reach) and left(platform_id, 1) <> E'\\x1f')
    or coalesce(deployment_entry(platform_id, deployment_id) = any (reach), false)
$$;

create function is_within_reach(inner_reach text[], reach text[]) returns boolean
language sql immutable parallel safe
as $$
  select reach is null or (inner_reach is not null and not exists (
    select from unnest(inner_reach) entry where entry <> all (reach)
      and (left(entry, 1) <> E'\\x1f' or platform_of_entry(entry) <> all (reach))))
$$;
`;
