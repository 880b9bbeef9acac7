export const sql = `
create table scores (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  context uuid not null references contexts,
  line_item uuid not null references line_items,
  user_id text not null,
  revision integer not null default 1 check (revision >= 1),
  value jsonb not null,
  changed_at timestamptz not null,
  state text not null default 'due'
    check (state in ('due', 'sending', 'unknown', 'submitted', 'rejected', 'superseded')),
  priority smallint not null,
  awaits_nightly boolean not null default false,
  forced boolean not null default false,
  due_at timestamptz not null default now(),
  not_before timestamptz not null default now(),
  tries integer not null default 0,
  sending jsonb,
  sending_revision integer,
  sending_at timestamptz,
  lane_token integer,
  submitted jsonb,
  submitted_revision integer,
  submitted_at timestamptz,
  failure_type text,
  failure_detail text,
  superseded_by uuid references scores,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((value ->> 'scoreMaximum')::double precision > 0),
  check ((value ->> 'scoreGiven')::double precision >= 0),
  check ((state in ('sending', 'unknown')) = (sending is not null)),
  check ((sending is null) = (sending_revision is null)),
  check (state <> 'submitted' or submitted_revision = revision),
  check (state <> 'rejected' or failure_type is not null),
  check ((state = 'superseded') = (superseded_by is not null))
) with (fillfactor = 80);

create unique index scores_current on scores (line_item, user_id) where state <> 'superseded';
create index scores_due on scores (context, priority, due_at) where state = 'due';
create index scores_unsettled on scores (context) where state in ('sending', 'unknown');
create index scores_context on scores (context, seq);
create index scores_user on scores (user_id);
create index scores_superseded_by on scores (superseded_by) where superseded_by is not null;
`;
