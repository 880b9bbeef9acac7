import type { Clock } from '../deps.js';
import type { LaneStore } from '../../db/courses/lanes.js';
import type { BeginBy } from '../../ltiaas/exchange.js';

const TICK_MS = 2_000;
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
  readonly context: string;
  readonly token: number;
  readonly laneMs: number;
  /** Aborted when the lane is lost: calls under way are cut, and nothing may be recorded. */
  readonly lost: AbortSignal;
  /** No call may begin after this, so that none can outlast the lane, however long this process was stopped before it. */
  beginBy(): BeginBy;
  isOpen(): boolean;
  /** Does something in the database that lengthens the lane; `isHeld` tells from its answer whether the lane still stood. */
  whileExtending<T>(statement: () => Promise<T>, isHeld: (answer: T) => boolean): Promise<T>;
  /** Ends the background work; the lane itself is given back by whoever took it. */
  stop(): void;
}

export interface LaneGuardInput {
  lanes: Pick<LaneStore, 'extend'>;
  clock: Clock;
  times: LaneTimes;
  context: string;
  token: number;
  /** When the lane was asked for, on both clocks: the deadline counts from before the database answered. */
  takenAt: BeginBy;
  /** Called every two seconds, for the heartbeat. */
  onTick: () => void;
}

export function createLaneGuard({ lanes, clock, times, context, token, takenAt, onTick }: LaneGuardInput): LaneGuard {
  const { laneMs, callTimeoutMs } = times;
  const controller = new AbortController();
  let since = takenAt;

  const whileExtending = async <T>(statement: () => Promise<T>, isHeld: (answer: T) => boolean): Promise<T> => {
    const startedAt = readClocks(clock);
    const answer = await statement();
    if (isHeld(answer)) since = startedAt.monotonicMs > since.monotonicMs ? startedAt : since;
    else controller.abort(new Error('The lane was lost.'));
    return answer;
  };
  const timer = setInterval(() => {
    onTick();
    if (clock.monotonicMs() - since.monotonicMs < laneMs / 3) return;
    // A database that is away for a moment costs nothing here: the deadline stands, and the next tick tries again.
    whileExtending(() => lanes.extend({ context, token, laneMs }), Boolean).catch(() => undefined);
  }, TICK_MS);

  return {
    context,
    token,
    laneMs,
    lost: controller.signal,
    beginBy: () => ({
      monotonicMs: since.monotonicMs + laneMs - callTimeoutMs - MARGIN_MS,
      wallMs: since.wallMs + laneMs - callTimeoutMs - MARGIN_MS,
    }),
    isOpen: () => !controller.signal.aborted,
    whileExtending,
    stop: () => clearInterval(timer),
  };
}

export function readClocks(clock: Clock): BeginBy {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}
