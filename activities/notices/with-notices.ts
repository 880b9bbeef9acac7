import type { ActivityDeps } from '../deps.js';

/**
 * Lets a sweep begin with finding out what endpoints are to be told; those that wait are woken at its end. Safe to repeat.
 * What goes wrong here keeps nobody's scores waiting: the next sweep looks again, and health says when nobody has for long.
 */
export function withNotices<Input extends { after: string | null }, T>(
  { noticeFinder }: Pick<ActivityDeps, 'noticeFinder'>,
  sweep: (input: Input) => Promise<T>,
): (input: Input) => Promise<T> {
  return async (input) => {
    if (input.after === null) await noticeFinder.find().catch(() => undefined);
    return sweep(input);
  };
}
