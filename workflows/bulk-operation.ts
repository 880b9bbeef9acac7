import { continueAsNew, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { BulkProgress } from '../domain/bulk-operation.js';
import { longWork } from './activity-options.js';
import { bulkProgressQuery, type BulkOperationInput } from './bulk-operation-messages.js';
import { showDetails } from './details.js';
import { STATE_KEY } from './search-attribute-keys.js';

/** Events of one run before it continues as a new one: pages come for hours where there are millions of rows. */
const MOST_EVENTS = 1_000;

/**
 * Carries on what a request began, until PostgreSQL says that it has ended. Each page and its counts are one transaction
 * there, so this may be lost and started again at any point.
 */
export async function bulkOperationWorkflow({ operation, carried }: BulkOperationInput): Promise<BulkProgress> {
  let progress = carried ?? null;
  setHandler(bulkProgressQuery, () => progress, { description: 'What it has done so far, in counts.' });
  for (;;) {
    const summary = progress === null ? 'the next pages' : `the next pages; ${progress.acted} done`;
    progress = await longWork.advanceBulkOperation.executeWithOptions({ summary }, [{ operation }]);
    showDetails(describe(operation, progress));
    if (progress.state !== 'running') {
      upsertSearchAttributes([{ key: STATE_KEY, value: progress.state }]);
      return progress;
    }
    if (workflowInfo().historyLength > MOST_EVENTS || workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof bulkOperationWorkflow>({ operation, carried: progress });
    }
  }
}

function describe(operation: string, { state, acted, skipped, failed }: BulkProgress): string[] {
  return [`**${state}**`, '', `Operation ${operation}: ${acted} done, ${skipped} skipped, ${failed} failed.`];
}
