/**
 * What the app needs the owner's rights for, as functions that run with these (`security definer`): its own role makes and
 * drops no table, and deletes nothing of what is only added. Each looks after itself, since whoever holds the app's password
 * may call it: a week that is younger than the shortest time that may be asked for (seven days) is never dropped.
 */
const WEEKLY = `(values ('attempts', 'started_at'), ('score_revisions', 'at'), ('score_retries', 'at'))`;

export const sql = `
create function assert_weekly(p_table text, p_moment text) returns void language plpgsql stable as $$
begin
  if not exists (select from ${WEEKLY} as weekly (name, moment) where name = p_table and moment = p_moment) then
    raise exception '% is not kept by weeks', p_table using errcode = 'invalid_parameter_value';
  end if;
end
$$;

create function oldest_kept_week(p_kept interval) returns timestamptz language plpgsql stable as $$
begin
  if p_kept < interval '7 days' then
    raise exception 'evidence is kept for seven days at least' using errcode = 'invalid_parameter_value';
  end if;
  return date_trunc('week', now() - p_kept, 'UTC');
end
$$;

create or replace function make_week(p_table text, p_moment text, p_at timestamptz) returns integer
language plpgsql security definer as $$
declare
  first timestamptz := date_trunc('week', p_at, 'UTC');
  next timestamptz := first + interval '168 hours';
  week text := p_table || '_' || to_char(first at time zone 'UTC', 'YYYYMMDD');
  moved integer;
begin
  perform assert_weekly(p_table, p_moment);
  if to_regclass(week) is not null then return null; end if;
  execute format('create table %I (like %I including all)', week, p_table);
  execute format('lock table %I in share row exclusive mode', p_table);
  perform set_config('passback.retention', 'on', true);
  execute format('with astray as (delete from %1$I where %2$I >= $1 and %2$I < $2 returning *)
    insert into %3$I select * from astray', p_table || '_default', p_moment, week) using first, next;
  get diagnostics moved = row_count;
  perform set_config('passback.retention', '', true);
  execute format('alter table %I attach partition %I for values from (%L) to (%L)', p_table, week, first, next);
  return moved;
end
$$;

create function drop_old_week(p_table text, p_moment text, p_kept interval) returns text
language plpgsql security definer as $$
declare
  week text;
begin
  perform assert_weekly(p_table, p_moment);
  select c.relname into week from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = p_table::regclass and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
    and substring(pg_get_expr(c.relpartbound, c.oid) from $re$FROM \\('([^']+)'\\)$re$)::timestamptz < oldest_kept_week(p_kept)
  order by c.relname limit 1;
  if week is not null then execute format('drop table %I', week); end if;
  return week;
end
$$;

create function delete_old_astray(p_table text, p_moment text, p_kept interval) returns void
language plpgsql security definer as $$
begin
  perform assert_weekly(p_table, p_moment);
  perform set_config('passback.retention', 'on', true);
  execute format('delete from %I where %I < $1', p_table || '_default', p_moment) using oldest_kept_week(p_kept);
  perform set_config('passback.retention', '', true);
end
$$;

create function analyze_backfill_items() returns void language plpgsql security definer as $$
begin
  analyze backfill_targets, backfill_items;
end
$$;

-- Names mean here what they mean to the owner, whatever tables the caller has made for himself.
alter function make_week set search_path = public, pg_temp;
alter function drop_old_week set search_path = public, pg_temp;
alter function delete_old_astray set search_path = public, pg_temp;
alter function analyze_backfill_items set search_path = public, pg_temp;

revoke execute on function make_week, drop_old_week, delete_old_astray, analyze_backfill_items from public;
`;
