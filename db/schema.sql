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
  expires_at timestamp with time zone,
  rotated_at timestamp with time zone,
  is_bootstrap boolean not null default false,
  lineage uuid,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_hash_key UNIQUE (hash),
  constraint api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES api_keys(id),
  constraint api_keys_lineage_fkey FOREIGN KEY (lineage) REFERENCES api_keys(id)
);
CREATE INDEX api_keys_created_by ON public.api_keys USING btree (created_by) WHERE (created_by IS NOT NULL);
CREATE INDEX api_keys_lineage ON public.api_keys USING btree (lineage) WHERE (lineage IS NOT NULL);

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
CREATE INDEX attempts_started ON ONLY public.attempts USING brin (started_at) WITH (autosummarize='on');
create table attempts_default partition of attempts default;

create table audit_chain (
  id boolean not null default true,
  position bigint not null,
  hash bytea not null,
  begins_after bigint not null default 0,
  begins_with bytea not null,
  constraint audit_chain_pkey PRIMARY KEY (id),
  constraint audit_chain_id_check CHECK (id)
);

create table audit_entries (
  id bigint not null,
  at timestamp with time zone not null default now(),
  api_key uuid,
  action text not null,
  subject text not null,
  reason text,
  details jsonb,
  platforms text[],
  request_id uuid,
  outcome text not null default 'done'::text,
  answers bigint,
  previous bytea not null,
  hash bytea not null,
  constraint audit_entries_pkey PRIMARY KEY (id),
  constraint audit_entries_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id),
  constraint audit_entries_outcome_check CHECK ((outcome = ANY (ARRAY['asked'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX audit_entries_action ON public.audit_entries USING btree (action, id);
CREATE INDEX audit_entries_at ON public.audit_entries USING btree (at);
CREATE INDEX audit_entries_key ON public.audit_entries USING btree (api_key, id);
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
CREATE INDEX backfill_targets_platform ON public.backfill_targets USING btree (platform_id, backfill);

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

create table bulk_operations (
  id uuid not null,
  seq bigint not null generated always as identity,
  act jsonb not null,
  platforms text[],
  api_key uuid,
  reason text,
  state text not null default 'running'::text,
  next_page text not null default '0'::text,
  acted integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  details jsonb not null default '{}'::jsonb,
  failure text,
  started_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint bulk_operations_pkey PRIMARY KEY (id),
  constraint bulk_operations_seq_key UNIQUE (seq),
  constraint bulk_operations_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id),
  constraint bulk_operations_check CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  constraint bulk_operations_state_check CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'cancelled'::text, 'failed'::text])))
);
CREATE INDEX bulk_operations_api_key ON public.bulk_operations USING btree (api_key);
CREATE INDEX bulk_operations_running ON public.bulk_operations USING btree (updated_at) WHERE (ended_at IS NULL);

create table console_sessions (
  id uuid not null default gen_random_uuid(),
  hash bytea not null,
  api_key uuid not null,
  created_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint console_sessions_pkey PRIMARY KEY (id),
  constraint console_sessions_hash_key UNIQUE (hash),
  constraint console_sessions_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id)
);
CREATE INDEX console_sessions_api_key ON public.console_sessions USING btree (api_key);
CREATE INDEX console_sessions_expires_at ON public.console_sessions USING btree (expires_at);

create table contexts (
  id uuid not null default gen_random_uuid(),
  deployment uuid not null,
  context_id text not null,
  title text,
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
  columns_sought_at timestamp with time zone,
  columns_failure text,
  columns_failed_times integer not null default 0,
  columns_rest_until timestamp with time zone,
  constraint context_released TRIGGER DEFERRABLE INITIALLY DEFERRED,
  constraint contexts_pkey PRIMARY KEY (id),
  constraint contexts_deployment_context_id_key UNIQUE (deployment, context_id),
  constraint contexts_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint contexts_check1 CHECK (((parked_type IS NULL) = (parked_at IS NULL))),
  constraint contexts_grade_policy_check CHECK ((grade_policy = ANY (ARRAY['toolWins'::text, 'humanWins'::text, 'ask'::text])))
);
CREATE INDEX contexts_parked ON public.contexts USING btree (parked_type) WHERE (parked_type IS NOT NULL);
CREATE INDEX contexts_parked_until ON public.contexts USING btree (parked_until) WHERE (parked_until IS NOT NULL);

create table data_keys (
  id uuid not null,
  platform uuid,
  wrapped bytea not null,
  wrapped_by text not null,
  created_at timestamp with time zone not null default now(),
  rewrapped_at timestamp with time zone,
  retired_at timestamp with time zone,
  constraint data_keys_pkey PRIMARY KEY (id),
  constraint data_keys_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id),
  constraint data_keys_wrapped_by_check CHECK ((length(wrapped_by) <= 200))
);
CREATE UNIQUE INDEX data_keys_current ON public.data_keys USING btree (platform) NULLS NOT DISTINCT WHERE (retired_at IS NULL);
CREATE INDEX data_keys_wrapped_by ON public.data_keys USING btree (wrapped_by, id);

create table deployments (
  id uuid not null default gen_random_uuid(),
  platform uuid not null,
  deployment_id text not null,
  created_at timestamp with time zone not null default now(),
  gate uuid not null,
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployments_platform_deployment_id_key UNIQUE (platform, deployment_id),
  constraint deployments_gate_fkey FOREIGN KEY (gate) REFERENCES gates(id),
  constraint deployments_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id)
);
CREATE INDEX deployments_gate ON public.deployments USING btree (gate);

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

create table former_api_secrets (
  hash bytea not null,
  api_key uuid not null,
  expires_at timestamp with time zone not null,
  constraint former_api_secrets_pkey PRIMARY KEY (hash),
  constraint former_api_secrets_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id)
);
CREATE INDEX former_api_secrets_api_key ON public.former_api_secrets USING btree (api_key);

create table gate_wakes (
  gate uuid not null,
  asked_at timestamp with time zone,
  first_asked_at timestamp with time zone,
  run uuid,
  constraint gate_wakes_pkey PRIMARY KEY (gate),
  constraint gate_wakes_gate_fkey FOREIGN KEY (gate) REFERENCES gates(id),
  constraint gate_wakes_check CHECK (((asked_at IS NULL) = (first_asked_at IS NULL)))
) with (fillfactor=50);

create table gates (
  id uuid not null default gen_random_uuid(),
  platform uuid not null,
  deployment_id text,
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
  created_at timestamp with time zone not null default now(),
  lane_token integer not null default 0,
  lane_expires_at timestamp with time zone,
  sender_share integer not null default 0,
  reader_waits_until timestamp with time zone,
  failing_context uuid,
  failing_several boolean not null default false,
  lane_calls_end_at timestamp with time zone,
  pauses integer not null default 0,
  constraint gates_pkey PRIMARY KEY (id),
  constraint gates_platform_deployment_id_key UNIQUE NULLS NOT DISTINCT (platform, deployment_id),
  constraint gates_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id),
  constraint gates_breaker_check CHECK ((breaker = ANY (ARRAY['closed'::text, 'open'::text, 'halfOpen'::text]))),
  constraint gates_check CHECK ((in_flight_max >= in_flight_cap)),
  constraint gates_check1 CHECK (((lane_expires_at IS NULL) = (lane_calls_end_at IS NULL))),
  constraint gates_in_flight_cap_check CHECK ((in_flight_cap >= 1)),
  constraint gates_rate_per_second_check CHECK ((rate_per_second > (0)::double precision))
);

create table idempotency_keys (
  api_key uuid not null,
  key text not null,
  request_hash bytea not null,
  status integer,
  content_type text,
  created_at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  body bytea,
  data_key uuid,
  constraint idempotency_keys_pkey PRIMARY KEY (api_key, key),
  constraint idempotency_keys_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id),
  constraint idempotency_keys_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint idempotency_keys_body_check CHECK (((body IS NULL) = (data_key IS NULL)))
);
CREATE INDEX idempotency_keys_created_at ON public.idempotency_keys USING btree (created_at);
CREATE INDEX idempotency_keys_data_key ON public.idempotency_keys USING btree (data_key) WHERE (data_key IS NOT NULL);

