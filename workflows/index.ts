/** Every workflow of the workers, under the type that histories and the Temporal UI know. */
export { nightlySyncWorkflow as nightlySync } from './nightly-sync.js';
export { reconcileGradebooksWorkflow as reconcileGradebooks } from './reconcile-gradebooks.js';
export { refreshRostersWorkflow as refreshRosters } from './refresh-rosters.js';
export { backfillWorkflow as backfill } from './backfill.js';
export { bulkOperationWorkflow as bulkOperation } from './bulk-operation.js';
export { deliverNoticesWorkflow as deliverNotices } from './deliver-notices.js';
export { personRequestWorkflow as personRequest } from './person-request.js';
export { sendScoresWorkflow as sendScores } from './send-scores.js';
export { sweepWorkflow as sweep } from './sweep.js';
export { syncContextWorkflow as syncContext } from './sync-context.js';
export { upkeepWorkflow as upkeep } from './upkeep.js';
