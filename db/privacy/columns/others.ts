/** Keys, webhooks, notices, requests for persons, and the housekeeping. */
import { columns, none, type Declarations } from './declare.js';

export const OTHERS = {
  api_keys: [
    columns('secret', 'hash hint', {
      export: 'no: a secret',
      erase: 'no: of no person',
      prune: 'no: its deeds are audited',
    }),
    columns('freeText', 'name', {
      export: 'no: of the installation',
      erase: 'no: of the installation',
      prune: 'no: its deeds are audited',
    }),
    columns('lmsText', 'platforms', {
      export: 'no: of an institution',
      erase: 'no: of an institution',
      prune: 'no: its deeds are audited',
    }),
    none('id scopes created_by created_at last_used_at revoked_at expires_at is_bootstrap lineage rotated_at'),
  ],
  audit_chain: [none('id position hash begins_after begins_with')],
  audit_entries: [
    // A subject is an id of ours, or a name such as that of a source.
    columns('freeText', 'reason details subject', {
      export: 'no: of the operator who did it',
      erase: 'no: who did what stays; no names belong there',
      prune: 'audit',
    }),
    columns('lmsText', 'platforms', {
      export: 'no: of an institution',
      erase: 'no: of an institution',
      prune: 'audit',
    }),
    none('answers hash outcome previous request_id id at api_key action'),
  ],
  former_api_secrets: [
    columns('secret', 'hash', { export: 'no: a secret', erase: 'no: of no person', prune: 'no: until it expires' }),
    none('api_key expires_at'),
  ],
  data_keys: [
    columns('secret', 'wrapped', {
      export: 'no: a secret',
      erase: 'no: of no person',
      prune: 'no: while it opens values',
    }),
    none('id platform wrapped_by created_at rewrapped_at retired_at'),
  ],
  key_rotations: [none('id started_at ended_at')],
  console_sessions: [
    columns('secret', 'hash', {
      export: 'no: a secret',
      erase: 'no: of no student',
      prune: 'no: thirty days after its end',
    }),
    none('id api_key created_at last_seen_at expires_at revoked_at'),
  ],
  idempotency_keys: [
    columns('secret', 'body', {
      export: 'no: encrypted answers, found by their key only',
      erase: 'no: gone after a day',
      prune: 'no: after a day',
    }),
    columns('freeText', 'key', {
      export: 'no: of the caller',
      erase: 'no: gone after a day',
      prune: 'no: after a day',
    }),
    none('api_key data_key request_hash status content_type created_at completed_at'),
  ],
  webhook_signatures: [none('source digest event seen_at until')],
  webhook_sources: [
    // A mapping and a verification name members, headers and places.
    columns('freeText', 'name mapping verification', {
      export: 'no: of the operator',
      erase: 'no: of the operator',
      prune: 'no: until it is deleted',
    }),
    columns('lmsText', 'platforms', {
      export: 'no: of an institution',
      erase: 'no: of an institution',
      prune: 'no: until it is deleted',
    }),
    none('id disabled limits created_at updated_at'),
  ],
  webhook_secrets: [
    columns('secret', 'ciphertext', {
      export: 'no: a secret',
      erase: 'no: of no person',
      prune: 'no: with its source',
    }),
    none('id source data_key created_at'),
  ],
  webhook_references: [
    columns('person', 'reference user_id', { export: 'webhook_references', erase: 'references', prune: 'events' }),
    none('tied_by tied_request source context line_item expires_at created_at updated_at'),
  ],
  webhook_events: [
    columns('person', 'event_id body digest facts reference', {
      export: 'webhook_events',
      erase: 'events',
      prune: 'events',
    }),
    columns('lmsText', 'platform_id deployment_id', {
      export: 'webhook_events',
      erase: 'no: of an institution',
      prune: 'events',
    }),
    columns('freeText', 'reason_detail', { export: 'webhook_events', erase: 'events', prune: 'events' }),
    none(`
      id seq source repeats differing data_key state state_since look_at tries reason reason_fact
      reason_pointer score revision outcome received_at part_of`),
  ],
  notice_endpoints: [
    columns('secret', 'url_ciphertext', {
      export: 'no: a secret',
      erase: 'no: of no person',
      prune: 'no: until it is deleted',
    }),
    columns('freeText', 'description origin', {
      export: 'no: of the operator',
      erase: 'no: of the operator',
      prune: 'no: until it is deleted',
    }),
    columns('lmsText', 'platform_id context_id platforms', {
      export: 'no: of a course',
      erase: 'no: of a course',
      prune: 'no: until it is deleted',
    }),
    none(`
      id seq url_data_key format kinds digest_minutes digest_from outcomes_at outcomes_seq looked_at
      failures failing_since rest_until disabled_at disabled_by created_at updated_at`),
  ],
  notice_secrets: [
    columns('secret', 'ciphertext', {
      export: 'no: a secret',
      erase: 'no: of no person',
      prune: 'no: with its endpoint',
    }),
    none('id endpoint data_key created_at ends_at'),
  ],
  notice_deliveries: [
    columns('freeText', 'last_failure', {
      export: 'no: of an endpoint',
      erase: 'no: of an endpoint',
      prune: 'no: after thirty days',
    }),
    none('id seq endpoint type state attempts last_status last_tried_at delivered_at created_at'),
  ],
  notices: [
    columns('lmsText', 'facts', {
      export: 'no: names scores and places, no person',
      erase: 'no: names scores and places, no person',
      prune: 'no: after thirty days',
    }),
    none('id seq endpoint delivery kind status subject incident since created_at'),
  ],
  open_notices: [
    columns('lmsText', 'facts', {
      export: 'no: names places, no person',
      erase: 'no: names places, no person',
      prune: 'no: when it is over',
    }),
    none('endpoint kind subject incident since'),
  ],
  person_requests: [
    columns('person', 'subject', {
      export: 'no: the request itself',
      erase: 'no: emptied when the request ends',
      prune: 'audit',
    }),
    columns('freeText', 'reason', { export: 'no: of the operator', erase: 'no: of the operator', prune: 'audit' }),
    none(`
      id seq kind platform deployment data_key api_key state step next_page round horizon
      in_flight counts failure created_at updated_at ended_at`),
  ],
  person_request_columns: [none('request line_item is_certain')],
  person_export_parts: [
    columns('person', 'ciphertext', {
      export: 'no: it is the export',
      erase: 'no: gone after a day',
      prune: 'no: after a day',
    }),
    none('request part data_key created_at'),
  ],
  person_tombstones: [
    columns('person', 'digest', {
      export: 'no: says nothing without its key',
      erase: 'no: it is what keeps the person away',
      prune: 'no: until the person is readmitted',
    }),
    none('id platform deployment request erased_at'),
  ],
  person_hmac_keys: [
    columns('secret', 'ciphertext', {
      export: 'no: a secret',
      erase: 'no: of no person',
      prune: 'no: without it no tombstone is known',
    }),
    none('id data_key created_at'),
  ],
  migrations: [none('id name batch migration_time')],
  migrations_lock: [none('index is_locked')],
} as const satisfies Declarations;
