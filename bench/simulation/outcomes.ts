import type { Verdict } from '../../activities/guards/flow.js';
import { restOfPlatformMs } from '../../domain/retry.js';
import type { Claimed } from './backlog.js';

export type Outcome = 'taken' | 'throttled' | 'failed';

/** What a call's end says of the platform, and how long its score rests, in milliseconds; null: it is in the gradebook. */
export function endOf(
  outcome: Outcome,
  { course, tries }: Claimed,
  { random, faults }: { random: () => number; faults: { retryAfterMs: number } },
): { verdict: Verdict; restMs: number | null } {
  const { retryAfterMs } = faults;
  switch (outcome) {
    case 'taken':
      return { verdict: { kind: 'ok' }, restMs: null };
    case 'throttled':
      return { verdict: { kind: 'throttled', restMs: retryAfterMs }, restMs: retryAfterMs };
    case 'failed': {
      const verdict = { kind: 'failed', type: 'PlatformUnavailable', context: String(course) } as const;
      return { verdict, restMs: restOfPlatformMs(tries + 1, random()) };
    }
  }
}
