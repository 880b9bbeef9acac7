import { ApplicationFailure, Context } from '@temporalio/activity';
import type { BulkProgress } from '../../domain/bulk-operation.js';
import type { ActivityDeps } from '../deps.js';
import { OWN_WORK, withHeartbeat } from '../guards/with-heartbeat.js';

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
  return async ({ operation }) => {
    const activityContext = Context.current();
    return withHeartbeat(
      () => activityContext.heartbeat(),
      () => work(operation, activityContext.cancellationSignal),
      OWN_WORK,
    );
  };

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
    try {
      const page = await bulkOperations.advance(operation);
      if (page) return page;
    } catch (error) {
      const code = refusalCode(error);
      if (code === undefined) throw error;
      await bulkOperations.fail(operation, code);
      const ended = await bulkOperations.advance(operation);
      if (ended) return ended;
    }
    throw ApplicationFailure.nonRetryable('There is no such bulk operation.', 'BulkOperationNotFound');
  }
}
