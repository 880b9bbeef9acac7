-- What the migrations make, for reading. Written by test/db/schema.test.ts, which says how.

create table api_keys (
  id uuid not null default gen_random_uuid(),
  name text not null,
  hash bytea not null,
  hint text not null,
  scopes text[] not null,
  platforms text[],
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_hash_key UNIQUE (hash),
  constraint api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES api_keys(id)
);
CREATE INDEX api_keys_created_by ON public.api_keys USING btree (created_by) WHERE (created_by IS NOT NULL);

create table attempts (
  score uuid not null,
  revision integer not null,
  kind text not null,
  outcome text not null,
  status integer,
  failure_type text,
  code text,
  excerpt text,
  started_at timestamp with time zone not null,
  duration_ms integer not null,
  service_key uuid,
  workflow_run text,
  lane_token integer not null,
  constraint attempts_kind_check CHECK ((kind = ANY (ARRAY['submit'::text, 'readBack'::text]))),
  constraint attempts_outcome_check CHECK ((outcome = ANY (ARRAY['submitted'::text, 'rejected'::text, 'retryable'::text, 'unknown'::text, 'confirmed'::text, 'absent'::text, 'held'::text])))
) partition by RANGE (started_at);
CREATE INDEX attempts_score ON ONLY public.attempts USING btree (score, started_at);
create table attempts_default partition of attempts default;

create table audit_entries (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default now(),
  api_key uuid,
  action text not null,
  subject text not null,
  reason text,
  details jsonb,
  constraint audit_entries_pkey PRIMARY KEY (id),
  constraint audit_entries_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id)
);
CREATE INDEX audit_entries_api_key ON public.audit_entries USING btree (api_key);
CREATE INDEX audit_entries_subject ON public.audit_entries USING btree (subject, action, id);

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
  changed_at timestamp with time zone,
  released_revision integer,
  released_changed_at timestamp with time zone,
  settled_at timestamp with time zone,
  user_id text not null,
  state text not null default 'staged'::text,
  kind text,
  reason text,
  more jsonb,
  was jsonb,
  constraint backfill_items_pkey PRIMARY KEY (backfill, line),
  constraint backfill_items_kind_check CHECK ((kind = ANY (ARRAY['raised'::text, 'lowered'::text, 'unchanged'::text, 'given'::text, 'amended'::text, 'blocked'::text, 'refused'::text, 'repeated'::text]))),
  constraint backfill_items_state_check CHECK ((state = ANY (ARRAY['staged'::text, 'skipped'::text, 'pending'::text, 'released'::text, 'sent'::text, 'there'::text, 'rejected'::text, 'held'::text, 'overtaken'::text, 'unsent'::text])))
) with (fillfactor=60);
CREATE INDEX backfill_items_open ON public.backfill_items USING btree (backfill, state, deployment, line) WHERE (state = ANY (ARRAY['pending'::text, 'released'::text]));

create table backfill_problems (
  backfill uuid not null,
  line integer not null,
  type text not null,
  detail text not null,
  constraint backfill_problems_pkey PRIMARY KEY (backfill, line),
  constraint backfill_problems_backfill_fkey FOREIGN KEY (backfill) REFERENCES backfills(id)
);

create table backfill_targets (
  backfill uuid not null,
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
  deployment uuid,
  context uuid,
  line_item uuid,
  cell integer,
  problem text,
  blocked text,
  read_at timestamp with time zone,
  counts jsonb,
  constraint backfill_targets_pkey PRIMARY KEY (backfill, target),
  constraint backfill_targets_backfill_name_hash_key UNIQUE (backfill, name_hash),
  constraint backfill_targets_backfill_fkey FOREIGN KEY (backfill) REFERENCES backfills(id),
  constraint backfill_targets_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint backfill_targets_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint backfill_targets_line_item_fkey FOREIGN KEY (line_item) REFERENCES line_items(id)
);
CREATE INDEX backfill_targets_context ON public.backfill_targets USING btree (context);
CREATE INDEX backfill_targets_deployment ON public.backfill_targets USING btree (deployment);
CREATE INDEX backfill_targets_line_item ON public.backfill_targets USING btree (line_item);

