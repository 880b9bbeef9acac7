import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep begin with what is left of pauses that are over: what they put on hold goes on. Safe to repeat: it only lets
 * go what nothing holds any more.
 */
export function withEndedPauses<Input, T>(
  { pauses }: Pick<ActivityDeps, 'pauses'>,
  sweep: (input: Input) => Promise<T>,
): (input: Input) => Promise<T> {
  return async (input) => {
    await pauses.tidyUp();
    return sweep(input);
  };
}
