import type { Clock } from '../deps.js';
import type { LaneGrant, LaneStore } from '../../db/platforms/lanes.js';
import type { BeginBy } from '../../ltiaas/exchange.js';

/** How often the lane is lengthened and its limits are asked for anew; while somebody waits for room, sooner. */
const TICK_MS = 500;
/** Heartbeats that reach the server are three seconds apart anyway. */
const TICKS_PER_BEAT = 4;
/** What a call may take beyond its own timeout before it is really over. */
const MARGIN_MS = 1_000;

export interface LaneTimes {
  /** How long a lane is good for, in milliseconds; longer than a call's timeout with some seconds to spare. */
  laneMs: number;
  /** The timeout of one call to LTIAAS, in milliseconds. */
  callTimeoutMs: number;
}

/** A lane while one attempt of an activity holds it: kept alive in the background, and known to be lost at once. */
export interface LaneGuard {
  readonly gate: string;
  readonly token: number;
  readonly laneMs: number;
  /** Aborted when the lane is lost: calls under way are cut, and nothing may be recorded. */
  readonly lost: AbortSignal;
  /** No call may begin after this, so that none can outlast the lane, however long this process was stopped before it. */
  beginBy(): BeginBy;
  /** The lane has surely run out when `performance.now()` is past this. */
  endsAtMs(): number;
  isOpen(): boolean;
  /** Does something in the database that lengthens the lane; `isHeld` tells from its answer whether the lane still stood. */
  whileExtending<T>(statement: () => Promise<T>, isHeld: (answer: T) => boolean): Promise<T>;
  /** Asks at once for what may be sent, as it does by itself twice a second. */
  ask(): Promise<void>;
  /** Ends the background work; the lane itself is given back by whoever took it. */
  stop(): void;
}

export interface LaneGuardInput {
  lanes: Pick<LaneStore, 'hold'>;
  clock: Clock;
  times: LaneTimes;
  gate: string;
  token: number;
  /** When the lane was asked for, on both clocks: the deadline counts from before the database answered. */
  takenAt: BeginBy;
  /** What is under way and wanted, and what becomes of the answer. */
  limits: {
    ask(): { inFlight: number; want: number; unspent: number; starts: number; hasSucceeded: boolean; version: number };
    take(grant: LaneGrant, version: number): void;
  };
  /** Called every two seconds. */
  onBeat: () => void;
}

export function createLaneGuard(input: LaneGuardInput): LaneGuard {
  const { lanes, clock, times, gate, token, takenAt, limits, onBeat } = input;
  const { laneMs, callTimeoutMs } = times;
  const controller = new AbortController();
  let since = takenAt;
  let asking: Promise<void> | undefined;
  let ticks = 0;

  const whileExtending = async <T>(statement: () => Promise<T>, isHeld: (answer: T) => boolean): Promise<T> => {
    const startedAt = readClocks(clock);
    const answer = await statement();
    if (isHeld(answer)) since = startedAt.monotonicMs > since.monotonicMs ? startedAt : since;
    else controller.abort(new Error('The lane was lost.'));
    return answer;
  };
  const askOnce = async (): Promise<void> => {
    const { version, ...want } = limits.ask();
    const grant = await whileExtending(
      () => lanes.hold({ gate, token, laneMs, ...want }),
      (answer) => answer !== null,
    );
    if (grant) limits.take(grant, version);
  };
  const ask = (): Promise<void> => {
    asking ??= askOnce().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks % TICKS_PER_BEAT === 0) onBeat();
    // A database that is away for a moment costs nothing here: the deadline stands, and the next tick tries again.
    ask().catch(() => undefined);
  }, TICK_MS);

  return {
    gate,
    token,
    laneMs,
    lost: controller.signal,
    beginBy: () => ({
      monotonicMs: since.monotonicMs + laneMs - callTimeoutMs - MARGIN_MS,
      wallMs: since.wallMs + laneMs - callTimeoutMs - MARGIN_MS,
    }),
    endsAtMs: () => since.monotonicMs + laneMs,
    isOpen: () => !controller.signal.aborted,
    whileExtending,
    ask,
    stop: () => clearInterval(timer),
  };
}

export function readClocks(clock: Clock): BeginBy {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}