create table backfills (
  id uuid not null default gen_random_uuid(),
  seq bigint not null generated always as identity,
  api_key uuid not null,
  author text not null,
  reason text not null,
  source text not null,
  action text not null,
  parameters jsonb not null default '{}'::jsonb,
  undo_of uuid,
  dry_run boolean not null default false,
  release_by text not null default 'approval'::text,
  queue_behind boolean not null default false,
  reads_back boolean not null default false,
  state text not null,
  failure_type text,
  failure_detail text,
  blocked_by uuid,
  idempotency_key text,
  request_hash bytea,
  upload jsonb,
  preview jsonb,
  preview_step jsonb not null default '{}'::jsonb,
  approval_scores integer not null,
  approval_drop double precision not null,
  needs_approval boolean,
  approved_by uuid,
  approved_at timestamp with time zone,
  per_second real,
  lines integer not null default 0,
  to_send integer not null default 0,
  sent integer not null default 0,
  rejected integer not null default 0,
  overtaken integer not null default 0,
  unsent integer not null default 0,
  rate_per_second real not null default 0,
  rate_at timestamp with time zone,
  rate_sent integer not null default 0,
  created_at timestamp with time zone not null default now(),
  received_at timestamp with time zone not null default now(),
  released_at timestamp with time zone,
  finished_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  constraint backfills_pkey PRIMARY KEY (id),
  constraint backfills_seq_key UNIQUE (seq),
  constraint backfills_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id),
  constraint backfills_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES api_keys(id),
  constraint backfills_blocked_by_fkey FOREIGN KEY (blocked_by) REFERENCES backfills(id),
  constraint backfills_undo_of_fkey FOREIGN KEY (undo_of) REFERENCES backfills(id),
  constraint backfills_action_check CHECK ((action = ANY (ARRAY['correct'::text, 'resend'::text, 'recompute'::text, 'restore'::text]))),
  constraint backfills_check CHECK (((state = 'failed'::text) = (failure_type IS NOT NULL))),
  constraint backfills_check1 CHECK (((source = 'undo'::text) = (undo_of IS NOT NULL))),
  constraint backfills_per_second_check CHECK ((per_second > (0)::double precision)),
  constraint backfills_release_by_check CHECK ((release_by = ANY (ARRAY['approval'::text, 'preview'::text]))),
  constraint backfills_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'filter'::text, 'undo'::text]))),
  constraint backfills_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'queued'::text, 'previewing'::text, 'awaitingApproval'::text, 'releasing'::text, 'paused'::text, 'cancelling'::text, 'finished'::text, 'cancelled'::text, 'failed'::text])))
);
CREATE INDEX backfills_active ON public.backfills USING btree (updated_at) WHERE (state <> ALL (ARRAY['finished'::text, 'cancelled'::text, 'failed'::text]));
CREATE INDEX backfills_approved_by ON public.backfills USING btree (approved_by) WHERE (approved_by IS NOT NULL);
CREATE INDEX backfills_blocked_by ON public.backfills USING btree (blocked_by) WHERE (blocked_by IS NOT NULL);
CREATE UNIQUE INDEX backfills_idempotency ON public.backfills USING btree (api_key, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX backfills_undo_of ON public.backfills USING btree (undo_of) WHERE (undo_of IS NOT NULL);

create table contexts (
  id uuid not null default gen_random_uuid(),
  deployment uuid not null,
  context_id text not null,
  title text,
  lane_token integer not null default 0,
  lane_holder integer,
  lane_expires_at timestamp with time zone,
  tended_until timestamp with time zone,
  last_attempted_at timestamp with time zone,
  line_items_read_at timestamp with time zone,
  roster_read integer not null default 0,
  roster_read_at timestamp with time zone,
  parked_type text,
  parked_detail text,
  parked_at timestamp with time zone,
  parked_until timestamp with time zone,
  parked_times integer not null default 0,
  created_at timestamp with time zone not null default now(),
  grade_policy text not null default 'toolWins'::text,
  results_read_at timestamp with time zone,
  constraint contexts_pkey PRIMARY KEY (id),
  constraint contexts_deployment_context_id_key UNIQUE (deployment, context_id),
  constraint contexts_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint contexts_check CHECK (((lane_holder IS NULL) = (lane_expires_at IS NULL))),
  constraint contexts_check1 CHECK (((parked_type IS NULL) = (parked_at IS NULL))),
  constraint contexts_grade_policy_check CHECK ((grade_policy = ANY (ARRAY['toolWins'::text, 'humanWins'::text, 'ask'::text])))
);
CREATE INDEX contexts_parked ON public.contexts USING btree (parked_type) WHERE (parked_type IS NOT NULL);

create table deployments (
  id uuid not null default gen_random_uuid(),
  platform uuid not null,
  deployment_id text not null,
  created_at timestamp with time zone not null default now(),
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployments_platform_deployment_id_key UNIQUE (platform, deployment_id),
  constraint deployments_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id)
);

