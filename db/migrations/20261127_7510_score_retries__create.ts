/**
 * Which scores an operator had tried again: a filter finds others afterwards than it did. Rows are only added, in weekly
 * partitions as evidence is, and dropped with them by `db/scores/attempt-weeks.ts`; each is followed by an attempt at least,
 * which is wider. Without foreign keys, as `score_revisions`.
 */
export const sql = `
create table score_retries (
  score uuid not null,
  at timestamptz not null default now(),
  operation uuid not null
) partition by range (at);
comment on column score_retries.operation is 'Of bulk_operations, where who did it and why stands.';

create index score_retries_score on score_retries (score);
create table score_retries_default partition of score_retries default;

select make_week('score_retries', 'at', now() + n * interval '168 hours') from generate_series(0, 8) as n;
`;
