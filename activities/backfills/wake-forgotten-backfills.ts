import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep also wake backfills whose workflow was never started, is gone, or was not told of a decision. Safe to
 * repeat: one that runs only looks where it stands. One that cannot be woken stops neither the others nor the sweep.
 */
export function withForgottenBackfills<Input, T>(
  { backfills, wakeBackfill }: Pick<ActivityDeps, 'backfills' | 'wakeBackfill'>,
  sweep: (input: Input) => Promise<T>,
): (input: Input) => Promise<T> {
  return async (input) => {
    const result = await sweep(input);
    for (const id of await backfills.listForgotten()) await wakeBackfill(id).catch(() => undefined);
    return result;
  };
}
