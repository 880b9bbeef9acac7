export const sql = `
create table drifts (
  id bigint generated always as identity primary key,
  context uuid not null references contexts,
  line_item uuid not null references line_items,
  score uuid not null references scores,
  user_id text not null,
  kind text not null check (kind in ('missing', 'capped', 'rescaled', 'changed', 'userGone')),
  revision integer not null,
  score_given double precision,
  score_maximum double precision not null,
  result_score double precision,
  result_maximum double precision,
  found_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  resent_at timestamptz,
  ended_at timestamptz
);
create unique index drifts_open on drifts (score) where ended_at is null;
create index drifts_score on drifts (score);
create index drifts_context on drifts (context, id);
create index drifts_line_item on drifts (line_item, id);

alter table contexts add column results_read_at timestamptz;
alter table line_items add column results_read_at timestamptz;
create index scores_submitted on scores (line_item, id) where state = 'submitted';
`;
