import type { LaneTimes } from './guards/lane-guard.js';

/** How long activities wait for others, in milliseconds; nobody sets these but tests, which hand in shorter ones. */
export interface Waits {
  /** An unclear outcome is read back after this: a gateway may give up before the LMS does. */
  settleMs: number;
  /** A page that the score source did not give, for a reason that may pass, is asked for again after these. */
  askAgainMs: readonly number[];
  /** An endpoint of notices rests for so long after its first failure, and three times as long after each further one. */
  noticeRestMs: number;
}

export type ActivityTimes = LaneTimes & Waits;

/** Six signs of life must fail before another may take a sender's place: a slow database costs a short rest and no more. */
const LONGEST_LEASE_MS = 3_000;
/** Between the end of the last call and the end of the lane. */
const MARGIN_MS = 1_000;

/** The longest lease under which every call that begins is over when the lane is. */
export function toLaneTimes({ laneMs, callTimeoutMs }: { laneMs: number; callTimeoutMs: number }): LaneTimes {
  return { laneMs, callTimeoutMs, leaseMs: Math.min(LONGEST_LEASE_MS, laneMs - callTimeoutMs - MARGIN_MS) };
}

export const WAITS: Waits = { settleMs: 5_000, askAgainMs: [1_000, 5_000], noticeRestMs: 5_000 };
