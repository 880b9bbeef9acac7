import type { ActivityDeps } from './deps.js';
import { endRefusals } from './guards/end-refusals.js';
import { createEnsureLineItems } from './read/ensure-line-items.js';
import { createPullProgress } from './read/pull-progress.js';
import { restWhenRefused } from './read/rest-when-refused.js';
import { createReconcileGradebook } from './read/reconcile-gradebook.js';
import { createPreviewBackfill } from './backfills/preview-backfill.js';
import { createRefreshRoster } from './read/refresh-roster.js';
import { createEnforceRetention } from './passes/enforce-retention.js';
import { createKeepUp } from './passes/keep-up.js';
import { createRunPass } from './passes/run-pass.js';
import { createReleaseBackfill } from './backfills/release-backfill.js';
import { withForgotten } from './passes/wake-forgotten.js';
import { withEndedPauses } from './passes/tidy-pauses.js';
import { createAdvanceBulkOperation } from './bulk/advance-bulk-operation.js';
import { createAdvancePersonRequest } from './people/advance-person-request.js';
import { withNotices } from './notices/with-notices.js';
import { createDeliverNotices } from './notices/deliver-notices.js';
import { createSubmitBatch } from './submit/submit-batch.js';
import { createSeekColumns, createWakeUntended } from './passes/wake-untended.js';

/** All activities under the names that histories know. Types are all that workflows see of this. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred record is the contract
export function createActivities(deps: ActivityDeps) {
  const ending = <Input extends unknown[], T>(activity: (...input: Input) => Promise<T>): typeof activity =>
    endRefusals(deps, activity);
  const pass = createRunPass(deps);
  return {
    submitBatch: endRefusals(deps, createSubmitBatch(deps), { isSender: true }),
    ensureLineItems: ending(restWhenRefused(deps, createEnsureLineItems(deps))),
    refreshRoster: ending(createRefreshRoster(deps)),
    reconcileGradebook: ending(createReconcileGradebook(deps)),
    pullProgress: ending(createPullProgress(deps)),
    beginRun: ending(pass.beginRun),
    listPullable: ending(pass.listPullable),
    notePulled: ending(pass.notePulled),
    askNext: ending(pass.askNext),
    countRunContext: ending(pass.countRunContext),
    closeRun: ending(pass.closeRun),
    closeSyncs: ending(pass.closeSyncs),
    wakeUntended: ending(
      withEndedPauses(
        deps,
        withForgotten(withNotices(deps, createWakeUntended(deps)), [
          { list: () => deps.backfills.listForgotten(), wake: deps.wakeBackfill },
          { list: () => deps.bulkOperations.listForgotten(), wake: deps.carryOnBulk },
          { list: () => deps.personRequests.listForgotten(), wake: deps.carryOnPerson },
          { list: () => deps.noticeOutbox.listWaiting(), wake: deps.deliverNotices },
        ]),
      ),
    ),
    seekColumns: ending(createSeekColumns(deps)),
    keepUp: ending(createKeepUp(deps)),
    enforceRetention: ending(createEnforceRetention(deps)),
    previewBackfill: ending(createPreviewBackfill(deps)),
    releaseBackfill: ending(createReleaseBackfill(deps)),
    deliverNotices: ending(createDeliverNotices(deps)),
    advanceBulkOperation: ending(createAdvanceBulkOperation(deps)),
    advancePersonRequest: ending(createAdvancePersonRequest(deps)),
  };
}

export type Activities = ReturnType<typeof createActivities>;
