/** How long a score rests after a try that failed for a reason that passes by itself. */

const FIRST_MS = 15_000;
const LONGEST_MS = 6 * 3_600_000;

/**
 * The rest after the given number of failed tries (1 for the first): 15 s, doubled each time, six hours at most, spread
 * by up to a fifth so that a thousand scores that failed together do not come back together. A platform's own
 * `Retry-After` is obeyed where it asks for more. `spread` is a number from 0 to 1.
 */
export function restAfterMs(tries: number, spread: number, retryAfterMs = 0): number {
  const base = Math.min(FIRST_MS * 2 ** Math.min(tries - 1, 20), LONGEST_MS);
  return Math.max(retryAfterMs, Math.round(base * (1 + 0.2 * spread)));
}
