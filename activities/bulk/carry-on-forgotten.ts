import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep also carry on bulk operations whose workflow was never started, or is gone. Safe to repeat: one that runs
 * is left alone. One that cannot be started stops neither the others nor the sweep.
 */
export function withForgottenBulk<Input, T>(
  { bulkOperations, carryOnBulk }: Pick<ActivityDeps, 'bulkOperations' | 'carryOnBulk'>,
  sweep: (input: Input) => Promise<T>,
): (input: Input) => Promise<T> {
  return async (input) => {
    const result = await sweep(input);
    for (const id of await bulkOperations.listForgotten()) await carryOnBulk(id).catch(() => undefined);
    return result;
  };
}
