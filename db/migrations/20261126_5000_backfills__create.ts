export const sql = `
create table backfills (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity unique,
  api_key uuid not null references api_keys,
  author text not null,
  reason text not null,
  source text not null check (source in ('upload', 'filter', 'undo')),
  action text not null check (action in ('correct', 'resend', 'recompute', 'restore')),
  parameters jsonb not null default '{}',
  undo_of uuid references backfills,
  dry_run boolean not null default false,
  release_by text not null default 'approval' check (release_by in ('approval', 'preview')),
  queue_behind boolean not null default false,
  reads_back boolean not null default false,
  state text not null check (state in ('receiving', 'queued', 'previewing', 'awaitingApproval', 'releasing', 'paused',
    'cancelling', 'finished', 'cancelled', 'failed')),
  failure_type text,
  failure_detail text,
  blocked_by uuid references backfills,
  idempotency_key text,
  request_hash bytea,
  upload jsonb,
  preview jsonb,
  preview_step jsonb not null default '{}',
  approval_scores integer not null,
  approval_drop double precision not null,
  needs_approval boolean,
  approved_by uuid references api_keys,
  approved_at timestamptz,
  per_second real check (per_second > 0),
  lines integer not null default 0,
  to_send integer not null default 0,
  sent integer not null default 0,
  rejected integer not null default 0,
  overtaken integer not null default 0,
  unsent integer not null default 0,
  rate_per_second real not null default 0,
  rate_at timestamptz,
  rate_sent integer not null default 0,
  created_at timestamptz not null default now(),
  received_at timestamptz not null default now(),
  released_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  check ((state = 'failed') = (failure_type is not null)),
  check ((source = 'undo') = (undo_of is not null))
);
create unique index backfills_idempotency on backfills (api_key, idempotency_key) where idempotency_key is not null;
create index backfills_active on backfills (updated_at) where state not in ('finished', 'cancelled', 'failed');
create index backfills_undo_of on backfills (undo_of) where undo_of is not null;
create index backfills_blocked_by on backfills (blocked_by) where blocked_by is not null;
create index backfills_approved_by on backfills (approved_by) where approved_by is not null;

create table backfill_targets (
  backfill uuid not null references backfills,
  target integer not null,
  platform_id text not null,
  deployment_id text,
  context_id text not null,
  line_item_id text,
  resource_link_id text,
  resource_id text,
  tag text,
  label text,
  score_maximum double precision,
  name_hash bytea not null,
  deployment uuid references deployments,
  context uuid references contexts,
  line_item uuid references line_items,
  cell integer,
  problem text,
  blocked text,
  read_at timestamptz,
  counts jsonb,
  primary key (backfill, target),
  unique (backfill, name_hash)
);
create index backfill_targets_context on backfill_targets (context);
create index backfill_targets_deployment on backfill_targets (deployment);
create index backfill_targets_line_item on backfill_targets (line_item);

create table backfill_items (
  backfill uuid not null,
  line integer not null,
  target integer not null,
  expected_revision integer,
  other_line integer,
  deployment uuid,
  score uuid,
  score_given double precision,
  score_maximum double precision,
  before_given double precision,
  before_maximum double precision,
  seen_given double precision,
  delta real,
  changed_at timestamptz,
  released_revision integer,
  released_changed_at timestamptz,
  settled_at timestamptz,
  user_id text not null,
  state text not null default 'staged' check (state in ('staged', 'skipped', 'pending', 'released', 'sent', 'there',
    'rejected', 'held', 'overtaken', 'unsent')),
  kind text check (kind in ('raised', 'lowered', 'unchanged', 'given', 'amended', 'blocked', 'refused', 'repeated')),
  reason text,
  more jsonb,
  was jsonb,
  primary key (backfill, line)
) with (fillfactor = 60);
create index backfill_items_open on backfill_items (backfill, state, deployment, line)
  where state in ('pending', 'released');

create table backfill_problems (
  backfill uuid not null references backfills,
  line integer not null,
  type text not null,
  detail text not null,
  primary key (backfill, line)
);
`;