create table drifts (
  id bigint not null generated always as identity,
  context uuid not null,
  line_item uuid not null,
  score uuid not null,
  user_id text not null,
  kind text not null,
  revision integer not null,
  score_given double precision,
  score_maximum double precision not null,
  result_score double precision,
  result_maximum double precision,
  found_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  resent_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint drifts_pkey PRIMARY KEY (id),
  constraint drifts_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint drifts_line_item_fkey FOREIGN KEY (line_item) REFERENCES line_items(id),
  constraint drifts_score_fkey FOREIGN KEY (score) REFERENCES scores(id),
  constraint drifts_kind_check CHECK ((kind = ANY (ARRAY['missing'::text, 'capped'::text, 'rescaled'::text, 'changed'::text, 'userGone'::text])))
);
CREATE INDEX drifts_context ON public.drifts USING btree (context, id);
CREATE INDEX drifts_line_item ON public.drifts USING btree (line_item, id);
CREATE UNIQUE INDEX drifts_open ON public.drifts USING btree (score) WHERE (ended_at IS NULL);
CREATE INDEX drifts_score ON public.drifts USING btree (score);

create table idempotency_keys (
  api_key uuid not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  content_type text,
  body text,
  created_at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  constraint idempotency_keys_pkey PRIMARY KEY (api_key, key),
  constraint idempotency_keys_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id)
);
CREATE INDEX idempotency_keys_created_at ON public.idempotency_keys USING btree (created_at);

create table line_items (
  id uuid not null default gen_random_uuid(),
  context uuid not null,
  line_item_id text,
  resource_link_id text,
  resource_id text,
  tag text,
  label text,
  score_maximum double precision,
  verified_at timestamp with time zone,
  create_reserved_at timestamp with time zone,
  merged_into uuid,
  parked_type text,
  parked_detail text,
  parked_at timestamp with time zone,
  parked_until timestamp with time zone,
  parked_times integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  grade_policy text,
  results_read_at timestamp with time zone,
  constraint line_items_pkey PRIMARY KEY (id),
  constraint line_items_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint line_items_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES line_items(id),
  constraint line_items_check CHECK (((line_item_id IS NOT NULL) OR (resource_link_id IS NOT NULL) OR (resource_id IS NOT NULL))),
  constraint line_items_check1 CHECK (((parked_type IS NULL) = (parked_at IS NULL))),
  constraint line_items_grade_policy_check CHECK ((grade_policy = ANY (ARRAY['toolWins'::text, 'humanWins'::text, 'ask'::text]))),
  constraint line_items_score_maximum_check CHECK ((score_maximum > (0)::double precision))
);
CREATE INDEX line_items_context ON public.line_items USING btree (context, created_at);
CREATE UNIQUE INDEX line_items_known ON public.line_items USING btree (context, line_item_id) WHERE ((line_item_id IS NOT NULL) AND (merged_into IS NULL));
CREATE INDEX line_items_merged_into ON public.line_items USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE UNIQUE INDEX line_items_wanted_by_link ON public.line_items USING btree (context, resource_link_id) WHERE ((line_item_id IS NULL) AND (resource_id IS NULL) AND (merged_into IS NULL));
CREATE UNIQUE INDEX line_items_wanted_by_resource ON public.line_items USING btree (context, resource_id, COALESCE(tag, ''::text)) WHERE ((line_item_id IS NULL) AND (resource_id IS NOT NULL) AND (merged_into IS NULL));

create table membership_changes (
  id bigint not null generated always as identity,
  context uuid not null,
  user_id text not null,
  change text not null,
  status text not null,
  roles_before text[],
  roles_after text[],
  read integer not null,
  at timestamp with time zone not null default now(),
  constraint membership_changes_pkey PRIMARY KEY (id),
  constraint membership_changes_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint membership_changes_change_check CHECK ((change = ANY (ARRAY['joined'::text, 'left'::text, 'returned'::text, 'roleChanged'::text])))
);
CREATE INDEX membership_changes_context ON public.membership_changes USING btree (context, id);
CREATE INDEX membership_changes_read ON public.membership_changes USING btree (context, read, user_id);

