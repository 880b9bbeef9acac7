/** How long a score rests after a try that failed for a reason that passes by itself. */

/** After a failure that is the score's own. */
const FIRST_MS = 15_000;
/** After one that is the platform's: how long the platform rests, its breaker says. */
const FIRST_OF_PLATFORM_MS = 1_000;
const LONGEST_MS = 6 * 3_600_000;

/**
 * The rest after the given number of failed tries (1 for the first): 15 s, doubled each time, six hours at most, spread
 * by up to a fifth so that a thousand scores that failed together do not come back together. A platform's own
 * `Retry-After` is obeyed where it asks for more. `spread` is a number from 0 to 1.
 */
export function restAfterMs(tries: number, spread: number, retryAfterMs = 0): number {
  return restFrom(FIRST_MS, tries, spread, retryAfterMs);
}

/** The same after failures that are the platform's, from one second on: the next call may well succeed. */
export function restOfPlatformMs(tries: number, spread: number, retryAfterMs = 0): number {
  return restFrom(FIRST_OF_PLATFORM_MS, tries, spread, retryAfterMs);
}

function restFrom(firstMs: number, tries: number, spread: number, retryAfterMs: number): number {
  const base = Math.min(firstMs * 2 ** Math.min(tries - 1, 20), LONGEST_MS);
  return Math.max(retryAfterMs, Math.round(base * (1 + 0.2 * spread)));
}