create table key_rotations (
  id bigint not null generated always as identity,
  started_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint key_rotations_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX key_rotations_open ON public.key_rotations USING btree ((true)) WHERE (ended_at IS NULL);

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
  constraint line_item_released TRIGGER DEFERRABLE INITIALLY DEFERRED,
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
CREATE INDEX line_items_parked_until ON public.line_items USING btree (parked_until) WHERE (parked_until IS NOT NULL);
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
CREATE INDEX membership_changes_user ON public.membership_changes USING btree (user_id);

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
CREATE INDEX memberships_user ON public.memberships USING btree (user_id);

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

create table notice_deliveries (
  id uuid not null default gen_random_uuid(),
  seq bigint not null generated always as identity,
  endpoint uuid not null,
  type text not null,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  last_status integer,
  last_failure text,
  last_tried_at timestamp with time zone,
  delivered_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint notice_deliveries_pkey PRIMARY KEY (id),
  constraint notice_deliveries_seq_key UNIQUE (seq),
  constraint notice_deliveries_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES notice_endpoints(id) ON DELETE CASCADE,
  constraint notice_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text]))),
  constraint notice_deliveries_type_check CHECK ((type = ANY (ARRAY['attention'::text, 'digest'::text, 'outcomes'::text])))
);
CREATE INDEX notice_deliveries_created_at ON public.notice_deliveries USING btree (created_at);
CREATE INDEX notice_deliveries_endpoint ON public.notice_deliveries USING btree (endpoint, seq);
CREATE INDEX notice_deliveries_pending ON public.notice_deliveries USING btree (endpoint, attempts, seq) WHERE (state = 'pending'::text);

create table notice_endpoints (
  id uuid not null default gen_random_uuid(),
  seq bigint not null generated always as identity,
  origin text not null,
  url_ciphertext bytea not null,
  format text not null,
  kinds text[] not null,
  platforms text[],
  platform_id text,
  context_id text,
  description text,
  digest_minutes integer not null,
  digest_from timestamp with time zone not null default now(),
  outcomes_at timestamp with time zone not null default now(),
  outcomes_seq bigint not null default 0,
  looked_at timestamp with time zone not null default now(),
  failures integer not null default 0,
  failing_since timestamp with time zone,
  rest_until timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_by text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  url_data_key uuid not null,
  constraint notice_endpoints_pkey PRIMARY KEY (id),
  constraint notice_endpoints_seq_key UNIQUE (seq),
  constraint notice_endpoints_url_data_key_fkey FOREIGN KEY (url_data_key) REFERENCES data_keys(id),
  constraint notice_endpoints_check CHECK (((disabled_at IS NULL) = (disabled_by IS NULL))),
  constraint notice_endpoints_check1 CHECK (((failures = 0) = (failing_since IS NULL))),
  constraint notice_endpoints_check2 CHECK (((context_id IS NULL) OR (platform_id IS NOT NULL))),
  constraint notice_endpoints_disabled_by_check CHECK ((disabled_by = ANY (ARRAY['operator'::text, 'failures'::text, 'gone'::text]))),
  constraint notice_endpoints_format_check CHECK ((format = ANY (ARRAY['standard-webhooks'::text, 'slack'::text])))
);
CREATE INDEX notice_endpoints_url_data_key ON public.notice_endpoints USING btree (url_data_key);

create table notice_secrets (
  id uuid not null default gen_random_uuid(),
  endpoint uuid not null,
  ciphertext bytea not null,
  created_at timestamp with time zone not null default now(),
  ends_at timestamp with time zone,
  data_key uuid not null,
  constraint notice_secrets_pkey PRIMARY KEY (id),
  constraint notice_secrets_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint notice_secrets_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES notice_endpoints(id) ON DELETE CASCADE
);
CREATE INDEX notice_secrets_data_key ON public.notice_secrets USING btree (data_key);
CREATE INDEX notice_secrets_endpoint ON public.notice_secrets USING btree (endpoint);

create table notices (
  id uuid not null default gen_random_uuid(),
  seq bigint not null generated always as identity,
  endpoint uuid not null,
  delivery uuid,
  kind text not null,
  status text not null,
  subject text not null,
  incident uuid,
  facts jsonb not null,
  since timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint notices_pkey PRIMARY KEY (id),
  constraint notices_seq_key UNIQUE (seq),
  constraint notices_delivery_fkey FOREIGN KEY (delivery) REFERENCES notice_deliveries(id) ON DELETE CASCADE,
  constraint notices_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES notice_endpoints(id) ON DELETE CASCADE,
  constraint notices_check CHECK (((status = 'told'::text) = (incident IS NULL))),
  constraint notices_status_check CHECK ((status = ANY (ARRAY['needsAttention'::text, 'recovered'::text, 'told'::text])))
);
CREATE INDEX notices_delivery ON public.notices USING btree (delivery, seq);
CREATE UNIQUE INDEX notices_outcome ON public.notices USING btree (endpoint, subject) WHERE (kind = 'scoreOutcome'::text);
CREATE INDEX notices_to_deliver ON public.notices USING btree (endpoint, seq) WHERE (delivery IS NULL);

create table open_notices (
  endpoint uuid not null,
  kind text not null,
  subject text not null,
  incident uuid not null default gen_random_uuid(),
  facts jsonb not null,
  since timestamp with time zone not null,
  constraint open_notices_pkey PRIMARY KEY (endpoint, kind, subject),
  constraint open_notices_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES notice_endpoints(id) ON DELETE CASCADE
);

create table pauses (
  id uuid not null default gen_random_uuid(),
  platform uuid,
  deployment uuid,
  context uuid,
  reason text not null,
  paused_at timestamp with time zone not null default now(),
  until timestamp with time zone not null,
  constraint pauses_pkey PRIMARY KEY (id),
  constraint pauses_context_key UNIQUE (context),
  constraint pauses_deployment_key UNIQUE (deployment),
  constraint pauses_platform_key UNIQUE (platform),
  constraint pauses_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint pauses_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint pauses_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id),
  constraint pauses_check CHECK ((num_nonnulls(platform, deployment, context) = 1))
);

create table person_export_parts (
  request uuid not null,
  part integer not null,
  ciphertext bytea not null,
  data_key uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint person_export_parts_pkey PRIMARY KEY (request, part),
  constraint person_export_parts_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint person_export_parts_request_fkey FOREIGN KEY (request) REFERENCES person_requests(id) ON DELETE CASCADE
);
CREATE INDEX person_export_parts_created_at ON public.person_export_parts USING btree (created_at);
CREATE INDEX person_export_parts_data_key ON public.person_export_parts USING btree (data_key);

create table person_hmac_keys (
  id smallint not null default 1,
  ciphertext bytea not null,
  data_key uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint person_hmac_keys_pkey PRIMARY KEY (id),
  constraint person_hmac_keys_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint person_hmac_keys_id_check CHECK ((id = 1))
);
CREATE INDEX person_hmac_keys_data_key ON public.person_hmac_keys USING btree (data_key);

create table person_request_columns (
  request uuid not null,
  line_item uuid not null,
  is_certain boolean not null,
  constraint person_request_columns_pkey PRIMARY KEY (request, line_item),
  constraint person_request_columns_line_item_fkey FOREIGN KEY (line_item) REFERENCES line_items(id),
  constraint person_request_columns_request_fkey FOREIGN KEY (request) REFERENCES person_requests(id) ON DELETE CASCADE
);
CREATE INDEX person_request_columns_line_item ON public.person_request_columns USING btree (line_item);

create table person_requests (
  id uuid not null,
  seq bigint not null generated always as identity,
  kind text not null,
  platform uuid not null,
  deployment uuid,
  subject bytea,
  data_key uuid,
  api_key uuid not null,
  reason text not null,
  state text not null default 'running'::text,
  step text not null,
  next_page text not null default '0'::text,
  round integer not null default 1,
  horizon xid8,
  in_flight integer not null default 0,
  counts jsonb not null default '{}'::jsonb,
  failure text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint person_requests_pkey PRIMARY KEY (id),
  constraint person_requests_seq_key UNIQUE (seq),
  constraint person_requests_api_key_fkey FOREIGN KEY (api_key) REFERENCES api_keys(id),
  constraint person_requests_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint person_requests_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint person_requests_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id),
  constraint person_requests_check CHECK (((subject IS NULL) = (data_key IS NULL))),
  constraint person_requests_check1 CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  constraint person_requests_kind_check CHECK ((kind = ANY (ARRAY['export'::text, 'erase'::text]))),
  constraint person_requests_state_check CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text])))
);
CREATE INDEX person_requests_api_key ON public.person_requests USING btree (api_key);
CREATE INDEX person_requests_data_key ON public.person_requests USING btree (data_key) WHERE (data_key IS NOT NULL);
CREATE INDEX person_requests_deployment ON public.person_requests USING btree (deployment) WHERE (deployment IS NOT NULL);
CREATE INDEX person_requests_platform ON public.person_requests USING btree (platform, seq);
CREATE INDEX person_requests_running ON public.person_requests USING btree (updated_at) WHERE (ended_at IS NULL);

