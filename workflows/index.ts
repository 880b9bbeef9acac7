import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { nightlySyncWorkflow } from './nightly-sync.js';
import { reconcileGradebooksWorkflow } from './reconcile-gradebooks.js';
import { refreshRostersWorkflow } from './refresh-rosters.js';
import { sweepWorkflow } from './sweep.js';
import { upkeepWorkflow } from './upkeep.js';

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

/**
 * Where versions run side by side, what ends within a night keeps the code that it began with. All else may outlive any
 * version, and goes on with the latest: the code of each release replays the histories of those before.
 */
for (const pass of [
  ...[sweepWorkflow, upkeepWorkflow],
  ...[nightlySyncWorkflow, reconcileGradebooksWorkflow, refreshRostersWorkflow],
]) {
  // A worker without a version may say nothing of it.
  const options = () =>
    workflowInfo().currentDeploymentVersion?.deploymentName ? ({ versioningBehavior: 'PINNED' } as const) : {};
  setWorkflowOptions<never[], unknown>(options, pass);
}
