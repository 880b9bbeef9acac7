/**
 * From whom each revision of a score came, and what it replaced: rows are only added, in weekly partitions as evidence is
 * (20261127_4000_attempts__partition), and dropped with them by `db/scores/attempt-weeks.ts`. A new score costs one narrow row
 * in one index: its value stands in `scores`, and in the `was` of the revision after it. Without a foreign key, so that a
 * score that a backfill made and took back leaves its story.
 *
 * `make_attempts_week` is called by processes of the release before while they are replaced.
 */
export const sql = `
create table score_revisions (
  score uuid not null,
  at timestamptz not null default now(),
  changed_at timestamptz not null,
  origin_id uuid,
  request_id uuid,
  revision integer not null,
  source text not null constraint score_revisions_source_check
    check (source in ('apiKey', 'event', 'backfill', 'backfillWithdrawn', 'scoreSource', 'unknown')),
  was jsonb
) partition by range (at);
comment on column score_revisions.was is 'The value that this revision replaced; null: there was none.';

create index score_revisions_score on score_revisions (score, revision);
create table score_revisions_default partition of score_revisions default;

create function make_week(p_table text, p_moment text, p_at timestamptz) returns integer language plpgsql as $$
declare
  first timestamptz := date_trunc('week', p_at, 'UTC');
  next timestamptz := first + interval '168 hours';
  week text := p_table || '_' || to_char(first at time zone 'UTC', 'YYYYMMDD');
  moved integer;
begin
  if to_regclass(week) is not null then return null; end if;
  execute format('create table %I (like %I including all)', week, p_table);
  execute format('lock table %I in share row exclusive mode', p_table);
  execute format('with astray as (delete from %1$I where %2$I >= $1 and %2$I < $2 returning *)
    insert into %3$I select * from astray', p_table || '_default', p_moment, week) using first, next;
  get diagnostics moved = row_count;
  execute format('alter table %I attach partition %I for values from (%L) to (%L)', p_table, week, first, next);
  return moved;
end
$$;

create or replace function make_attempts_week(p_at timestamptz) returns integer
language sql as $$ select make_week('attempts', 'started_at', p_at) $$;

select make_week('score_revisions', 'at', now() + n * interval '168 hours') from generate_series(0, 8) as n;
`;