create table person_tombstones (
  id uuid not null default gen_random_uuid(),
  platform uuid not null,
  deployment uuid,
  digest bytea not null,
  request uuid not null,
  erased_at timestamp with time zone not null default now(),
  constraint person_tombstones_pkey PRIMARY KEY (id),
  constraint person_tombstones_platform_digest_deployment_key UNIQUE NULLS NOT DISTINCT (platform, digest, deployment),
  constraint person_tombstones_deployment_fkey FOREIGN KEY (deployment) REFERENCES deployments(id),
  constraint person_tombstones_platform_fkey FOREIGN KEY (platform) REFERENCES platforms(id),
  constraint person_tombstones_request_fkey FOREIGN KEY (request) REFERENCES person_requests(id)
);
CREATE INDEX person_tombstones_deployment ON public.person_tombstones USING btree (deployment) WHERE (deployment IS NOT NULL);
CREATE INDEX person_tombstones_request ON public.person_tombstones USING btree (request);

create table platforms (
  id uuid not null default gen_random_uuid(),
  platform_id text not null,
  url text,
  product_family_code text,
  family text not null default 'unknown'::text,
  family_set_by text not null default 'guess'::text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  limit_by text,
  constraint platforms_pkey PRIMARY KEY (id),
  constraint platforms_platform_id_key UNIQUE (platform_id),
  constraint platforms_family_set_by_check CHECK ((family_set_by = ANY (ARRAY['guess'::text, 'operator'::text]))),
  constraint platforms_limit_by_check CHECK ((limit_by = ANY (ARRAY['platform'::text, 'deployment'::text])))
);

create table reading_turns (
  id bigint not null generated always as identity,
  gate uuid not null,
  expires_at timestamp with time zone not null,
  constraint reading_turns_pkey PRIMARY KEY (id),
  constraint reading_turns_gate_fkey FOREIGN KEY (gate) REFERENCES gates(id)
);
CREATE INDEX reading_turns_gate ON public.reading_turns USING btree (gate);

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
  asked_at timestamp with time zone default now(),
  is_poked boolean not null,
  poked_at timestamp with time zone,
  settled_at timestamp with time zone,
  submitted integer not null default 0,
  rejected integer not null default 0,
  waiting integer not null default 0,
  waiting_for jsonb not null default '{}'::jsonb,
  failure text,
  moved_at timestamp with time zone not null default now(),
  left_at timestamp with time zone,
  gate uuid not null,
  attempted_at timestamp with time zone,
  constraint run_contexts_pkey PRIMARY KEY (run, context),
  constraint run_contexts_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint run_contexts_run_fkey FOREIGN KEY (run) REFERENCES runs(id) ON DELETE CASCADE
);
CREATE INDEX run_contexts_context ON public.run_contexts USING btree (context);
CREATE INDEX run_contexts_in_line ON public.run_contexts USING btree (run, gate, attempted_at NULLS FIRST, context) WHERE (asked_at IS NULL);
CREATE INDEX run_contexts_open ON public.run_contexts USING btree (gate, asked_at) WHERE ((settled_at IS NULL) AND (left_at IS NULL) AND (asked_at IS NOT NULL));
CREATE INDEX run_contexts_unsettled ON public.run_contexts USING btree (run, gate) WHERE ((settled_at IS NULL) AND (asked_at IS NOT NULL));

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
  planned_to uuid,
  planned_at timestamp with time zone,
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

create table score_queue (
  score uuid not null,
  gate uuid not null,
  context uuid not null,
  line_item uuid not null,
  priority smallint not null,
  due_at timestamp with time zone not null,
  hold text,
  ready_at timestamp with time zone,
  is_claimed boolean not null default false,
  constraint score_queue_pkey PRIMARY KEY (score),
  constraint score_queue_check CHECK (((ready_at IS NOT NULL) = COALESCE((hold = ANY (ARRAY['rest'::text, 'unknown'::text, 'paused'::text])), false))),
  constraint score_queue_hold_check CHECK ((hold = ANY (ARRAY['night'::text, 'rest'::text, 'unknown'::text, 'context'::text, 'lineItem'::text, 'wanted'::text, 'paused'::text])))
) with (fillfactor=60);
CREATE INDEX score_queue_claimable ON public.score_queue USING btree (gate, priority, context, due_at) WHERE (hold IS NULL);
CREATE INDEX score_queue_context ON public.score_queue USING btree (context, hold);
CREATE INDEX score_queue_resting ON public.score_queue USING btree (gate, ready_at) WHERE (ready_at IS NOT NULL);
CREATE INDEX score_queue_wanted ON public.score_queue USING btree (context) WHERE (hold = 'wanted'::text);

create table score_retries (
  score uuid not null,
  at timestamp with time zone not null default now(),
  operation uuid not null
) partition by RANGE (at);
CREATE INDEX score_retries_score ON ONLY public.score_retries USING btree (score);
create table score_retries_default partition of score_retries default;

create table score_revisions (
  score uuid not null,
  at timestamp with time zone not null default now(),
  changed_at timestamp with time zone not null,
  origin_id uuid,
  request_id uuid,
  revision integer not null,
  source text not null,
  was jsonb,
  constraint score_revisions_source_check CHECK ((source = ANY (ARRAY['apiKey'::text, 'event'::text, 'backfill'::text, 'backfillWithdrawn'::text, 'scoreSource'::text, 'unknown'::text])))
) partition by RANGE (at);
CREATE INDEX score_revisions_at ON ONLY public.score_revisions USING brin (at) WITH (autosummarize='on');
CREATE INDEX score_revisions_score ON ONLY public.score_revisions USING btree (score, revision);
create table score_revisions_default partition of score_revisions default;

create table score_troubles (
  score uuid not null,
  context uuid not null,
  user_id text not null,
  state text not null,
  failure_type text not null,
  since timestamp with time zone not null,
  constraint score_troubles_pkey PRIMARY KEY (score),
  constraint score_troubles_state_check CHECK ((state = ANY (ARRAY['rejected'::text, 'held'::text])))
);
CREATE INDEX score_troubles_context ON public.score_troubles USING btree (context, user_id);
CREATE INDEX score_troubles_since ON public.score_troubles USING btree (since);
CREATE INDEX score_troubles_type ON public.score_troubles USING btree (state, failure_type, since);

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
  constraint scores_check2 CHECK (((state <> 'submitted'::text) OR (submitted_revision = revision))),
  constraint scores_check3 CHECK (((state <> 'rejected'::text) OR (failure_type IS NOT NULL))),
  constraint scores_check4 CHECK (((state = 'superseded'::text) = (superseded_by IS NOT NULL))),
  constraint scores_held_check CHECK (((state <> 'held'::text) OR (failure_type IS NOT NULL))),
  constraint scores_revision_check CHECK ((revision >= 1)),
  constraint scores_sending CHECK ((((state = ANY (ARRAY['sending'::text, 'unknown'::text])) = (sending_revision IS NOT NULL)) AND ((sending IS NULL) OR (sending_revision IS NOT NULL)))),
  constraint scores_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sending'::text, 'unknown'::text, 'submitted'::text, 'rejected'::text, 'held'::text, 'superseded'::text, 'erased'::text]))),
  constraint scores_submitted CHECK (((submitted IS NULL) OR (submitted_revision IS NOT NULL))),
  constraint scores_value_check CHECK ((((value ->> 'scoreMaximum'::text))::double precision > (0)::double precision)),
  constraint scores_value_check1 CHECK ((((value ->> 'scoreGiven'::text))::double precision >= (0)::double precision))
) with (fillfactor=80);
CREATE INDEX scores_changes ON public.scores USING brin (updated_at) WITH (pages_per_range='4', autosummarize='on');
CREATE INDEX scores_context ON public.scores USING btree (context, seq);
CREATE UNIQUE INDEX scores_current ON public.scores USING btree (line_item, user_id) WHERE (superseded_by IS NULL);
CREATE INDEX scores_superseded_by ON public.scores USING btree (superseded_by) WHERE (superseded_by IS NOT NULL);
CREATE INDEX scores_user ON public.scores USING btree (user_id);

