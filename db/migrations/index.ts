/**
 * Every migration in order. A name is stored in the database: never rename one, only add. The functions are those of this
 * release wherever they are installed: an entry more installs them again where they have changed.
 */
import { FUNCTIONS } from '../functions/index.js';
import type { Migration } from './migration.js';
import { sql as platformsCreate } from './20261124_0100_platforms__create.js';
import { sql as contextsCreate } from './20261124_0200_contexts__create.js';
import { sql as serviceKeysCreate } from './20261124_0300_service_keys__create.js';
import { sql as lineItemsCreate } from './20261124_0400_line_items__create.js';
import { sql as membershipsCreate } from './20261124_0500_memberships__create.js';
import { sql as scoresCreate } from './20261124_0600_scores__create.js';
import { sql as attemptsCreate } from './20261124_0700_attempts__create.js';
import { sql as platformLimitsCreate } from './20261124_0800_platform_limits__create.js';
import { sql as platformLimitsFunctions } from './20261124_0810_platform_limits__functions.js';
import { sql as apiKeysCreate } from './20261124_0900_api_keys__create.js';
import { sql as gradePoliciesAdd } from './20261124_1000_grade_policies__add.js';
import { sql as scoresIndexRejected } from './20261124_2000_scores__index_rejected.js';
import { sql as runsCreate } from './20261126_3000_runs__create.js';
import { sql as scorePullsCreate } from './20261126_3010_score_pulls__create.js';
import { sql as membershipsChanges } from './20261126_3500_memberships__changes.js';
import { sql as driftsCreate } from './20261126_3510_drifts__create.js';
import { sql as webhooksCreate } from './20261126_4000_webhooks__create.js';
import { sql as backfillsCreate } from './20261126_5000_backfills__create.js';
import { sql as backfillsFunctions } from './20261126_5010_backfills__functions.js';
import { sql as scoresIndexHeld } from './20261126_6000_scores__index_held.js';
import { sql as gatesCreate } from './20261127_1000_gates__create.js';
import { sql as scoreQueueCreate } from './20261127_2000_score_queue__create.js';
import { sql as gatesLanes } from './20261127_3000_gates__lanes.js';
import { sql as attemptsPartition } from './20261127_4000_attempts__partition.js';
import { sql as runContextsLeave } from './20261127_5000_run_contexts__leave.js';
import { sql as runContextsLine } from './20261127_5010_run_contexts__line.js';
import { sql as scoreQueueIndexHold } from './20261127_5020_score_queue__index_hold.js';
import { sql as contextsColumnsRest } from './20261127_5100_contexts__columns_rest.js';
import { sql as lanesLease } from './20261127_5200_lanes__lease.js';
import { sql as gateWakesCreate } from './20261127_5210_gate_wakes__create.js';
import { sql as gateWakesRun } from './20261127_5230_gate_wakes__run.js';
import { sql as pausesCreate } from './20261127_6010_pauses__create.js';
import { sql as scoresIndexChanges } from './20261127_6100_scores__index_changes.js';
import { sql as bulkOperationsCreate } from './20261127_6200_bulk_operations__create.js';
import { sql as webhookEventsParts } from './20261127_6310_webhook_events__parts.js';
import { sql as scoreRevisionsCreate } from './20261127_6400_score_revisions__create.js';
import { sql as consoleSessionsCreate } from './20261127_7000_console_sessions__create.js';
import { sql as attemptsIndexTime } from './20261127_7300_attempts__index_time.js';
import { sql as auditEntriesPlatforms } from './20261127_7500_audit_entries__platforms.js';
import { sql as scoreRetriesCreate } from './20261127_7510_score_retries__create.js';
import { sql as noticesCreate } from './20261127_8000_notices__create.js';
import { sql as listsPlaces } from './20261127_8100_lists__places.js';
import { sql as apiKeysLineage } from './20261128_1000_api_keys__lineage.js';
import { sql as reachFunctions } from './20261128_1010_reach__functions.js';
import { sql as dataKeysCreate } from './20261128_2000_data_keys__create.js';
import { sql as auditEntriesChain } from './20261128_3000_audit_entries__chain.js';
import { sql as originsAdd } from './20261128_3020_origins__add.js';
import { sql as webhookSignaturesCreate } from './20261128_5000_webhook_signatures__create.js';
import { sql as rolesPrepare } from './20261128_7000_roles__prepare.js';
import { sql as scoreRevisionsOnlyAdded } from './20261128_7900_score_revisions__only_added.js';
import { sql as scoresWriteValuesOnce } from './20261127_5220_scores__write_values_once.js';
import { sql as peopleCreate } from './20261128_8000_people__create.js';
import { sql as scoresErase } from './20261128_8010_scores__erase.js';
import { sql as reachMindMarks } from './20261128_8300_reach__mind_marks.js';