create table membership_drafts (
  context uuid not null,
  read integer not null,
  user_id text not null,
  roles text[] not null,
  status text not null,
  standing text not null,
  name text,
  email text,
  constraint membership_drafts_pkey PRIMARY KEY (context, user_id),
  constraint membership_drafts_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint membership_drafts_standing_check CHECK ((standing = ANY (ARRAY['learner'::text, 'staff'::text, 'observer'::text, 'testUser'::text, 'other'::text]))),
  constraint membership_drafts_status_check CHECK ((status = ANY (ARRAY['Active'::text, 'Inactive'::text, 'Deleted'::text])))
);

create table memberships (
  context uuid not null,
  user_id text not null,
  roles text[] not null,
  status text not null,
  name text,
  email text,
  seen_in_read integer not null,
  missed_reads integer not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  standing text not null default 'other'::text,
  constraint memberships_pkey PRIMARY KEY (context, user_id),
  constraint memberships_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint memberships_standing_check CHECK ((standing = ANY (ARRAY['learner'::text, 'staff'::text, 'observer'::text, 'testUser'::text, 'other'::text]))),
  constraint memberships_status_check CHECK ((status = ANY (ARRAY['Active'::text, 'Inactive'::text, 'Deleted'::text])))
);

create table migrations (
  id integer not null default nextval('migrations_id_seq'::regclass),
  name character varying(255),
  batch integer,
  migration_time timestamp with time zone,
  constraint migrations_pkey PRIMARY KEY (id)
);

create table migrations_lock (
  index integer not null default nextval('migrations_lock_index_seq'::regclass),
  is_locked integer,
  constraint migrations_lock_pkey PRIMARY KEY (index)
);

create table permits (
  deployment uuid not null,
  holder integer not null,
  held integer not null,
  wanted integer not null,
  expires_at timestamp with time zone not null,
  constraint permits_pkey PRIMARY KEY (deployment, holder),
  constraint permits_deployment_fkey FOREIGN KEY (deployment) REFERENCES platform_limits(deployment),
  constraint permits_held_check CHECK ((held >= 0))
);

create table platform_limits (
  deployment uuid not null,
  in_flight_cap integer not null,
  in_flight_max integer not null,
  rate_per_second real,
  tokens real not null default 0,
  tokens_at timestamp with time zone not null default now(),
  cap_changed_at timestamp with time zone not null default now(),
  blocked_until timestamp with time zone,
  failures_in_row integer not null default 0,
  breaker text not null default 'closed'::text,
  breaker_type text,
  breaker_opened_at timestamp with time zone,
  breaker_times integer not null default 0,
  probe_until timestamp with time zone,
  constraint platform_limits_pkey PRIMARY KEY (deployment),
  constraint platform_limits_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint platform_limits_breaker_check CHECK ((breaker = ANY (ARRAY['closed'::text, 'open'::text, 'halfOpen'::text]))),
  constraint platform_limits_check CHECK ((in_flight_max >= in_flight_cap)),
  constraint platform_limits_in_flight_cap_check CHECK ((in_flight_cap >= 1)),
  constraint platform_limits_rate_per_second_check CHECK ((rate_per_second > (0)::double precision))
);

create table platforms (
  id uuid not null default gen_random_uuid(),
  platform_id text not null,
  url text,
  product_family_code text,
  family text not null default 'unknown'::text,
  family_set_by text not null default 'guess'::text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint platforms_pkey PRIMARY KEY (id),
  constraint platforms_platform_id_key UNIQUE (platform_id),
  constraint platforms_family_set_by_check CHECK ((family_set_by = ANY (ARRAY['guess'::text, 'operator'::text])))
);

create table resource_links (
  id uuid not null default gen_random_uuid(),
  context uuid not null,
  resource_link_id text not null,
  title text,
  created_at timestamp with time zone not null default now(),
  constraint resource_links_pkey PRIMARY KEY (id),
  constraint resource_links_context_resource_link_id_key UNIQUE (context, resource_link_id),
  constraint resource_links_context_fkey FOREIGN KEY (context) REFERENCES contexts(id)
);