create table service_keys (
  id uuid not null default gen_random_uuid(),
  context uuid not null,
  resource_link uuid,
  ciphertext bytea not null,
  assignment_and_grades boolean not null,
  names_and_roles boolean not null,
  scopes text[],
  launched_at timestamp with time zone not null,
  rejected_at timestamp with time zone,
  last_ok_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  data_key uuid not null,
  brought_by uuid,
  brought_request uuid,
  constraint service_keys_pkey PRIMARY KEY (id),
  constraint service_keys_context_resource_link_key UNIQUE NULLS NOT DISTINCT (context, resource_link),
  constraint service_keys_brought_by_fkey FOREIGN KEY (brought_by) REFERENCES api_keys(id),
  constraint service_keys_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint service_keys_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint service_keys_resource_link_fkey FOREIGN KEY (resource_link) REFERENCES resource_links(id)
);
CREATE INDEX service_keys_brought_by ON public.service_keys USING btree (brought_by) WHERE (brought_by IS NOT NULL);
CREATE INDEX service_keys_data_key ON public.service_keys USING btree (data_key);
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
  part_of uuid,
  platform_id text,
  deployment_id text,
  data_key uuid,
  constraint webhook_events_pkey PRIMARY KEY (id),
  constraint webhook_events_seq_key UNIQUE (seq),
  constraint webhook_events_source_event_id_key UNIQUE (source, event_id),
  constraint webhook_events_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint webhook_events_part_of_fkey FOREIGN KEY (part_of) REFERENCES webhook_events(id) ON DELETE SET NULL,
  constraint webhook_events_score_fkey FOREIGN KEY (score) REFERENCES scores(id),
  constraint webhook_events_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE,
  constraint webhook_events_body_check CHECK (((body IS NULL) = (data_key IS NULL))),
  constraint webhook_events_check1 CHECK (((state <> 'scored'::text) OR (score IS NOT NULL))),
  constraint webhook_events_check2 CHECK (((score IS NULL) = (outcome IS NULL))),
  constraint webhook_events_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'unchanged'::text, 'superseded'::text]))),
  constraint webhook_events_state_check CHECK ((state = ANY (ARRAY['stored'::text, 'scored'::text, 'ignored'::text, 'split'::text, 'unmatched'::text, 'expired'::text, 'invalid'::text])))
) with (fillfactor=80);
CREATE INDEX webhook_events_data_key ON public.webhook_events USING btree (data_key) WHERE (data_key IS NOT NULL);
CREATE INDEX webhook_events_deployment ON public.webhook_events USING btree (deployment_id, seq) WHERE (deployment_id IS NOT NULL);
CREATE INDEX webhook_events_differing ON public.webhook_events USING btree (source) WHERE (differing > 0);
CREATE INDEX webhook_events_part_of ON public.webhook_events USING btree (part_of) WHERE (part_of IS NOT NULL);
CREATE INDEX webhook_events_placeless ON public.webhook_events USING btree (source, seq) WHERE (platform_id IS NULL);
CREATE INDEX webhook_events_platform ON public.webhook_events USING btree (platform_id, seq);
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
  tied_by uuid,
  tied_request uuid,
  constraint webhook_references_pkey PRIMARY KEY (source, reference),
  constraint webhook_references_context_fkey FOREIGN KEY (context) REFERENCES contexts(id),
  constraint webhook_references_line_item_fkey FOREIGN KEY (line_item) REFERENCES line_items(id),
  constraint webhook_references_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE,
  constraint webhook_references_tied_by_fkey FOREIGN KEY (tied_by) REFERENCES api_keys(id)
);
CREATE INDEX webhook_references_context ON public.webhook_references USING btree (context);
CREATE INDEX webhook_references_expires_at ON public.webhook_references USING btree (expires_at);
CREATE INDEX webhook_references_line_item ON public.webhook_references USING btree (line_item);
CREATE INDEX webhook_references_tied_by ON public.webhook_references USING btree (tied_by) WHERE (tied_by IS NOT NULL);
CREATE INDEX webhook_references_user ON public.webhook_references USING btree (user_id);

create table webhook_secrets (
  id uuid not null default gen_random_uuid(),
  source uuid not null,
  ciphertext bytea not null,
  created_at timestamp with time zone not null default now(),
  data_key uuid not null,
  constraint webhook_secrets_pkey PRIMARY KEY (id),
  constraint webhook_secrets_data_key_fkey FOREIGN KEY (data_key) REFERENCES data_keys(id),
  constraint webhook_secrets_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE
);
CREATE INDEX webhook_secrets_data_key ON public.webhook_secrets USING btree (data_key);
CREATE INDEX webhook_secrets_source ON public.webhook_secrets USING btree (source, created_at);

create table webhook_signatures (
  source uuid not null,
  digest bytea not null,
  event uuid not null,
  seen_at timestamp with time zone not null default now(),
  until timestamp with time zone,
  constraint webhook_signatures_pkey PRIMARY KEY (source, digest),
  constraint webhook_signatures_source_fkey FOREIGN KEY (source) REFERENCES webhook_sources(id) ON DELETE CASCADE
);
CREATE INDEX webhook_signatures_seen_at ON public.webhook_signatures USING btree (source, seen_at);
CREATE INDEX webhook_signatures_until ON public.webhook_signatures USING btree (until) WHERE (until IS NOT NULL);

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

CREATE OR REPLACE FUNCTION public.analyze_backfill_items()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  analyze backfill_targets, backfill_items;
end
$function$;

