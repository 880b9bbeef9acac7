import type { Clock } from '../deps.js';
import type { HeldLane, LaneLength, LaneStore } from '../../db/platforms/lanes.js';
import type { BeginBy } from '../../ltiaas/exchange.js';

/** How often the lane is lengthened and its limits are asked for anew; while somebody waits for room, sooner. */
const TICK_MS = 500;
/** Heartbeats that reach the server are as far apart anyway. */
const TICKS_PER_BEAT = 3;
/** The clocks of this process and of the database need not run alike. */
const MARGIN_MS = 100;

export interface LaneTimes extends LaneLength {
  /** The timeout of one call to LTIAAS, in milliseconds. */
  callTimeoutMs: number;
}

/** A lane while one attempt of an activity holds it: kept alive in the background, and known to be lost at once. */
export interface LaneGuard {
  readonly gate: string;
  readonly token: number;
  /** Aborted when the lane is lost: calls under way are cut, and nothing may be recorded. */
  readonly lost: AbortSignal;
  /** No call may begin after this, however long this process was stopped before it: the lane may be another's. */
  beginBy(): BeginBy;
  /** When `performance.now()` is past this, every call that was begun under the lane is over. */
  callsEndAtMs(): number;
  isOpen(): boolean;
  /** Does something in the database under the lane; `isHeld` tells from its answer whether the lane still stood. */
  underLane<T>(statement: () => Promise<T>, isHeld: (answer: T) => boolean): Promise<T>;
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
    take(held: HeldLane, version: number): void;
  };
  /** Called every second and a half. */
  onBeat: () => void;
}

export function createLaneGuard(input: LaneGuardInput): LaneGuard {
  const { lanes, clock, times, gate, token, takenAt, limits, onBeat } = input;
  const { leaseMs, laneMs } = times;
  const controller = new AbortController();
  let since = takenAt;
  let asking: Promise<void> | undefined;
  let ticks = 0;

  const underLane = async <T>(statement: () => Promise<T>, isHeld: (answer: T) => boolean): Promise<T> => {
    const answer = await statement();
    if (!isHeld(answer)) controller.abort(new Error('The lane was lost.'));
    return answer;
  };
  const askOnce = async (): Promise<void> => {
    const { version, ...want } = limits.ask();
    const askedAt = readClocks(clock);
    const held = await underLane(
      () => lanes.hold({ gate, token, leaseMs, laneMs, ...want }),
      (answer) => answer !== null,
    );
    if (!held) return;
    since = askedAt;
    limits.take(held, version);
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
    lost: controller.signal,
    beginBy: () => ({
      monotonicMs: since.monotonicMs + leaseMs - MARGIN_MS,
      wallMs: since.wallMs + leaseMs - MARGIN_MS,
    }),
    callsEndAtMs: () => since.monotonicMs + laneMs,
    isOpen: () => !controller.signal.aborted,
    underLane,
    ask,
    stop: () => clearInterval(timer),
  };
}

export function readClocks(clock: Clock): BeginBy {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}
