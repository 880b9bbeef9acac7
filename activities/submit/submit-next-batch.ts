import { Context } from '@temporalio/activity';
import type { SyncCounts } from '../../domain/sync-counts.js';
import { NO_COUNTS } from '../../domain/sync-counts.js';
import type { ActivityDeps } from '../deps.js';
import { stopBatch, type Batch } from './batch.js';
import type { ContextWork } from '../../db/courses/context-work.js';
import { promoteFailures } from './promote-failures.js';
import { sendScores, type SendDeps } from './send-scores.js';
import { settleUnknown, type SettleDeps } from './settle-unknown.js';
import { withLane, type LaneDeps, type LaneOutcome } from '../guards/with-lane.js';

/** Batches stop claiming at this part of their start-to-close time. */
const BUDGET_SHARE = 0.8;
/** How long a batch waits in line for permits before the workflow sleeps instead. */
const PERMIT_PATIENCE_MS = 5_000;

export interface SubmitNextBatchInput {
  /** Our uuid of the context. */
  context: string;
}

export interface SubmitNextBatchResult extends LaneOutcome {
  counts: SyncCounts;
  /** Due scores hang on columns that have no id in the LMS yet. */
  needsLineItems: boolean;
  /** What is left now is bulk work only. */
  isBulkOnly: boolean;
}

export type SubmitNextBatchDeps = LaneDeps & SendDeps & SettleDeps & Pick<ActivityDeps, 'concurrency'>;

/**
 * The hot path: takes the lane of a context, settles what is unknown, sends what is due. Safe to repeat and to run beside
 * a forgotten attempt of itself: whatever it does is claimed and recorded under the lane's token in PostgreSQL, and it
 * resumes from there, never from heartbeat details.
 */
export function createSubmitNextBatch(
  deps: SubmitNextBatchDeps,
): (input: SubmitNextBatchInput) => Promise<SubmitNextBatchResult> {
  return async ({ context }) => {
    const budgetMs = Context.current().info.startToCloseTimeoutMs * BUDGET_SHARE;
    const toResult = (outcome: LaneOutcome): SubmitNextBatchResult => ({
      ...outcome,
      counts: { ...NO_COUNTS },
      needsLineItems: false,
      isBulkOnly: false,
    });
    return withLane(deps, { context, budgetMs, toResult }, async (batch) => {
      if (!(await hasGradingKey(deps, batch)))
        return toResult({ outcome: 'parked', reason: 'ServiceKeyMissing', delayMs: null });
      await settleUnknown(deps, batch);
      if (!batch.stop) await sendReady(deps, batch);
      const work = await deps.contexts.getWork(context);
      const { onWantedColumns, isBulkOnly } = work;
      return {
        ...conclude(batch, work),
        counts: batch.counts,
        needsLineItems: onWantedColumns > 0 || batch.hasLostColumn,
        isBulkOnly,
      };
    });
  };
}

/** Keeps only keys that may send grades, and sets the context aside when there are none. */
async function hasGradingKey({ contexts }: SubmitNextBatchDeps, batch: Batch): Promise<boolean> {
  batch.keys.splice(0, batch.keys.length, ...batch.keys.filter((key) => key.assignmentAndGrades));
  if (batch.keys.length > 0) return true;
  const { ready, unsettled, onWantedColumns } = await contexts.getWork(batch.course.id);
  if (ready + unsettled + onWantedColumns > 0) {
    await contexts.park({ context: batch.course.id, type: 'ServiceKeyMissing', detail: null, probeAfterMs: null });
  }
  return false;
}

async function sendReady(deps: SubmitNextBatchDeps, batch: Batch): Promise<void> {
  const { id, gate, parkedType } = batch.course;
  const { ready } = await deps.contexts.getWork(id);
  if (ready === 0) return;
  // A course that was set aside is probed with a single call at a time.
  const want = parkedType === null ? Math.min(ready, deps.concurrency) : 1;
  const share = await deps.permits.borrow({ gate, want, maxWaitMs: PERMIT_PATIENCE_MS });
  if ('reason' in share) return stopBatch(batch, { reason: share.reason, waitMs: share.waitMs, parked: false });
  await sendScores(deps, batch, share);
  await promoteFailures(deps, batch);
}

function conclude(batch: Batch, work: ContextWork): LaneOutcome {
  const { stop } = batch;
  if (stop?.parked) return { outcome: 'parked', reason: stop.reason, delayMs: null };
  if (stop?.waitMs) return { outcome: 'waiting', reason: stop.reason, delayMs: stop.waitMs };
  if (stop || work.ready + work.unsettled > 0) return { outcome: 'more', reason: stop?.reason ?? null, delayMs: null };
  if (work.nextInMs !== null) return { outcome: 'waiting', reason: 'retry', delayMs: Math.max(work.nextInMs, 100) };
  if (work.onParkedColumns > 0) return { outcome: 'parked', reason: 'LineItemParked', delayMs: null };
  return { outcome: 'drained', reason: null, delayMs: null };
}
