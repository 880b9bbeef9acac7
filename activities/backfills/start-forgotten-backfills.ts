import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep also start backfills whose workflow was never started, or is gone. Safe to repeat: one that runs is left
 * alone.
 */
export function withForgottenBackfills<T>(
  { backfills, backfillStarts }: Pick<ActivityDeps, 'backfills' | 'backfillStarts'>,
  sweep: () => Promise<T>,
): () => Promise<T> {
  return async () => {
    const result = await sweep();
    for (const id of await backfills.listForgotten()) await backfillStarts.start(id);
    return result;
  };
}
