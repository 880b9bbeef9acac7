/** Platforms, courses, columns, and who is in them. */
import { columns, none, type Declarations } from './declare.js';

export const PLACES = {
  platforms: [
    columns('lmsText', 'platform_id url product_family_code', {
      export: 'no: of an institution',
      erase: 'no: of an institution',
      prune: 'no: stays',
    }),
    none('id family family_set_by created_at updated_at limit_by'),
  ],
  deployments: [
    columns('lmsText', 'deployment_id', {
      export: 'no: of an institution',
      erase: 'no: of an institution',
      prune: 'no: stays',
    }),
    none('id platform created_at gate'),
  ],
  gates: [
    columns('lmsText', 'deployment_id', {
      export: 'no: of an institution',
      erase: 'no: of an institution',
      prune: 'no: stays',
    }),
    none(`
      id platform in_flight_cap in_flight_max rate_per_second tokens tokens_at cap_changed_at
      blocked_until failures_in_row breaker breaker_type breaker_opened_at breaker_times probe_until
      created_at lane_token lane_expires_at sender_share reader_waits_until failing_context
      failing_several lane_calls_end_at pauses`),
  ],
  gate_wakes: [none('gate asked_at first_asked_at run')],
  reading_turns: [none('id gate expires_at')],
  contexts: [
    columns('lmsText', 'context_id title parked_detail', {
      export: 'no: of a course',
      erase: 'no: of a course',
      prune: 'no: courses stay',
    }),
    none(`
      id deployment last_attempted_at line_items_read_at roster_read roster_read_at parked_type parked_at
      parked_until parked_times created_at grade_policy results_read_at columns_sought_at columns_failure
      columns_failed_times columns_rest_until`),
  ],
  resource_links: [
    columns('lmsText', 'resource_link_id title', {
      export: 'no: of a course',
      erase: 'no: of a course',
      prune: 'no: stays',
    }),
    none('id context created_at'),
  ],
  line_items: [
    columns('lmsText', 'line_item_id resource_link_id resource_id tag label parked_detail', {
      export: 'no: of a course',
      erase: 'no: of a course',
      prune: 'no: columns stay',
    }),
    none(`
      id context score_maximum verified_at create_reserved_at merged_into parked_type parked_at
      parked_until parked_times created_at updated_at grade_policy results_read_at`),
  ],
  service_keys: [
    columns('secret', 'ciphertext', {
      export: 'no: a secret',
      erase: 'no: of a course',
      prune: 'no: until it is deleted',
    }),
    columns('lmsText', 'scopes', {
      export: 'no: of a course',
      erase: 'no: of a course',
      prune: 'no: until it is deleted',
    }),
    none(`
      brought_by brought_request id context resource_link data_key assignment_and_grades names_and_roles launched_at
      rejected_at last_ok_at created_at updated_at`),
  ],
  memberships: [
    columns('person', 'user_id roles status standing name email', {
      export: 'memberships',
      erase: 'memberships',
      prune: 'members',
    }),
    none('context seen_in_read missed_reads created_at updated_at'),
  ],
  membership_changes: [
    columns('person', 'user_id status roles_before roles_after', {
      export: 'membership_changes',
      erase: 'memberships',
      prune: 'members',
    }),
    none('id context change read at'),
  ],
  membership_drafts: [
    columns('person', 'user_id roles status standing name email', {
      export: 'membership_drafts',
      erase: 'memberships',
      prune: 'no: gone when the read ends',
    }),
    none('context read'),
  ],
  pauses: [
    columns('freeText', 'reason', {
      export: 'no: of the operator',
      erase: 'no: of the operator',
      prune: 'no: when it is over',
    }),
    none('id platform deployment context paused_at until'),
  ],
} as const satisfies Declarations;
