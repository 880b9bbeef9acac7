import type { LaneTimes } from './guards/lane-guard.js';

/** How long activities wait for others, in milliseconds; nobody sets these but tests, which hand in shorter ones. */
export interface Waits {
  /** An unclear outcome is read back after this: a gateway may give up before the LMS does. */
  settleMs: number;
  /** A page that the score source did not give, for a reason that may pass, is asked for again after these. */
  askAgainMs: readonly number[];
}

export type ActivityTimes = LaneTimes & Waits;

export const WAITS: Waits = { settleMs: 5_000, askAgainMs: [1_000, 5_000] };