export const MIGRATIONS: readonly Migration[] = [
  { name: '20261124_0100_platforms__create', sql: platformsCreate },
  { name: '20261124_0200_contexts__create', sql: contextsCreate },
  { name: '20261124_0300_service_keys__create', sql: serviceKeysCreate },
  { name: '20261124_0400_line_items__create', sql: lineItemsCreate },
  { name: '20261124_0500_memberships__create', sql: membershipsCreate },
  { name: '20261124_0600_scores__create', sql: scoresCreate },
  { name: '20261124_0700_attempts__create', sql: attemptsCreate },
  { name: '20261124_0800_platform_limits__create', sql: platformLimitsCreate },
  { name: '20261124_0810_platform_limits__functions', sql: platformLimitsFunctions },
  { name: '20261124_0900_api_keys__create', sql: apiKeysCreate },
  { name: '20261124_1000_grade_policies__add', sql: gradePoliciesAdd },
  { name: '20261124_2000_scores__index_rejected', sql: scoresIndexRejected },
  { name: '20261126_3000_runs__create', sql: runsCreate },
  { name: '20261126_3010_score_pulls__create', sql: scorePullsCreate },
  { name: '20261126_3500_memberships__changes', sql: membershipsChanges },
  { name: '20261126_3510_drifts__create', sql: driftsCreate },
  { name: '20261126_4000_webhooks__create', sql: webhooksCreate },
  { name: '20261126_5000_backfills__create', sql: backfillsCreate },
  { name: '20261126_5010_backfills__functions', sql: backfillsFunctions },
  { name: '20261126_6000_scores__index_held', sql: scoresIndexHeld },
  { name: '20261127_1000_gates__create', sql: gatesCreate },
  { name: '20261127_2000_score_queue__create', sql: scoreQueueCreate },
  { name: '20261127_3000_gates__lanes', sql: gatesLanes },
  { name: '20261127_3010_functions__install', sql: FUNCTIONS },
  { name: '20261127_4000_attempts__partition', sql: attemptsPartition },
  { name: '20261127_5000_run_contexts__leave', sql: runContextsLeave },
  { name: '20261127_5010_run_contexts__line', sql: runContextsLine },
  { name: '20261127_5020_score_queue__index_hold', sql: scoreQueueIndexHold },
  { name: '20261127_5100_contexts__columns_rest', sql: contextsColumnsRest },
  { name: '20261127_5200_lanes__lease', sql: lanesLease },
  { name: '20261127_5210_gate_wakes__create', sql: gateWakesCreate },
  { name: '20261127_5220_scores__write_values_once', sql: scoresWriteValuesOnce },
  { name: '20261127_5230_gate_wakes__run', sql: gateWakesRun },
  { name: '20261127_6000_functions__install', sql: FUNCTIONS },
  { name: '20261127_6010_pauses__create', sql: pausesCreate },
  { name: '20261127_6020_functions__install', sql: FUNCTIONS },
  { name: '20261127_6100_scores__index_changes', sql: scoresIndexChanges },
  { name: '20261127_6200_bulk_operations__create', sql: bulkOperationsCreate },
  { name: '20261127_6310_webhook_events__parts', sql: webhookEventsParts },
  { name: '20261127_6400_score_revisions__create', sql: scoreRevisionsCreate },
  { name: '20261127_6410_functions__install', sql: FUNCTIONS },
  { name: '20261127_7000_console_sessions__create', sql: consoleSessionsCreate },
  { name: '20261127_7300_attempts__index_time', sql: attemptsIndexTime },
  { name: '20261127_7500_audit_entries__platforms', sql: auditEntriesPlatforms },
  { name: '20261127_7510_score_retries__create', sql: scoreRetriesCreate },
  { name: '20261127_8000_notices__create', sql: noticesCreate },
  { name: '20261127_8100_lists__places', sql: listsPlaces },
  { name: '20261128_1000_api_keys__lineage', sql: apiKeysLineage },
  { name: '20261128_1010_reach__functions', sql: reachFunctions },
  { name: '20261128_2000_data_keys__create', sql: dataKeysCreate },
  { name: '20261128_3000_audit_entries__chain', sql: auditEntriesChain },
  { name: '20261128_3020_origins__add', sql: originsAdd },
  { name: '20261128_5000_webhook_signatures__create', sql: webhookSignaturesCreate },
  { name: '20261128_7000_roles__prepare', sql: rolesPrepare },
  { name: '20261128_7900_score_revisions__only_added', sql: scoreRevisionsOnlyAdded },
  { name: '20261128_8000_people__create', sql: peopleCreate },
  { name: '20261128_8010_scores__erase', sql: scoresErase },
  { name: '20261128_8090_functions__install', sql: FUNCTIONS },
  { name: '20261128_8300_reach__mind_marks', sql: reachMindMarks },
];
