import type { PlatformLimits } from '../../domain/platform.js';

/**
 * The rules by which Passback spares a platform, as db/platforms and activities/guards have them, without a database:
 * calls in flight and per second, halved when it throttles and raised again by one, and the breaker.
 */
export interface PlatformRules {
  /** Whether a call may begin; else when to ask again, in milliseconds, where time alone will help. */
  mayBegin(nowMs: number): true | { againAtMs: number | null };
  begin(): void;
  /** A call has ended. */
  succeed(): void;
  throttle(nowMs: number, retryAfterMs: number): void;
  fail(nowMs: number): void;
  /** Calls under way. */
  inFlight(): number;
  cap(): number;
}

export const HALVE_AT_MOST_EVERY_MS = 2_000;
export const RAISE_EVERY_MS = 10_000;
export const OPEN_AFTER_FAILURES = 5;
export const FIRST_REST_MS = 15_000;
export const LONGEST_REST_MS = 600_000;

export function createPlatformRules({ inFlightMax, ratePerSecond }: PlatformLimits): PlatformRules {
  let cap = inFlightMax;
  let capChangedAtMs = 0;
  let inFlight = 0;
  let blockedUntilMs = 0;
  let failuresInRow = 0;
  let isOpen = false;
  let timesOpened = 0;
  const starts = ratePerSecond === null ? null : createStarts(ratePerSecond);
  const raise = (nowMs: number): void => {
    if (cap >= inFlightMax || nowMs - capChangedAtMs <= RAISE_EVERY_MS) return;
    cap += 1;
    capChangedAtMs = nowMs;
  };
  return {
    mayBegin(nowMs) {
      if (nowMs < blockedUntilMs) return { againAtMs: blockedUntilMs };
      // One probe at a time.
      if (isOpen) return inFlight === 0 ? true : { againAtMs: null };
      raise(nowMs);
      if (inFlight >= cap) return { againAtMs: null };
      const waitMs = starts?.waitMs(nowMs) ?? 0;
      return waitMs === 0 ? true : { againAtMs: nowMs + waitMs };
    },
    begin() {
      inFlight += 1;
      starts?.spend();
    },
    succeed() {
      inFlight -= 1;
      failuresInRow = 0;
      if (!isOpen) return;
      isOpen = false;
      timesOpened = 0;
      blockedUntilMs = 0;
    },
    throttle(nowMs, retryAfterMs) {
      inFlight -= 1;
      if (cap === inFlightMax || nowMs - capChangedAtMs > HALVE_AT_MOST_EVERY_MS)
        cap = Math.max(1, Math.floor(cap / 2));
      capChangedAtMs = nowMs;
      blockedUntilMs = Math.max(blockedUntilMs, nowMs + retryAfterMs);
    },
    fail(nowMs) {
      inFlight -= 1;
      failuresInRow += 1;
      if (!isOpen && failuresInRow < OPEN_AFTER_FAILURES) return;
      isOpen = true;
      // Calls that were under way when it opened prove nothing more.
      if (nowMs < blockedUntilMs) return;
      blockedUntilMs = nowMs + Math.min(FIRST_REST_MS * 2 ** timesOpened, LONGEST_REST_MS);
      timesOpened += 1;
    },
    inFlight: () => inFlight,
    cap: () => cap,
  };
}

/** Calls that may begin, at most a second's worth saved up. */
function createStarts(perSecond: number): { waitMs: (nowMs: number) => number; spend: () => void } {
  const most = Math.max(perSecond, 1);
  let tokens = most;
  let filledAtMs = 0;
  return {
    waitMs(nowMs) {
      tokens = Math.min(most, tokens + (perSecond * (nowMs - filledAtMs)) / 1_000);
      filledAtMs = nowMs;
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1_000) / perSecond);
    },
    spend: () => void (tokens -= 1),
  };
}