CREATE OR REPLACE FUNCTION public.assert_weekly(p_table text, p_moment text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if not exists (select from (values ('attempts', 'started_at'), ('score_revisions', 'at'), ('score_retries', 'at')) as weekly (name, moment) where name = p_table and moment = p_moment) then
    raise exception '% is not kept by weeks', p_table using errcode = 'invalid_parameter_value';
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.audit_hash(entry audit_entries)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  select sha256(convert_to(jsonb_build_array(entry.id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    entry.api_key, entry.action, entry.subject, entry.reason, entry.details, entry.platforms, entry.request_id,
    entry.outcome, entry.answers, encode(entry.previous, 'hex'))::text, 'UTF8'))
$function$;

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

CREATE OR REPLACE FUNCTION public.chain_audit_entry()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform 1 from api_keys where id = new.api_key for key share;
  update audit_chain set position = position + 1 where id returning position, hash into new.id, new.previous;
  new.hash := audit_hash(new);
  update audit_chain set hash = new.hash where id;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.change_accepted(p_changes jsonb, p_origins jsonb DEFAULT NULL::jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  changes integer;
begin
  with told as (
    select id, event, value, "changedAt" as changed_at, "awaitsNightly" as awaits_nightly, priority, forced, origin
    from jsonb_to_recordset(p_changes) as i(id uuid, event text, value jsonb, "changedAt" timestamptz,
      "awaitsNightly" boolean, priority smallint, forced boolean, origin integer)
  ), changed as (
    update scores s set value = case when t.event in ('accepted', 'alreadyThere', 'renewed') then t.value when t.event in ('repeated') then s.value end, revision = case when t.event in ('accepted', 'alreadyThere', 'renewed') then s.revision + 1 when t.event in ('repeated') then s.revision end, changed_at = greatest(s.changed_at, t.changed_at), state = case when t.event in ('accepted') then 'due' when t.event in ('alreadyThere') then 'submitted' when t.event in ('renewed', 'repeated') then s.state end, priority = t.priority, awaits_nightly = t.awaits_nightly, forced = case when t.event in ('accepted', 'alreadyThere', 'renewed') then s.forced or t.forced when t.event in ('repeated') then s.forced end, due_at = case when t.event in ('accepted', 'alreadyThere') then case when s.state = 'due' then s.due_at else now() end when t.event in ('renewed') then now() when t.event in ('repeated') then s.due_at end, not_before = case when t.event in ('accepted', 'alreadyThere') then greatest(now(), s.submitted_at + interval '2 seconds') when t.event in ('renewed', 'repeated') then s.not_before end, tries = case when t.event in ('accepted', 'alreadyThere', 'renewed') then 0 when t.event in ('repeated') then s.tries end, sending = case when t.event in ('accepted', 'alreadyThere', 'renewed') then nullif(case when s.sending_revision is not null then coalesce(s.sending, s.value) end, t.value) when t.event in ('repeated') then s.sending end, submitted = case when t.event in ('accepted', 'alreadyThere', 'renewed') then nullif(case when s.submitted_revision is not null then coalesce(s.submitted, s.value) end, t.value) when t.event in ('repeated') then s.submitted end, submitted_revision = case when t.event in ('accepted', 'renewed', 'repeated') then s.submitted_revision when t.event in ('alreadyThere') then s.revision + 1 end, failure_type = case when t.event in ('accepted', 'alreadyThere', 'renewed') then null when t.event in ('repeated') then s.failure_type end, failure_detail = case when t.event in ('accepted', 'alreadyThere', 'renewed') then null when t.event in ('repeated') then s.failure_detail end, updated_at = now()
    from told t where s.id = t.id and case when t.event = 'accepted' and s.state in ('due', 'submitted', 'rejected', 'held') then true when t.event = 'alreadyThere' and s.state in ('due', 'submitted', 'rejected', 'held') then true when t.event = 'renewed' and s.state in ('sending', 'unknown') then true when t.event = 'repeated' and s.state in ('due', 'sending', 'unknown', 'submitted', 'rejected', 'held') then true else false end
    returning s.id, s.revision, s.changed_at, t.event, t.origin
  ), noted as (
    insert into score_revisions (score, revision, changed_at, was, source, origin_id, request_id)
    select r.id, r.revision, r.changed_at, (select w.value from scores w where w.id = r.id), coalesce(p_origins -> r.origin ->> 'source', 'unknown'), (p_origins -> r.origin ->> 'id')::uuid,
    (p_origins -> r.origin ->> 'requestId')::uuid
    from changed r where r.event <> 'repeated'
  )
  select count(*) into changes from changed;
  return changes;
end
$function$;

CREATE OR REPLACE FUNCTION public.claim_scores(p_gate uuid, p_token integer, p_limit integer, p_after uuid)
 RETURNS TABLE(held boolean, id uuid, context uuid, revision integer, "lineItem" uuid, "lineItemId" text, "userId" text, value jsonb, submitted jsonb, tries integer, "isProbe" boolean, "failsAlone" boolean, "gradePolicy" text, "isDecided" boolean, "keptBackBy" text)
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  picked uuid[] := '{}';
  more uuid[];
  urgency smallint;
  course uuid;
  last_course uuid;
  is_second_lap boolean;
  has_picked boolean;
  has_pauses boolean;
  each integer;
begin
  perform from gates g
  where g.id = p_gate and g.lane_token = p_token and g.lane_expires_at is not null for share;
  if not found then
    held := false;
    return next;
    return;
  end if;

  update score_queue q set hold = null, ready_at = null
  where q.score in (select r.score from score_queue r
    where r.gate = p_gate and r.ready_at <= now() and r.hold in ('rest', 'paused')
    order by r.ready_at limit 1000 for update skip locked);
  has_pauses := exists (select from pauses z where z.until > now());
  -- What is not read back meanwhile does not count as ready either.
  if has_pauses then
    update score_queue q set ready_at = (select max(z.until) from pauses z where z.until > now()
  and (z.platform = (select d.platform from deployments d where d.id = c.deployment) or z.deployment = c.deployment or z.context = c.id))
    from contexts c where c.id = q.context and q.score in (select r.score from score_queue r join contexts c on c.id = r.context
      where r.gate = p_gate and r.ready_at <= now() and r.hold = 'unknown' and ((c.deployment in (select d.id from pauses z join deployments d on d.platform = z.platform where z.until > now())) or (c.deployment in (select z.deployment from pauses z where z.deployment is not null and z.until > now())) or (c.id in (select z.context from pauses z where z.context is not null and z.until > now())))
      order by r.ready_at limit 1000 for update of r skip locked);
  end if;

  urgency := -1;
  while cardinality(picked) < p_limit loop
    select q.priority into urgency from score_queue q
    where q.gate = p_gate and q.hold is null and not q.is_claimed and q.priority > urgency order by q.priority limit 1;
    exit when not found;
    each := 4;
    has_picked := true;
    while has_picked and cardinality(picked) < p_limit loop
      has_picked := false;
      is_second_lap := false;
      last_course := coalesce(p_after, nobody);
      while cardinality(picked) < p_limit loop
        select q.context into course from score_queue q
        where q.gate = p_gate and q.hold is null and q.priority = urgency and q.context > last_course
          and not q.is_claimed
          and (not is_second_lap or q.context <= coalesce(p_after, nobody))
        order by q.context limit 1;
        if not found then
          exit when is_second_lap or p_after is null;
          is_second_lap := true;
          last_course := nobody;
          continue;
        end if;
        last_course := course;
        more := array(
          select q.score from score_queue q join scores s on s.id = q.score
          where q.gate = p_gate and q.hold is null and q.priority = urgency and q.context = course and not q.is_claimed
            and s.state = 'due' and not (q.score = any (picked))
          order by q.due_at limit least(each, p_limit - cardinality(picked)) for update of q, s skip locked);
        if cardinality(more) > 0 then
          picked := picked || more;
          has_picked := true;
        end if;
      end loop;
      each := each * 4;
    end loop;
  end loop;
  if cardinality(picked) = 0 then return; end if;

  return query
  with judged as (
    select q.score, q.context, case when has_pauses then (select max(z.until) from pauses z where z.until > now()
  and (z.platform = (select d.platform from deployments d where d.id = c.deployment) or z.deployment = c.deployment or z.context = c.id)) end as paused_until, case
      when has_pauses and ((c.deployment in (select d.id from pauses z join deployments d on d.platform = z.platform where z.until > now())) or (c.deployment in (select z.deployment from pauses z where z.deployment is not null and z.until > now())) or (c.id in (select z.context from pauses z where z.context is not null and z.until > now()))) then 'paused'
      when (c.parked_type is not null and coalesce(c.parked_until > now(), true)) then 'context'
      when l.line_item_id is null then 'wanted'
      when (l.parked_type is not null and coalesce(l.parked_until > now(), true)) then 'lineItem'
      when (c.parked_type is not null) and (row_number() over (partition by q.context order by q.priority, q.due_at, q.score) > 1
        or exists (select from score_queue o where o.context = q.context and o.is_claimed)) then 'context'
      when (l.parked_type is not null) and (row_number() over (partition by q.line_item order by q.priority, q.due_at, q.score) > 1
        or exists (select from score_queue o where o.context = q.context and o.line_item = q.line_item and o.is_claimed))
        then 'lineItem' end as hold
    from score_queue q join contexts c on c.id = q.context join line_items l on l.id = q.line_item
    where q.score = any (picked)
  ), put_on_hold as (
    update score_queue q set hold = j.hold, ready_at = case when j.hold = 'paused' then j.paused_until end
    from judged j where q.score = j.score and j.hold is not null
  ), free as (
    select j.score as id, p_token as lane_token from judged j where j.hold is null
  ), claimed as (
    update scores s set state = 'sending', sending = null, sending_revision = s.revision, sending_at = now(), lane_token = t.lane_token, updated_at = now()
    from free t where s.id = t.id and case when s.state in ('due') then true else false end
    returning s.id, s.context, s.revision, s.line_item, s.user_id, s.value, s.submitted, s.submitted_revision, s.tries, s.due_at,
      s.overrides_human
  ), told as (
  select true as held, s.id, s.context, s.revision, s.line_item, l.line_item_id, s.user_id, s.value,
    case when s.submitted_revision is not null then coalesce(s.submitted, s.value) end as submitted, s.tries,
    (l.parked_type is not null) or (c.parked_type is not null) as is_probe,
    s.tries >= 4 and exists (select from scores o where o.line_item = s.line_item and o.submitted_at > s.due_at)
      as fails_alone,
    coalesce(l.grade_policy, c.grade_policy) as grade_policy, s.overrides_human as is_decided,
    case when not s.overrides_human then case
  when m.status <> 'Active' then 'MemberLeft'
  when m.standing in ('testUser', 'observer') then 'MemberHasNoGrades' end end as kept_back_by
  from claimed s
  join line_items l on l.id = s.line_item
  join contexts c on c.id = s.context
  left join memberships m on m.context = s.context and m.user_id = s.user_id
  union all
  select distinct true, null::uuid, j.context, null::integer, null::uuid, null::text, null::text, null::jsonb, null::jsonb,
    null::integer, null::boolean, null::boolean, null::text, null::boolean, null::text
  from judged j where j.hold = 'wanted'
  )
  select t.held, t.id, t.context, t.revision, t.line_item, t.line_item_id, t.user_id, t.value, t.submitted, t.tries,
    t.is_probe, t.fails_alone, t.grade_policy, t.is_decided, t.kept_back_by
  from told t order by array_position(picked, t.id);
end
$function$;

CREATE OR REPLACE FUNCTION public.context_released()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform release_queue(new.id, null, array['context']);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.courses_with_tombstones(p_contexts uuid[])
 RETURNS TABLE(context uuid, platform uuid, deployment uuid)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
begin
  -- From here on an erasure waits for this transaction, unless what follows has seen its tombstone.
  perform pg_current_xact_id();
  if not exists (select from person_tombstones) then return; end if;
  return query
  select c.id, d.platform, d.id from contexts c join deployments d on d.id = c.deployment
  where c.id = any (p_contexts) and exists (select from person_tombstones t where t.platform = d.platform);
end
$function$;

CREATE OR REPLACE FUNCTION public.delete_old_astray(p_table text, p_moment text, p_kept interval)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform assert_weekly(p_table, p_moment);
  perform set_config('passback.retention', 'on', true);
  execute format('delete from %I where %I < $1', p_table || '_default', p_moment) using oldest_kept_week(p_kept);
  perform set_config('passback.retention', '', true);
end
$function$;

CREATE OR REPLACE FUNCTION public.deployment_entry(platform_id text, deployment_id text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select E'\x1f' || length(platform_id) || ':' || platform_id || deployment_id $function$;

CREATE OR REPLACE FUNCTION public.drop_old_week(p_table text, p_moment text, p_kept interval)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  week text;
begin
  perform assert_weekly(p_table, p_moment);
  select c.relname into week from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = p_table::regclass and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
    and substring(pg_get_expr(c.relpartbound, c.oid) from $re$FROM \('([^']+)'\)$re$)::timestamptz < oldest_kept_week(p_kept)
  order by c.relname limit 1;
  if week is not null then execute format('drop table %I', week); end if;
  return week;
end
$function$;

CREATE OR REPLACE FUNCTION public.erase_evidence(p_scores uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  erased uuid[] := array(select id from scores where id = any (p_scores) and state = 'erased');
begin
  update attempts set excerpt = null, code = null
  where score = any (erased) and (excerpt is not null or code is not null);
  perform set_config('passback.retention', 'on', true);
  update score_revisions set was = null where score = any (erased) and was is not null;
  perform set_config('passback.retention', '', true);
end
$function$;

CREATE OR REPLACE FUNCTION public.hold_lane(p_gate uuid, p_token integer, p_lease_ms integer, p_calls_ms integer, p_in_flight integer, p_want integer, p_unspent integer, p_starts integer, p_has_succeeded boolean)
 RETURNS TABLE(held boolean, target integer, starts integer, is_probe boolean, wait_ms integer, reason text, pauses integer)
 LANGUAGE plpgsql
AS $function$
declare
  g gates;
  p record;
  t timestamptz;
  readers integer;
  reader_waits boolean;
begin
  select * into g from gates where id = p_gate and lane_token = p_token and lane_expires_at is not null for no key update;
  held := found;
  target := 0; starts := 0; is_probe := false; wait_ms := 0; reason := null;
  if not held then
    return next;
    return;
  end if;
  t := clock_timestamp();
  pauses := g.pauses;
  if g.rate_per_second is not null then
    g.tokens := least(greatest(g.rate_per_second, 1),
      g.tokens + p_unspent + g.rate_per_second * extract(epoch from t - g.tokens_at));
    g.tokens_at := t;
  end if;

  if p_has_succeeded and g.breaker = 'closed' then
    g.failures_in_row := 0; g.failing_context := null; g.failing_several := false;
  end if;

  select
    case when max(pz.until) is not null then 'platformPaused' else 'deploymentPaused' end as reason,
    coalesce(max(pz.until), min(dz.until)) as until
  from deployments d
  left join pauses pz on pz.platform = d.platform and pz.until > t
  left join pauses dz on dz.deployment = d.id and dz.until > t
  where d.gate = p_gate
  having bool_and(pz.until is not null or dz.until is not null) into p;
  if found then
    wait_ms := ceil(extract(epoch from least(p.until, t + interval '1 hour') - t) * 1000);
    reason := p.reason;
  elsif g.blocked_until > t then
    wait_ms := ceil(extract(epoch from g.blocked_until - t) * 1000);
    reason := coalesce(g.breaker_type, 'PlatformRateLimited');
  elsif g.breaker <> 'closed' then
    reason := coalesce(g.breaker_type, 'PlatformUnavailable');
    if g.probe_until > t then
      wait_ms := ceil(extract(epoch from g.probe_until - t) * 1000);
    elsif p_want > 0 and p_in_flight = 0 then
      g.breaker := 'halfOpen';
      g.probe_until := t + make_interval(secs => p_calls_ms / 1000.0);
      target := 1; starts := 1; is_probe := true; reason := null;
    end if;
  else
    if g.in_flight_cap < g.in_flight_max and g.cap_changed_at < t - interval '10 seconds' then
      g.in_flight_cap := least(g.in_flight_max, g.in_flight_cap + greatest(1, g.in_flight_max / 16));
      g.cap_changed_at := t;
    end if;
    select count(*) into readers from reading_turns r where r.gate = p_gate and r.expires_at > t;
    reader_waits := coalesce(g.reader_waits_until > t, false);
    target := greatest(least(p_want, g.in_flight_cap - readers - reader_waits::integer), 0);
    -- Where one call is all, reader and sender take turns.
    if target = 0 and readers = 0 and not reader_waits then target := least(p_want, 1); end if;
    starts := p_starts;
    if g.rate_per_second is not null then
      starts := least(p_starts, floor(g.tokens)::integer);
      g.tokens := g.tokens - starts;
      if starts = 0 then wait_ms := ceil(1000 / g.rate_per_second); end if;
    end if;
  end if;

  update gates set lane_expires_at = t + make_interval(secs => p_lease_ms / 1000.0),
    lane_calls_end_at = t + make_interval(secs => p_calls_ms / 1000.0), tokens = g.tokens, tokens_at = g.tokens_at, breaker = g.breaker,
    probe_until = g.probe_until, in_flight_cap = g.in_flight_cap, cap_changed_at = g.cap_changed_at,
    sender_share = greatest(target, p_in_flight), failures_in_row = g.failures_in_row,
    failing_context = g.failing_context, failing_several = g.failing_several
  where id = p_gate;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION public.insert_scores(p_scores jsonb, p_origins jsonb DEFAULT NULL::jsonb)
 RETURNS TABLE(id uuid, "lineItem" uuid, "userId" text, revision integer)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
begin
  return query
  with told as (
    select * from jsonb_to_recordset(p_scores) as i(context uuid, "lineItem" uuid, "userId" text, value jsonb,
      "changedAt" timestamptz, priority smallint, "awaitsNightly" boolean, force boolean, origin integer)
  ), inserted as (
    insert into scores as s (context, line_item, user_id, value, changed_at, priority, awaits_nightly, forced)
    select context, "lineItem", "userId", value, "changedAt", priority, "awaitsNightly", force from told
    on conflict do nothing
    returning s.id, s.line_item, s.user_id, s.revision
  ), noted as (
    insert into score_revisions (score, revision, changed_at, source, origin_id, request_id)
    select i.id, i.revision, r."changedAt", coalesce(p_origins -> r.origin ->> 'source', 'unknown'), (p_origins -> r.origin ->> 'id')::uuid,
    (p_origins -> r.origin ->> 'requestId')::uuid
    from inserted i join told r on r."lineItem" = i.line_item and r."userId" = i.user_id
  )
  select i.id, i.line_item, i.user_id, i.revision from inserted i;
end
$function$;

CREATE OR REPLACE FUNCTION public.is_reached(reach text[], platform_id text, deployment_id text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select reach is null or (platform_id = any (reach) and left(platform_id, 1) <> E'\x1f')
    or coalesce(deployment_entry(platform_id, deployment_id) = any (reach), false)
$function$;

CREATE OR REPLACE FUNCTION public.is_within_reach(inner_reach text[], reach text[])
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select reach is null or (inner_reach is not null and not exists (
    select from unnest(inner_reach) entry where entry <> all (reach)
      and (left(entry, 1) <> E'\x1f' or left(platform_of_entry(entry), 1) = E'\x1f'
        or platform_of_entry(entry) <> all (reach))))
$function$;

CREATE OR REPLACE FUNCTION public.line_item_released()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform release_queue(new.context, new.id, array['lineItem', 'wanted']);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.lock_cells(p_line_items uuid[], p_user_ids text[])
 RETURNS TABLE(id uuid, "lineItem" uuid, "userId" text, state text, revision integer, value jsonb, submitted jsonb, forced boolean, "changedAt" timestamp with time zone, "awaitsNightly" boolean, priority smallint)
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  found uuid[];
begin
  -- Cell by cell, whatever the planner believes: a join may as well read the index of all cells.
  found := array(select c.id from unnest(p_line_items, p_user_ids) as i(line_item, user_id) cross join lateral (
    select s.id from scores s
    where s.line_item = i.line_item and s.user_id = i.user_id and s.superseded_by is null limit 1) c);
  if cardinality(found) = 0 then return; end if;
  return query
  select s.id, s.line_item, s.user_id, s.state, s.revision, s.value, case when s.submitted_revision is not null then coalesce(s.submitted, s.value) end, s.forced, s.changed_at,
    s.awaits_nightly, s.priority
  from scores s where s.id = any (found) and s.superseded_by is null
  order by s.id
  for update of s;
end
$function$;

CREATE OR REPLACE FUNCTION public.make_attempts_week(p_at timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
AS $function$ select make_week('attempts', 'started_at', p_at) $function$;

CREATE OR REPLACE FUNCTION public.make_week(p_table text, p_moment text, p_at timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.note_gate_failure(p_gate uuid, p_type text, p_context uuid, p_open_at integer, p_rest_ms integer, p_longest_ms integer)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  g gates;
  t timestamptz;
begin
  select * into strict g from gates where id = p_gate for no key update;
  t := clock_timestamp();
  g.failures_in_row := g.failures_in_row + 1;
  g.failing_several := g.failing_several or p_context is null
    or (g.failing_context is not null and g.failing_context <> p_context);
  g.failing_context := coalesce(g.failing_context, p_context);
  if g.breaker = 'halfOpen' or (g.breaker = 'closed'
    and (p_open_at <= 1 or (g.failing_several and g.failures_in_row >= p_open_at))) then
    g.breaker_opened_at := coalesce(g.breaker_opened_at, t);
    g.breaker := 'open';
    g.breaker_type := p_type;
    g.blocked_until := greatest(g.blocked_until,
      t + make_interval(secs => least(p_rest_ms * 2 ^ least(g.breaker_times, 20), p_longest_ms) / 1000.0));
    g.breaker_times := g.breaker_times + 1;
    g.probe_until := null;
  end if;
  update gates set failures_in_row = g.failures_in_row, failing_context = g.failing_context,
    failing_several = g.failing_several, breaker = g.breaker, breaker_type = g.breaker_type,
    breaker_opened_at = g.breaker_opened_at, blocked_until = g.blocked_until, breaker_times = g.breaker_times,
    probe_until = g.probe_until
  where id = p_gate;
  return g.breaker;
end
$function$;

CREATE OR REPLACE FUNCTION public.note_gate_success(p_gate uuid)
 RETURNS void
 LANGUAGE sql
AS $function$
  update gates set blocked_until = case when breaker = 'closed' then blocked_until end,
    failures_in_row = 0, failing_context = null, failing_several = false, breaker = 'closed', breaker_type = null,
    breaker_opened_at = null, breaker_times = 0, probe_until = null
  where id = p_gate and (failures_in_row > 0 or breaker <> 'closed');
$function$;

CREATE OR REPLACE FUNCTION public.oldest_kept_week(p_kept interval)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if p_kept < interval '7 days' then
    raise exception 'evidence is kept for seven days at least' using errcode = 'invalid_parameter_value';
  end if;
  return date_trunc('week', now() - p_kept, 'UTC');
end
$function$;

CREATE OR REPLACE FUNCTION public.platform_of_entry(entry text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when left(entry, 1) = E'\x1f'
    then substr(entry, position(':' in entry) + 1, substr(entry, 2, position(':' in entry) - 2)::integer) else entry end
$function$;

CREATE OR REPLACE FUNCTION public.platforms_of_reach(reach text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select array(select distinct platform_of_entry(entry) from unnest(reach) entry) $function$;

CREATE OR REPLACE FUNCTION public.prune_audit_entries(p_before timestamp with time zone, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  up_to bigint;
  with_hash bytea;
  pruned integer;
begin
  if p_before > now() - interval '30 days' then
    raise exception 'Audit entries are kept for thirty days at least.' using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('prune_audit_entries', 0));
  select coalesce(min(o.id) filter (where o.at >= p_before) - 1, max(o.id)) into up_to
  from (select e.id, e.at from audit_entries e order by e.id limit p_limit) o;
  select e.hash into with_hash from audit_entries e where e.id = up_to;
  if not found then return 0; end if;
  perform set_config('passback.retention', 'on', true);
  delete from audit_entries e where e.id <= up_to;
  get diagnostics pruned = row_count;
  perform set_config('passback.retention', '', true);
  update audit_chain set begins_after = up_to, begins_with = with_hash where id;
  return pruned;
end
$function$;

CREATE OR REPLACE FUNCTION public.queue_scores()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  ended uuid[];
  under_way uuid[];
  waiting integer;
  troubled integer;
begin
  if tg_op = 'DELETE' then
    ended := array(select id from before order by id);
    delete from score_queue where score = any (ended);
    delete from score_troubles where score = any (ended);
    return null;
  end if;

  select array_agg(id order by id) filter (where state in ('submitted', 'rejected', 'held', 'superseded', 'erased')),
    array_agg(id order by id) filter (where state = 'sending'),
    count(*) filter (where state in ('due', 'unknown') or tg_op = 'INSERT'),
    count(*) filter (where state in ('rejected', 'held'))
  into ended, under_way, waiting, troubled from after;

  if under_way is not null then
    update score_queue q set is_claimed = true, hold = null, ready_at = null, priority = a.priority, line_item = a.line_item
    from after a
    where a.state = 'sending' and q.score = a.id
      and (not q.is_claimed or q.hold is not null or q.priority <> a.priority or q.line_item <> a.line_item);
  end if;
  if ended is not null then
    delete from score_queue where score = any (ended);
  end if;
  if waiting > 0 then
    insert into score_queue as q (score, gate, context, line_item, priority, due_at, hold, ready_at, is_claimed)
    select a.id, d.gate, a.context, a.line_item, a.priority, a.due_at, h.hold,
      case when h.hold in ('rest', 'unknown') then a.not_before end, a.state = 'sending'
    from after a
    join contexts c on c.id = a.context
    join deployments d on d.id = c.deployment
    cross join lateral (select case
      when a.state = 'sending' then null
      when a.state = 'unknown' then 'unknown'
      when a.awaits_nightly then 'night'
      when a.not_before > now() then 'rest' end as hold) h
    where a.state in ('due', 'unknown') or (tg_op = 'INSERT' and a.state = 'sending')
    order by a.id
    on conflict (score) do update set gate = excluded.gate, line_item = excluded.line_item, priority = excluded.priority,
      due_at = excluded.due_at, hold = excluded.hold, ready_at = excluded.ready_at, is_claimed = false;
  end if;

  if tg_op = 'UPDATE' then
    delete from score_troubles where score in (select b.id from before b where b.state in ('rejected', 'held'));
  end if;
  if troubled > 0 then
    insert into score_troubles (score, context, user_id, state, failure_type, since)
    select id, context, user_id, state, failure_type, updated_at from after where state in ('rejected', 'held') order by id
    on conflict (score) do update set context = excluded.context, user_id = excluded.user_id, state = excluded.state,
      failure_type = excluded.failure_type, since = excluded.since;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.record_outcomes(p_gate uuid, p_token integer, p_outcomes jsonb, p_workflow_run text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  perform from gates g
  where g.id = p_gate and g.lane_token = p_token and g.lane_expires_at is not null for share;
  if not found then return false; end if;

  with told as (
    select *, outcome in ('submitted', 'confirmed') as has_arrived,
      coalesce("failureType" in ('MemberLeft', 'MemberHasNoGrades'), false) as is_by_roster
    from jsonb_to_recordset(p_outcomes) as o(id uuid, outcome text, "failureType" text, excerpt text,
      code text, status integer, "startedAt" timestamptz, "durationMs" integer, "restMs" double precision, "serviceKey" uuid)
  ), locked as (
    select s.id, s.context, s.user_id, s.sending_revision, o.outcome, o.has_arrived, o.is_by_roster,
      o."failureType" as failure_type, o.excerpt as failure_detail, o."restMs" as rest_ms,
      s.revision = s.sending_revision or (s.value = case when s.sending_revision is not null then coalesce(s.sending, s.value) end and not s.forced) as is_newest
    from told o join scores s on s.id = o.id
    where s.state = 'sending' and s.lane_token = p_token
    order by s.id
    for update of s
  ), judged as materialized (
    select l.*, case
      when l.outcome = 'unknown' then 'unknown'
      when l.outcome = 'notBegun' then 'returned'
      when l.is_by_roster then case when l.is_newest and exists (
        select from memberships m where m.context = l.context and m.user_id = l.user_id and case
  when m.status <> 'Active' then 'MemberLeft'
  when m.standing in ('testUser', 'observer') then 'MemberHasNoGrades' end is not null)
        then 'held' else 'returned' end
      when not l.is_newest then 'outdated'
      when l.has_arrived then 'delivered'
      when l.outcome = 'rejected' then 'refused'
      when l.outcome = 'held' then 'held'
      else 'rests' end as event
    from locked l
  ), recorded as (
    update scores s set state = case when t.event in ('delivered') then 'submitted' when t.event in ('refused') then 'rejected' when t.event in ('held') then 'held' when t.event in ('rests', 'returned', 'outdated') then 'due' when t.event in ('unknown') then 'unknown' end, forced = case when t.event in ('delivered') then false when t.event in ('refused', 'held', 'rests', 'unknown', 'returned', 'outdated') then s.forced end, overrides_human = case when t.event in ('delivered') then false when t.event in ('refused', 'held', 'rests', 'unknown', 'returned', 'outdated') then s.overrides_human end, not_before = case when t.event in ('delivered', 'refused', 'held') then s.not_before when t.event in ('rests', 'unknown') then now() + make_interval(secs => t.rest_ms / 1000.0) when t.event in ('returned') then now() when t.event in ('outdated') then now() + interval '2 seconds' end, tries = case when t.event in ('delivered', 'refused', 'held', 'outdated') then 0 when t.event in ('rests', 'unknown') then s.tries + 1 when t.event in ('returned') then s.tries end, sending = case when t.event in ('delivered', 'refused', 'held', 'rests', 'returned', 'outdated') then null when t.event in ('unknown') then s.sending end, sending_revision = case when t.event in ('delivered', 'refused', 'held', 'rests', 'returned', 'outdated') then null when t.event in ('unknown') then s.sending_revision end, submitted = case when t.event in ('delivered') then null when t.event in ('refused', 'held', 'rests', 'unknown', 'returned') then s.submitted when t.event in ('outdated') then case when t.has_arrived then nullif(case when s.sending_revision is not null then coalesce(s.sending, s.value) end, s.value) else s.submitted end end, submitted_revision = case when t.event in ('delivered') then s.revision when t.event in ('refused', 'held', 'rests', 'unknown', 'returned') then s.submitted_revision when t.event in ('outdated') then case when t.has_arrived then s.sending_revision else s.submitted_revision end end, submitted_at = case when t.event in ('delivered') then now() when t.event in ('refused', 'held', 'rests', 'unknown', 'returned') then s.submitted_at when t.event in ('outdated') then case when t.has_arrived then now() else s.submitted_at end end, failure_type = case when t.event in ('delivered', 'outdated') then null when t.event in ('refused', 'held', 'rests', 'unknown') then t.failure_type when t.event in ('returned') then s.failure_type end, failure_detail = case when t.event in ('delivered', 'outdated') then null when t.event in ('refused', 'held', 'rests', 'unknown') then t.failure_detail when t.event in ('returned') then s.failure_detail end, updated_at = now()
    from judged t where s.id = t.id and case when t.event = 'delivered' and s.state in ('sending') then true when t.event = 'refused' and s.state in ('sending') then true when t.event = 'held' and s.state in ('sending') then true when t.event = 'rests' and s.state in ('sending') then true when t.event = 'unknown' and s.state in ('sending') then true when t.event = 'returned' and s.state in ('sending') then true when t.event = 'outdated' and s.state in ('sending', 'unknown') then true else false end
    returning s.id
  )
  insert into attempts (score, revision, kind, outcome, status, failure_type, code, excerpt, started_at, duration_ms,
    service_key, workflow_run, lane_token)
  select o.id, l.sending_revision, case when o.outcome in ('confirmed', 'held') then 'readBack' else 'submit' end,
    o.outcome, o.status, o."failureType", o.code, o.excerpt, o."startedAt",
    o."durationMs", o."serviceKey", p_workflow_run, p_token
  from told o join locked l on l.id = o.id
  where o.outcome <> 'notBegun' and not o.is_by_roster;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_setting('passback.retention', true) = 'on'
    and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
    if tg_op = 'UPDATE' then return new; end if;
    return old;
  end if;
  raise exception 'Rows of % are only added.', tg_table_name using errcode = 'insufficient_privilege';
end
$function$;

CREATE OR REPLACE FUNCTION public.release_queue(p_context uuid, p_line_item uuid, p_holds text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform from score_queue where context = p_context and (p_line_item is null or line_item = p_line_item)
    order by score for update;
  update score_queue set hold = null
  where context = p_context and (p_line_item is null or line_item = p_line_item) and hold = any (p_holds);
end
$function$;

CREATE OR REPLACE FUNCTION public.take_turn(p_gate uuid, p_ttl_ms integer, p_context uuid DEFAULT NULL::uuid)
 RETURNS TABLE(turn bigint, wait_ms integer, reason text)
 LANGUAGE plpgsql
AS $function$
declare
  g gates;
  p record;
  t timestamptz;
  readers integer;
  sending integer;
begin
  select * into strict g from gates where id = p_gate for no key update;
  t := clock_timestamp();
  turn := null; wait_ms := 0; reason := null;
  delete from reading_turns r where r.gate = p_gate and r.expires_at <= t;
  -- A process of an earlier release names no course.
  if p_context is null then
    select
    case when max(pz.until) is not null then 'platformPaused' else 'deploymentPaused' end as reason,
    coalesce(max(pz.until), min(dz.until)) as until
  from deployments d
  left join pauses pz on pz.platform = d.platform and pz.until > t
  left join pauses dz on dz.deployment = d.id and dz.until > t
  where d.gate = p_gate
  having bool_and(pz.until is not null or dz.until is not null) into p;
  else
    select case when z.platform is not null then 'platformPaused'
  when z.deployment is not null then 'deploymentPaused' else 'contextPaused' end as reason, z.until
  from contexts c join deployments d on d.id = c.deployment
  join pauses z on z.context = c.id or z.deployment = d.id or z.platform = d.platform
  where c.id = p_context and z.until > t order by z.until desc limit 1 into p;
  end if;
  if found then
    wait_ms := ceil(extract(epoch from least(p.until, t + interval '1 hour') - t) * 1000);
    reason := p.reason;
  elsif g.blocked_until > t then
    wait_ms := ceil(extract(epoch from g.blocked_until - t) * 1000);
    reason := coalesce(g.breaker_type, 'PlatformRateLimited');
  elsif g.breaker <> 'closed' and g.probe_until > t then
    wait_ms := ceil(extract(epoch from g.probe_until - t) * 1000);
    reason := coalesce(g.breaker_type, 'PlatformUnavailable');
  else
    if g.rate_per_second is not null then
    g.tokens := least(greatest(g.rate_per_second, 1),
      g.tokens + 0 + g.rate_per_second * extract(epoch from t - g.tokens_at));
    g.tokens_at := t;
  end if;
    if g.rate_per_second is not null and g.tokens < 1 then
      wait_ms := ceil(1000 * (1 - g.tokens) / g.rate_per_second); reason := 'rate';
    end if;
    select count(*) into readers from reading_turns r where r.gate = p_gate;
    sending := case when g.lane_calls_end_at > t then g.sender_share else 0 end;
    if reason is null and (readers + sending >= g.in_flight_cap
      or (sending > 0 and readers >= greatest(1, g.in_flight_cap / 2))) then
      wait_ms := 100; reason := 'permits';
      g.reader_waits_until := t + interval '1 second';
    end if;
    if reason is null then
      g.tokens := case when g.rate_per_second is null then g.tokens else g.tokens - 1 end;
      if g.breaker <> 'closed' then
        g.breaker := 'halfOpen';
        g.probe_until := t + make_interval(secs => p_ttl_ms / 1000.0);
      end if;
      insert into reading_turns (gate, expires_at)
      values (p_gate, t + make_interval(secs => p_ttl_ms / 1000.0)) returning id into turn;
    end if;
    update gates set tokens = g.tokens, tokens_at = g.tokens_at, reader_waits_until = g.reader_waits_until,
      breaker = g.breaker, probe_until = g.probe_until where id = p_gate;
  end if;
  return next;
end
$function$;
