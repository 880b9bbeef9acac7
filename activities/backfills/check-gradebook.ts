import { ApplicationFailure, Context } from '@temporalio/activity';
import { resultsByUser } from '../../domain/score.js';
import type { ActivityDeps } from '../deps.js';
import { listKeys } from '../guards/list-keys.js';
import { createPlatformReading, PlatformRestsError, type ReadingDeps } from '../read/platform-reading.js';

export type CheckDeps = ReadingDeps & Pick<ActivityDeps, 'backfills' | 'contexts' | 'keys' | 'ltiaas' | 'toFailure'>;

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
  const { keys } = await listKeys(deps, context, 'assignmentAndGrades');
  const [key] = keys;
  if (!syncable || !key) return undefined;
  const { gate, family } = syncable;
  const reading = createPlatformReading(deps, { gate, context, signal });
  try {
    // Moodle's pages cannot be followed when a limit is given (gradebookservices results.php).
    const limit = family === 'canvas' ? { limit: 100 } : {};
    const results = await reading.call(() =>
      deps.ltiaas.listResults({ serviceKey: key.serviceKey, lineItemId, signal, pool: gate, ...limit }),
    );
    return [...resultsByUser(results).values()].flatMap(({ userId, resultScore, resultMaximum }) =>
      typeof resultScore === 'number' ? [{ userId, grade: resultScore / (resultMaximum || 1) }] : [],
    );
  } catch (error) {
    const isPutOff = error instanceof PlatformRestsError || error instanceof ApplicationFailure;
    if (!isPutOff && !deps.toFailure(error, { family, operation: 'listResults' })) throw error;
    return undefined;
  }
}