create table run_contexts (
  run uuid not null,
  context uuid not null,
  asked_at timestamp with time zone not null default now(),
  is_poked boolean not null,
  poked_at timestamp with time zone,
  settled_at timestamp with time zone,
  submitted integer not null default 0,
  rejected integer not null default 0,
  waiting integer not null default 0,
  waiting_for jsonb not null default '{}'::jsonb,
  failure text,
  constraint run_contexts_pkey PRIMARY KEY (run, context),
  constraint run_contexts_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint run_contexts_run_fkey FOREIGN KEY (run) REFERENCES runs(id) ON DELETE CASCADE
);
CREATE INDEX run_contexts_context ON public.run_contexts USING btree (context);
CREATE INDEX run_contexts_open ON public.run_contexts USING btree (run) WHERE (settled_at IS NULL);

create table runs (
  id uuid not null,
  seq bigint not null generated always as identity,
  kind text not null,
  trigger text not null,
  reason text,
  workflow_id text,
  state text not null default 'running'::text,
  trouble text[] not null default '{}'::text[],
  source jsonb,
  due_before timestamp with time zone,
  started_at timestamp with time zone not null default now(),
  ends_by timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint runs_pkey PRIMARY KEY (id),
  constraint runs_seq_key UNIQUE (seq),
  constraint runs_check CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  constraint runs_kind_check CHECK ((kind = ANY (ARRAY['nightly'::text, 'rosters'::text, 'reconcile'::text, 'sync'::text]))),
  constraint runs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'incomplete'::text, 'failed'::text]))),
  constraint runs_trigger_check CHECK ((trigger = ANY (ARRAY['schedule'::text, 'operator'::text, 'api'::text, 'webhook'::text, 'backfill'::text])))
);
CREATE INDEX runs_kind ON public.runs USING btree (kind, started_at);
CREATE UNIQUE INDEX runs_live ON public.runs USING btree (kind) WHERE ((ended_at IS NULL) AND (kind <> 'sync'::text));

create table score_pulls (
  context uuid not null,
  pulled_at timestamp with time zone not null,
  constraint score_pulls_pkey PRIMARY KEY (context),
  constraint score_pulls_context_fkey FOREIGN KEY (context) REFERENCES contexts(id)
);

create table scores (
  id uuid not null default gen_random_uuid(),
  seq bigint not null generated always as identity,
  context uuid not null,
  line_item uuid not null,
  user_id text not null,
  revision integer not null default 1,
  value jsonb not null,
  changed_at timestamp with time zone not null,
  state text not null default 'due'::text,
  priority smallint not null,
  awaits_nightly boolean not null default false,
  forced boolean not null default false,
  due_at timestamp with time zone not null default now(),
  not_before timestamp with time zone not null default now(),
  tries integer not null default 0,
  sending jsonb,
  sending_revision integer,
  sending_at timestamp with time zone,
  lane_token integer,
  submitted jsonb,
  submitted_revision integer,
  submitted_at timestamp with time zone,
  failure_type text,
  failure_detail text,
  superseded_by uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  overrides_human boolean not null default false,
  constraint scores_pkey PRIMARY KEY (id),
  constraint scores_seq_key UNIQUE (seq),
  constraint scores_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint scores_line_item_fkey FOREIGN KEY (line_item) REFERENCES line_items(id),
  constraint scores_superseded_by_fkey FOREIGN KEY (superseded_by) REFERENCES scores(id),
  constraint scores_check CHECK (((state = ANY (ARRAY['sending'::text, 'unknown'::text])) = (sending IS NOT NULL))),
  constraint scores_check1 CHECK (((sending IS NULL) = (sending_revision IS NULL))),
  constraint scores_check2 CHECK (((state <> 'submitted'::text) OR (submitted_revision = revision))),
  constraint scores_check3 CHECK (((state <> 'rejected'::text) OR (failure_type IS NOT NULL))),
  constraint scores_check4 CHECK (((state = 'superseded'::text) = (superseded_by IS NOT NULL))),
  constraint scores_held_check CHECK (((state <> 'held'::text) OR (failure_type IS NOT NULL))),
  constraint scores_revision_check CHECK ((revision >= 1)),
  constraint scores_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sending'::text, 'unknown'::text, 'submitted'::text, 'rejected'::text, 'held'::text, 'superseded'::text]))),
  constraint scores_value_check CHECK ((((value ->> 'scoreMaximum'::text))::double precision > (0)::double precision)),
  constraint scores_value_check1 CHECK ((((value ->> 'scoreGiven'::text))::double precision >= (0)::double precision))
) with (fillfactor=80);
CREATE INDEX scores_context ON public.scores USING btree (context, seq);
CREATE UNIQUE INDEX scores_current ON public.scores USING btree (line_item, user_id) WHERE (state <> 'superseded'::text);
CREATE INDEX scores_due ON public.scores USING btree (context, priority, due_at) WHERE (state = 'due'::text);
CREATE INDEX scores_held ON public.scores USING btree (failure_type) WHERE (state = 'held'::text);
CREATE INDEX scores_rejected ON public.scores USING btree (updated_at) WHERE (state = 'rejected'::text);
CREATE INDEX scores_set_aside ON public.scores USING btree (context, user_id) WHERE (state = ANY (ARRAY['held'::text, 'rejected'::text]));
CREATE INDEX scores_submitted ON public.scores USING btree (line_item, id) WHERE (state = 'submitted'::text);
CREATE INDEX scores_superseded_by ON public.scores USING btree (superseded_by) WHERE (superseded_by IS NOT NULL);
CREATE INDEX scores_unsettled ON public.scores USING btree (context) WHERE (state = ANY (ARRAY['sending'::text, 'unknown'::text]));
CREATE INDEX scores_user ON public.scores USING btree (user_id);

