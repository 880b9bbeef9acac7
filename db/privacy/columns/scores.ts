/** Scores, the evidence of them, and what operators did to many. */
import { columns, none, type Declarations } from './declare.js';

export const SCORES = {
  scores: [
    columns('person', 'user_id value sending submitted', {
      export: 'scores',
      erase: 'scores',
      prune: 'no: what the gradebook shall hold stays',
    }),
    columns('lmsText', 'failure_detail', {
      export: 'scores',
      erase: 'scores',
      prune: 'no: what the gradebook shall hold stays',
    }),
    none(`
      id seq context line_item revision changed_at state priority awaits_nightly forced due_at not_before
      tries sending_revision sending_at lane_token submitted_revision submitted_at failure_type
      superseded_by created_at updated_at overrides_human`),
  ],
  score_queue: [none('score gate context line_item priority due_at hold ready_at is_claimed')],
  score_revisions: [
    columns('person', 'was', { export: 'score_revisions', erase: 'scores', prune: 'attempts' }),
    none('score at changed_at origin_id request_id revision source'),
  ],
  score_retries: [none('score at operation')],
  score_troubles: [
    columns('person', 'user_id', { export: 'score_troubles', erase: 'scores', prune: 'no: when the trouble is over' }),
    none('score context state failure_type since'),
  ],
  attempts: [
    columns('lmsText', 'excerpt code', { export: 'attempts', erase: 'scores', prune: 'attempts' }),
    none(`
      score revision kind outcome status failure_type started_at duration_ms service_key workflow_run
      lane_token`),
  ],
  drifts: [
    columns('person', 'user_id score_given score_maximum result_score result_maximum', {
      export: 'drifts',
      erase: 'scores',
      prune: 'drifts',
    }),
    none('id context line_item score kind revision found_at seen_at resent_at ended_at'),
  ],
  backfills: [
    columns('person', 'parameters', {
      export: 'no: of the operator who asked',
      erase: 'filters',
      prune: 'no: what was changed, by whom',
    }),
    columns('freeText', 'author reason upload failure_detail idempotency_key', {
      export: 'no: of the operator',
      erase: 'no: of the operator',
      prune: 'no: what was changed, by whom',
    }),
    columns('lmsText', 'preview', {
      export: 'no: names places, and counts',
      erase: 'no: names places, and counts',
      prune: 'no: what was changed, by whom',
    }),
    none(`
      id seq api_key source action undo_of dry_run release_by queue_behind reads_back state failure_type
      blocked_by request_hash preview_step approval_scores approval_drop
      needs_approval approved_by approved_at per_second lines to_send sent rejected overtaken unsent
      rate_per_second rate_at rate_sent created_at received_at released_at finished_at updated_at`),
  ],
  backfill_items: [
    columns('person', 'user_id score_given score_maximum before_given before_maximum seen_given delta more was', {
      export: 'backfill_items',
      erase: 'backfills',
      prune: 'lines',
    }),
    none(`
      backfill line target expected_revision other_line deployment score changed_at released_revision
      released_changed_at settled_at state kind reason`),
  ],
  backfill_problems: [
    columns('freeText', 'detail', {
      export: 'no: names places, never a value',
      erase: 'no: names places, never a value',
      prune: 'lines',
    }),
    none('backfill line type'),
  ],
  backfill_targets: [
    columns(
      'lmsText',
      `
      platform_id deployment_id context_id line_item_id resource_link_id resource_id tag label`,
      { export: 'no: of a course', erase: 'no: of a course', prune: 'no: names of columns' },
    ),
    none(`
      backfill target score_maximum name_hash deployment context line_item cell problem blocked read_at
      counts`),
  ],
  bulk_operations: [
    columns('person', 'act', { export: 'no: of the operator who asked', erase: 'filters', prune: 'runs' }),
    columns('freeText', 'reason', { export: 'no: of the operator', erase: 'no: of the operator', prune: 'runs' }),
    columns('lmsText', 'platforms', { export: 'no: of an institution', erase: 'no: of an institution', prune: 'runs' }),
    none(`
      id seq api_key state next_page acted skipped failed details failure started_at updated_at
      ended_at`),
  ],
  runs: [
    columns('freeText', 'reason', { export: 'no: of the operator', erase: 'no: of the operator', prune: 'runs' }),
    none(`
      id seq kind trigger workflow_id state trouble source due_before started_at ends_by ended_at
      planned_to planned_at`),
  ],
  run_contexts: [
    none(`
      run context asked_at is_poked poked_at settled_at submitted rejected waiting waiting_for failure
      moved_at left_at gate attempted_at`),
  ],
  score_pulls: [none('context pulled_at')],
} as const satisfies Declarations;
