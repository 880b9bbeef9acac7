import { digest } from '../dev/seed/made-up-id.js';

/** What part of the scores is refused at their first call; each succeeds when it comes again. */
export interface FaultPlan {
  /** The same seed picks the same scores. */
  seed: string;
  /** Answered 503, without a word on when to come again. */
  unavailable: number;
  /** Answered 429 with `Retry-After`. */
  throttled: number;
}

export type Fault = 503 | 429;

/** In seconds, as the header says it. */
export const RETRY_AFTER_SECONDS = 1;

/** As the aim has it: 2 % 503 and 1 % 429. */
export const USUAL_FAULTS = { unavailable: 0.02, throttled: 0.01 };

/** What the first call for a score is answered; undefined: it succeeds. */
export function faultOf({ seed, unavailable, throttled }: FaultPlan, cell: string): Fault | undefined {
  const place = Number.parseInt(digest(`${seed} ${cell}`).slice(0, 12), 16) / 2 ** 48;
  if (place < unavailable) return 503;
  return place < unavailable + throttled ? 429 : undefined;
}
