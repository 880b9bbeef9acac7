export const sql = `
create table runs (
  -- Of a pass in Temporal: the id of its first workflow run, so that opening it twice makes one row.
  id uuid primary key,
  seq bigint generated always as identity unique,
  kind text not null check (kind in ('nightly', 'rosters', 'reconcile', 'sync')),
  trigger text not null check (trigger in ('schedule', 'operator', 'api', 'webhook', 'backfill')),
  reason text,
  workflow_id text,
  state text not null default 'running' check (state in ('running', 'completed', 'incomplete', 'failed')),
  trouble text[] not null default '{}',
  source jsonb,
  -- Scores that became due after this are not waited for.
  due_before timestamptz,
  started_at timestamptz not null default now(),
  ends_by timestamptz not null,
  ended_at timestamptz,
  check ((state = 'running') = (ended_at is null))
);
create unique index runs_live on runs (kind) where ended_at is null and kind <> 'sync';
create index runs_kind on runs (kind, started_at);
create table run_contexts (
  run uuid not null references runs (id) on delete cascade,
  context uuid not null references contexts (id),
  asked_at timestamptz not null default now(),
  -- Whether its actor is woken at all: nothing of what waits can move otherwise.
  is_poked boolean not null,
  poked_at timestamptz,
  settled_at timestamptz,
  submitted integer not null default 0,
  rejected integer not null default 0,
  waiting integer not null default 0,
  waiting_for jsonb not null default '{}',
  failure text,
  primary key (run, context)
);
create index run_contexts_context on run_contexts (context);
create index audit_entries_subject on audit_entries (subject, action, id);
create index run_contexts_open on run_contexts (run) where settled_at is null;
`;