create table service_keys (
  id uuid not null default gen_random_uuid(),
  context uuid not null,
  resource_link uuid,
  ciphertext bytea not null,
  encryption_key_id text not null,
  assignment_and_grades boolean not null,
  names_and_roles boolean not null,
  scopes text[],
  launched_at timestamp with time zone not null,
  rejected_at timestamp with time zone,
  last_ok_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint service_keys_pkey PRIMARY KEY (id),
  constraint service_keys_context_resource_link_key UNIQUE NULLS NOT DISTINCT (context, resource_link),
  constraint service_keys_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint service_keys_resource_link_fkey FOREIGN KEY (resource_link) REFERENCES resource_links(id)
);
CREATE INDEX service_keys_resource_link ON public.service_keys USING btree (resource_link);

create table webhook_events (
  id uuid not null default gen_random_uuid(),
  seq bigint not null generated always as identity,
  source uuid not null,
  event_id text not null,
  digest bytea not null,
  repeats integer not null default 0,
  differing integer not null default 0,
  body bytea,
  encryption_key_id text,
  state text not null default 'stored'::text,
  state_since timestamp with time zone not null default now(),
  look_at timestamp with time zone not null default now(),
  tries integer not null default 0,
  reason text,
  reason_fact text,
  reason_pointer text,
  reason_detail text,
  facts jsonb not null default '{}'::jsonb,
  reference text,
  score uuid,
  revision integer,
  outcome text,
  received_at timestamp with time zone not null default now(),
  constraint webhook_events_pkey PRIMARY KEY (id),
  constraint webhook_events_seq_key UNIQUE (seq),
  constraint webhook_events_source_event_id_key UNIQUE (source, event_id),
  constraint webhook_events_score_fkey FOREIGN KEY (score) REFERENCES scores(id),
  constraint webhook_events_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE,
  constraint webhook_events_check CHECK (((body IS NULL) = (encryption_key_id IS NULL))),
  constraint webhook_events_check1 CHECK (((state <> 'scored'::text) OR (score IS NOT NULL))),
  constraint webhook_events_check2 CHECK (((score IS NULL) = (outcome IS NULL))),
  constraint webhook_events_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'unchanged'::text, 'superseded'::text]))),
  constraint webhook_events_state_check CHECK ((state = ANY (ARRAY['stored'::text, 'scored'::text, 'ignored'::text, 'unmatched'::text, 'expired'::text, 'invalid'::text])))
) with (fillfactor=80);
CREATE INDEX webhook_events_differing ON public.webhook_events USING btree (source) WHERE (differing > 0);
CREATE INDEX webhook_events_received_at ON public.webhook_events USING btree (received_at);
CREATE INDEX webhook_events_score ON public.webhook_events USING btree (score) WHERE (score IS NOT NULL);
CREATE INDEX webhook_events_source ON public.webhook_events USING btree (source, seq);
CREATE INDEX webhook_events_to_look_at ON public.webhook_events USING btree (look_at, seq) WHERE (state = ANY (ARRAY['stored'::text, 'unmatched'::text]));
CREATE INDEX webhook_events_troubled ON public.webhook_events USING btree (state_since) WHERE (state = ANY (ARRAY['expired'::text, 'invalid'::text]));
CREATE INDEX webhook_events_unmatched ON public.webhook_events USING btree (source, reference) WHERE (state = 'unmatched'::text);

