import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep also wake backfills whose workflow was never started, is gone, or was not told of a decision. Safe to
 * repeat: one that runs only looks where it stands.
 */
export function withForgottenBackfills<T>(
  { backfills, backfillStarts }: Pick<ActivityDeps, 'backfills' | 'backfillStarts'>,
  sweep: () => Promise<T>,
): () => Promise<T> {
  return async () => {
    const result = await sweep();
    for (const id of await backfills.listForgotten()) await backfillStarts.wake(id);
    return result;
  };
}
