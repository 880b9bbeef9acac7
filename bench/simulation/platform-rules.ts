import type { HoldLaneInput, LaneGrant } from '../../db/platforms/lanes.js';
import type { PlatformLimits } from '../../domain/platform.js';

/** What a sender asks for when it lengthens its lane. */
export type LaneQuestion = Pick<HoldLaneInput, 'inFlight' | 'want' | 'unspent' | 'starts'>;

/**
 * A gate's row as db/functions/lanes.ts and db/platforms/gate-limits.ts keep it, without a database and without anybody who
 * reads: calls in flight and per second, halved when the platform throttles and raised again slowly, and the breaker.
 * What single answers say of the platform, the sender's own flow decides (activities/guards/flow.ts), here as there.
 */
export interface PlatformRules {
  hold(nowMs: number, question: LaneQuestion): LaneGrant;
  noteThrottled(nowMs: number, retryAfterMs: number): void;
  noteOpened(nowMs: number, type: string): void;
  noteRecovered(): void;
  /** For how long no call may begin; null: one may. */
  blockedForMs(nowMs: number): number | null;
  cap(): number;
}

export const HALVE_AT_MOST_EVERY_MS = 2_000;
export const RAISE_EVERY_MS = 10_000;
/** Of its maximum, the part by which the cap rises. */
export const RAISE_PART = 1 / 16;
export const FIRST_REST_MS = 15_000;
export const LONGEST_REST_MS = 600_000;
/** A probe that nobody speaks of any more is followed by another (LANE_DURATION). */
export const PROBE_MS = 30_000;

export function createPlatformRules({ inFlightMax, ratePerSecond }: PlatformLimits): PlatformRules {
  let cap = inFlightMax;
  let capChangedAtMs = -Infinity;
  let blockedUntilMs = 0;
  let breaker: 'closed' | 'open' | 'halfOpen' = 'closed';
  let breakerType: string | null = null;
  let timesOpened = 0;
  let probeUntilMs = 0;
  const grantStarts = createStarts(ratePerSecond);

  const raise = (nowMs: number): void => {
    if (cap >= inFlightMax || nowMs - capChangedAtMs <= RAISE_EVERY_MS) return;
    cap = Math.min(inFlightMax, cap + Math.max(1, Math.floor(inFlightMax * RAISE_PART)));
    capChangedAtMs = nowMs;
  };
  const blockedForMs = (nowMs: number): number | null => {
    if (nowMs < blockedUntilMs) return blockedUntilMs - nowMs;
    return breaker !== 'closed' && nowMs < probeUntilMs ? probeUntilMs - nowMs : null;
  };
  return {
    hold(nowMs, { inFlight, want, unspent, starts }) {
      const waitMs = blockedForMs(nowMs);
      const none = { target: 0, starts: 0, isProbe: false };
      if (waitMs !== null) return { ...none, waitMs, reason: breakerType ?? 'PlatformRateLimited' };
      if (breaker !== 'closed') {
        if (want === 0 || inFlight > 0) return { ...none, waitMs: 0, reason: breakerType };
        breaker = 'halfOpen';
        probeUntilMs = nowMs + PROBE_MS;
        return { target: 1, starts: 1, isProbe: true, waitMs: 0, reason: null };
      }
      raise(nowMs);
      const target = Math.min(want, cap);
      return { target, ...grantStarts(nowMs, unspent, starts), isProbe: false, reason: null };
    },
    noteThrottled(nowMs, retryAfterMs) {
      if (cap === inFlightMax || nowMs - capChangedAtMs > HALVE_AT_MOST_EVERY_MS) {
        cap = Math.max(1, Math.floor(cap / 2));
        capChangedAtMs = nowMs;
      }
      blockedUntilMs = Math.max(blockedUntilMs, nowMs + retryAfterMs);
    },
    noteOpened(nowMs, type) {
      if (breaker === 'open') return;
      breaker = 'open';
      breakerType = type;
      const restMs = Math.min(FIRST_REST_MS * 2 ** Math.min(timesOpened, 20), LONGEST_REST_MS);
      blockedUntilMs = Math.max(blockedUntilMs, nowMs + restMs);
      timesOpened += 1;
      probeUntilMs = 0;
    },
    noteRecovered() {
      if (breaker === 'closed') return;
      breaker = 'closed';
      breakerType = null;
      timesOpened = 0;
      [blockedUntilMs, probeUntilMs] = [0, 0];
    },
    blockedForMs,
    cap: () => cap,
  };
}

/** Calls that may begin, with at most a second's worth saved up. */
function createStarts(
  perSecond: number | null,
): (nowMs: number, unspent: number, wanted: number) => Pick<LaneGrant, 'starts' | 'waitMs'> {
  if (perSecond === null) return (_, __, wanted) => ({ starts: wanted, waitMs: 0 });
  const most = Math.max(perSecond, 1);
  let tokens = most;
  let filledAtMs = 0;
  return (nowMs, unspent, wanted) => {
    tokens = Math.min(most, tokens + unspent + (perSecond * (nowMs - filledAtMs)) / 1_000);
    filledAtMs = nowMs;
    const starts = Math.min(wanted, Math.floor(tokens));
    tokens -= starts;
    return { starts, waitMs: starts === 0 ? Math.ceil(1_000 / perSecond) : 0 };
  };
}