create table webhook_references (
  source uuid not null,
  reference text not null,
  context uuid not null,
  line_item uuid not null,
  user_id text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint webhook_references_pkey PRIMARY KEY (source, reference),
  constraint webhook_references_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint webhook_references_line_item_fkey FOREIGN KEY (line_item) REFERENCES line_items(id),
  constraint webhook_references_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE
);
CREATE INDEX webhook_references_context ON public.webhook_references USING btree (context);
CREATE INDEX webhook_references_expires_at ON public.webhook_references USING btree (expires_at);
CREATE INDEX webhook_references_line_item ON public.webhook_references USING btree (line_item);

create table webhook_secrets (
  id uuid not null default gen_random_uuid(),
  source uuid not null,
  ciphertext bytea not null,
  encryption_key_id text not null,
  created_at timestamp with time zone not null default now(),
  constraint webhook_secrets_pkey PRIMARY KEY (id),
  constraint webhook_secrets_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE
);
CREATE INDEX webhook_secrets_source ON public.webhook_secrets USING btree (source, created_at);

create table webhook_sources (
  id uuid not null default gen_random_uuid(),
  name text not null,
  platforms text[],
  disabled boolean not null default false,
  verification jsonb not null,
  mapping jsonb not null,
  limits jsonb not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint webhook_sources_pkey PRIMARY KEY (id),
  constraint webhook_sources_name_key UNIQUE (name)
);

CREATE OR REPLACE FUNCTION public.backfill_grade(p_value jsonb)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when backfill_is_final(p_value)
    then (p_value ->> 'scoreGiven')::double precision / (p_value ->> 'scoreMaximum')::double precision end
$function$;

