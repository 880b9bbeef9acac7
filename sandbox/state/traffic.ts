import type { LeakyBucketSettings, Limits, PlatformSettings } from '../schemas/setup.js';
import type { Traffic } from '../schemas/views.js';

/** Why a platform refuses a call: its plain limits (429) or Canvas's leaky bucket (403 with a text). */
export type Throttle = 'limits' | 'leakyBucket';

export interface TrafficGauge {
  /** Counts a call in; a returned reason means that it must be refused. `end` follows in either case, told the reason. */
  begin(settings: PlatformSettings): Throttle | undefined;
  end(settings: PlatformSettings, refused: Throttle | undefined): void;
  view(): Traffic;
  /** Forgets the highest number and the counts; calls under way stay counted. */
  reset(): void;
}

/** Counts one platform's calls and applies its limits. `now` is in milliseconds. */
export function createTrafficGauge(now: () => number): TrafficGauge {
  let requests = 0;
  let inFlight = 0;
  let highestInFlight = 0;
  let throttled = 0;
  const rate = createRateCheck(now);
  const bucket = createLeakyBucket(now);

  function refusal(settings: PlatformSettings): Throttle | undefined {
    const { limits, leakyBucket } = settings;
    if (limits?.maxInFlight !== undefined && inFlight > limits.maxInFlight) return 'limits';
    if (limits !== null && !rate(limits)) return 'limits';
    if (leakyBucket !== null && !bucket.enter(leakyBucket)) return 'leakyBucket';
    return undefined;
  }

  return {
    begin(settings) {
      requests += 1;
      inFlight += 1;
      highestInFlight = Math.max(highestInFlight, inFlight);
      const reason = refusal(settings);
      if (reason !== undefined) throttled += 1;
      return reason;
    },
    end(settings, refused) {
      inFlight -= 1;
      if (settings.leakyBucket !== null && refused === undefined) bucket.leave(settings.leakyBucket);
    },
    view: () => ({ requests, inFlight, highestInFlight, throttled }),
    reset() {
      requests = 0;
      highestInFlight = inFlight;
      throttled = 0;
    },
  };
}

function createRateCheck(now: () => number): (limits: Limits) => boolean {
  let tokens: number | undefined;
  let at = now();
  return (limits) => {
    if (limits.ratePerSecond === undefined) return true;
    const most = limits.burst ?? Math.max(1, limits.ratePerSecond);
    const elapsedMs = now() - at;
    at += elapsedMs;
    tokens = Math.min(most, (tokens ?? most) + (elapsedMs / 1000) * limits.ratePerSecond);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

interface LeakyBucket {
  enter(settings: LeakyBucketSettings): boolean;
  leave(settings: LeakyBucketSettings): void;
}

function createLeakyBucket(now: () => number): LeakyBucket {
  let level = 0;
  let held = 0;
  let at = now();
  return {
    enter(settings) {
      const elapsedMs = now() - at;
      at += elapsedMs;
      level = Math.max(0, level - (elapsedMs / 1000) * (settings.outflowPerSecond ?? 10));
      if (level + held >= (settings.highWaterMark ?? 600)) return false;
      held += settings.upfrontCost ?? 50;
      return true;
    },
    leave(settings) {
      if (held === 0) return;
      held = Math.max(0, held - (settings.upfrontCost ?? 50));
      level += settings.requestCost ?? 1;
    },
  };
}
