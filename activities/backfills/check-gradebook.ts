import { Context } from '@temporalio/activity';
import type { ActivityDeps } from '../deps.js';

/** How long a reading waits in line for a permit; then the column is compared with what we believe. */
const PATIENCE_MS = 30_000;

export type CheckDeps = Pick<ActivityDeps, 'backfills' | 'contexts' | 'keys' | 'permits' | 'ltiaas' | 'toFailure'>;

/**
 * Reads what the LMS shows in the columns of a backfill, one after the other. A column that cannot be read is compared
 * with what we believe instead. Safe to repeat: it only reads, and goes on after the last column that was kept.
 */
export async function checkGradebook(deps: CheckDeps, backfill: string, from: number): Promise<void> {
  const { cancellationSignal: signal } = Context.current();
  for (let after = from; ;) {
    signal.throwIfAborted();
    const column = await deps.backfills.findColumnToCheck(backfill, after);
    if (!column) return;
    const seen = await readColumn(deps, column, signal);
    if (seen) await deps.backfills.storeSeen({ backfill, target: column.target, seen });
    after = column.target;
    await deps.backfills.keepStep(backfill, { name: 'check', after: String(after) });
  }
}

async function readColumn(
  deps: CheckDeps,
  { context, lineItemId }: { context: string; lineItemId: string },
  signal: AbortSignal,
): Promise<{ userId: string; grade: number }[] | undefined> {
  const syncable = await deps.contexts.findSyncable(context);
  const key = (await deps.keys.listUsable(context)).find(({ assignmentAndGrades }) => assignmentAndGrades);
  if (!syncable || !key) return undefined;
  const { gate, family } = syncable;
  const share = await deps.permits.borrow({ gate, want: 1, maxWaitMs: PATIENCE_MS });
  if ('reason' in share) return undefined;
  try {
    if (!(await share.mayBegin(signal))) return undefined;
    // Moodle's pages cannot be followed when a limit is given (gradebookservices results.php).
    const limit = family === 'canvas' ? { limit: 100 } : {};
    const results = await deps.ltiaas.listResults({ serviceKey: key.serviceKey, lineItemId, signal, ...limit });
    return results.flatMap(({ userId, resultScore, resultMaximum }) =>
      typeof resultScore === 'number' ? [{ userId, grade: resultScore / (resultMaximum || 1) }] : [],
    );
  } catch (error) {
    if (!deps.toFailure(error, { family, operation: 'listResults' })) throw error;
    return undefined;
  } finally {
    share.giveBack();
  }
}
