import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep also wake backfills whose workflow was never started, is gone, or was not told of a decision. Safe to
 * repeat: one that runs only looks where it stands.
 */
export function withForgottenBackfills<T>(
  { backfills, wakeBackfill }: Pick<ActivityDeps, 'backfills' | 'wakeBackfill'>,
  sweep: () => Promise<T>,
): () => Promise<T> {
  return async () => {
    const result = await sweep();
    for (const id of await backfills.listForgotten()) await wakeBackfill(id);
    return result;
  };
}
