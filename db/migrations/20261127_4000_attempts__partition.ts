/**
 * Evidence in weekly partitions, which begin on Mondays in UTC, so that old evidence is dropped by the table. Without a
 * foreign key and a number of its own: a row costs one insertion into one index. `db/scores/attempt-weeks.ts` makes the
 * coming weeks and drops the old ones.
 *
 * A week is made beside the table and attached, since `create table … partition of` locks out readers too, and is
 * refused while the default partition holds rows of that week. Whoever inserts meanwhile waits: an insert that had already
 * been sent to the default partition would fail there once the week is attached.
 */
export const sql = `
drop index attempts_score;
alter table attempts rename to attempts_before;

create table attempts (
  score uuid not null,
  revision integer not null,
  kind text not null constraint attempts_kind_check check (kind in ('submit', 'readBack')),
  outcome text not null constraint attempts_outcome_check
    check (outcome in ('submitted', 'rejected', 'retryable', 'unknown', 'confirmed', 'absent', 'held')),
  status integer,
  failure_type text,
  code text,
  excerpt text,
  started_at timestamptz not null,
  duration_ms integer not null,
  service_key uuid,
  workflow_run text,
  lane_token integer not null
) partition by range (started_at);

create index attempts_score on attempts (score, started_at);
create table attempts_default partition of attempts default;

create function make_attempts_week(p_at timestamptz) returns integer language plpgsql as $$
declare
  first timestamptz := date_trunc('week', p_at, 'UTC');
  next timestamptz := first + interval '168 hours';
  week text := 'attempts_' || to_char(first at time zone 'UTC', 'YYYYMMDD');
  moved integer;
begin
  if to_regclass(week) is not null then return null; end if;
  execute format('create table %I (like attempts including all)', week);
  lock table attempts in share row exclusive mode;
  execute format('with astray as (delete from attempts_default where started_at >= $1 and started_at < $2 returning *)
    insert into %I select * from astray', week) using first, next;
  get diagnostics moved = row_count;
  execute format('alter table attempts attach partition %I for values from (%L) to (%L)', week, first, next);
  return moved;
end
$$;

select make_attempts_week(week) from (
  select now() + n * interval '168 hours' as week from generate_series(0, 8) as n
  union
  select distinct date_trunc('week', started_at, 'UTC') from attempts_before
) as weeks;

insert into attempts (score, revision, kind, outcome, status, failure_type, code, excerpt, started_at, duration_ms,
  service_key, workflow_run, lane_token)
select score, revision, kind, outcome, status, failure_type, code, excerpt, started_at, duration_ms, service_key,
  workflow_run, lane_token
from attempts_before order by id;
drop table attempts_before;
`;
