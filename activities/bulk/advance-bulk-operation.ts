import { ApplicationFailure } from '@temporalio/activity';
import type { BulkProgress } from '../../domain/bulk-operation.js';
import type { ActivityDeps } from '../deps.js';
import { advanceOrFail } from '../guards/advance-or-fail.js';
import { withOwnHeartbeat } from '../guards/with-heartbeat.js';

/** One attempt stays short, so that deploys drain quickly; the workflow comes again. */
const BUDGET_MS = 45_000;

export type BulkDeps = Pick<ActivityDeps, 'bulkOperations' | 'wakeAll' | 'isDraining' | 'refusalCode'>;

/**
 * Does pages of a bulk operation, and wakes whoever has something to send after each. Safe to repeat and to run twice at
 * once: a page is one transaction that locks the operation. A wake that is lost is the sweep's to find. A page that
 * PostgreSQL refuses for good ends the operation as failed: what was done before stays done.
 */
export function createAdvanceBulkOperation(deps: BulkDeps): (input: { operation: string }) => Promise<BulkProgress> {
  const { bulkOperations, wakeAll, isDraining, refusalCode } = deps;
  return ({ operation }) => withOwnHeartbeat((signal) => work(operation, signal));

  async function work(operation: string, signal: AbortSignal): Promise<BulkProgress> {
    const until = performance.now() + BUDGET_MS;
    for (;;) {
      signal.throwIfAborted();
      const { contexts, ...progress } = await advance(operation);
      await wakeAll(contexts.map((context) => ({ ...context, trigger: 'operator' })));
      if (progress.state !== 'running' || isDraining() || performance.now() > until) return progress;
    }
  }

  async function advance(operation: string) {
    const page = await advanceOrFail(bulkOperations, operation, refusalCode);
    if (page) return page;
    throw ApplicationFailure.nonRetryable('There is no such bulk operation.', 'BulkOperationNotFound');
  }
}
