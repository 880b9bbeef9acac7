import type { BackfillStarterPort, BackfillsPort } from './backfill-ports.js';
import { createDecideBackfill } from './backfills/decide-backfill.js';
import { createEnsureLineItems, type EnsureLineItemsDeps } from './read/ensure-line-items.js';
import type { SyncStarterPort } from './ports.js';
import { createPullProgress, type PullProgressDeps } from './read/pull-progress.js';
import { createReconcileGradebook, type ReconcileGradebookDeps } from './read/reconcile-gradebook.js';
import { createPreviewBackfill } from './backfills/preview-backfill.js';
import { createRefreshRoster, type RefreshRosterDeps } from './read/refresh-roster.js';
import { createRunPass, type RunPassDeps } from './passes/run-pass.js';
import { createReleaseBackfill } from './backfills/release-backfill.js';
import { withForgottenBackfills } from './backfills/start-forgotten-backfills.js';
import { createSubmitNextBatch, type SubmitNextBatchDeps } from './submit/submit-next-batch.js';
import { createPokeUntended } from './passes/poke-untended.js';

export type ActivityDeps = SubmitNextBatchDeps &
  EnsureLineItemsDeps &
  RefreshRosterDeps &
  ReconcileGradebookDeps &
  PullProgressDeps &
  RunPassDeps & { syncs: SyncStarterPort; backfills: BackfillsPort; backfillStarts: BackfillStarterPort };

/** All activities under the names that histories know. Types are all that workflows see of this. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred record is the contract
export function createActivities(deps: ActivityDeps) {
  return {
    submitNextBatch: createSubmitNextBatch(deps),
    ensureLineItems: createEnsureLineItems(deps),
    refreshRoster: createRefreshRoster(deps),
    reconcileGradebook: createReconcileGradebook(deps),
    pullProgress: createPullProgress(deps),
    ...createRunPass(deps),
    pokeUntended: withForgottenBackfills(deps, createPokeUntended(deps)),
    previewBackfill: createPreviewBackfill(deps),
    releaseBackfill: createReleaseBackfill(deps),
    decideBackfill: createDecideBackfill(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