CREATE OR REPLACE FUNCTION public.backfill_is_final(p_value jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select coalesce(p_value ->> 'scoreGiven' is not null
    and p_value ->> 'gradingProgress' in ('FullyGraded', 'PendingManual'), false)
$function$;

CREATE OR REPLACE FUNCTION public.backfill_value(p_held jsonb, p_given double precision, p_maximum double precision, p_more jsonb, p_column_maximum double precision)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select case when coalesce(p_maximum, (p_held ->> 'scoreMaximum')::double precision, p_column_maximum) is not null then
    (coalesce(p_held, '{"activityProgress": "Completed", "gradingProgress": "FullyGraded"}') - 'clears')
    || case when p_held is not null and not backfill_is_final(p_held)
      then '{"activityProgress": "Completed", "gradingProgress": "FullyGraded"}'::jsonb else '{}' end
    || jsonb_build_object('scoreGiven', p_given, 'scoreMaximum',
      coalesce(p_maximum, (p_held ->> 'scoreMaximum')::double precision, p_column_maximum))
    || coalesce(p_more, '{}') end
$function$;

CREATE OR REPLACE FUNCTION public.make_attempts_week(p_at timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.note_platform_failures(p_deployment uuid, p_type text, p_count integer, p_open_at integer, p_rest_ms integer, p_longest_ms integer)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  l platform_limits;
  t timestamptz;
begin
  select * into strict l from platform_limits where deployment = p_deployment for update;
  t := clock_timestamp();
  l.failures_in_row := l.failures_in_row + p_count;
  if l.breaker = 'halfOpen' or (l.breaker = 'closed' and l.failures_in_row >= p_open_at) then
    l.breaker_opened_at := coalesce(l.breaker_opened_at, t);
    l.breaker := 'open';
    l.breaker_type := p_type;
    l.blocked_until := greatest(l.blocked_until,
      t + make_interval(secs => least(p_rest_ms * 2 ^ least(l.breaker_times, 20), p_longest_ms) / 1000.0));
    l.breaker_times := l.breaker_times + 1;
    l.probe_until := null;
  end if;
  update platform_limits set failures_in_row = l.failures_in_row, breaker = l.breaker, breaker_type = l.breaker_type,
    breaker_opened_at = l.breaker_opened_at, blocked_until = l.blocked_until, breaker_times = l.breaker_times,
    probe_until = l.probe_until
  where deployment = p_deployment;
  return l.breaker;
end
$function$;

CREATE OR REPLACE FUNCTION public.note_platform_success(p_deployment uuid)
 RETURNS void
 LANGUAGE sql
AS $function$
  -- What a breaker blocked is open again; what the platform itself asked for stands.
  update platform_limits set blocked_until = case when breaker = 'closed' then blocked_until end,
    failures_in_row = 0, breaker = 'closed', breaker_type = null, breaker_opened_at = null,
    breaker_times = 0, probe_until = null
  where deployment = p_deployment and (failures_in_row > 0 or breaker <> 'closed');
$function$;

CREATE OR REPLACE FUNCTION public.take_permits(p_deployment uuid, p_holder integer, p_want integer, p_in_flight integer, p_starts integer, p_ttl_ms integer)
 RETURNS TABLE(granted integer, starts integer, wait_ms integer, reason text)
 LANGUAGE plpgsql
AS $function$
declare
  l platform_limits;
  t timestamptz;
  others integer;
  others_waiting boolean;
  rivals integer;
  free integer;
begin
  select * into strict l from platform_limits where deployment = p_deployment for update;
  t := clock_timestamp();
  granted := 0; starts := 0; wait_ms := 0; reason := null;

  if l.blocked_until > t then
    wait_ms := ceil(extract(epoch from l.blocked_until - t) * 1000);
    reason := coalesce(l.breaker_type, 'PlatformRateLimited');
  elsif l.breaker <> 'closed' then
    reason := coalesce(l.breaker_type, 'PlatformUnavailable');
    if l.probe_until > t then
      select coalesce(max(held), 0) into granted from permits where deployment = p_deployment and holder = p_holder;
      wait_ms := ceil(extract(epoch from l.probe_until - t) * 1000);
    elsif p_want > 0 then
      update platform_limits set breaker = 'halfOpen', probe_until = t + make_interval(secs => p_ttl_ms / 1000.0)
        where deployment = p_deployment;
      granted := 1; starts := 1;
    end if;
  else
    if l.in_flight_cap < l.in_flight_max and l.cap_changed_at < t - interval '10 seconds' then
      l.in_flight_cap := l.in_flight_cap + 1;
      update platform_limits set in_flight_cap = l.in_flight_cap, cap_changed_at = t where deployment = p_deployment;
    end if;
    select coalesce(sum(held), 0), count(*), coalesce(bool_or(wanted > held), false)
      into others, rivals, others_waiting
      from permits where deployment = p_deployment and holder <> p_holder and expires_at > t;
    if others > 0 and l.in_flight_cap - others < p_want then
      -- A killed process gives nothing back, and its connections died with it: its advisory lock tells (worker-holder.ts).
      delete from permits p
        where p.deployment = p_deployment and p.holder <> p_holder and pg_try_advisory_xact_lock(7228623, p.holder);
      select coalesce(sum(held), 0), count(*), coalesce(bool_or(wanted > held), false)
        into others, rivals, others_waiting
        from permits where deployment = p_deployment and holder <> p_holder and expires_at > t;
    end if;
    free := greatest(l.in_flight_cap - others, 0);
    granted := least(p_want, free);
    if others_waiting then
      granted := least(granted, greatest(l.in_flight_cap / (rivals + 1), 1));
    end if;
    if granted = 0 and p_want > 0 then
      wait_ms := 1000; reason := 'permits';
    end if;
    starts := p_starts;
    if l.rate_per_second is not null then
      l.tokens := least(greatest(l.rate_per_second, 1), l.tokens + l.rate_per_second * extract(epoch from t - l.tokens_at));
      starts := least(p_starts, floor(l.tokens)::integer);
      update platform_limits set tokens = l.tokens - starts, tokens_at = t where deployment = p_deployment;
      if starts = 0 and p_starts > 0 and reason is null then
        wait_ms := ceil(1000 / l.rate_per_second); reason := 'rate';
      end if;
    end if;
  end if;

  insert into permits as p (deployment, holder, held, wanted, expires_at)
  values (p_deployment, p_holder, greatest(granted, p_in_flight), p_want, t + make_interval(secs => p_ttl_ms / 1000.0))
  on conflict (deployment, holder) do update
    set held = excluded.held, wanted = excluded.wanted, expires_at = excluded.expires_at;
  return next;
end
$function$;
