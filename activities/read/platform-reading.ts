import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import type { Failure } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';
import { noteOnPlatform } from '../guards/apply-consequence.js';
import { judgeFailure } from '../guards/judge-failure.js';

/** How long one call waits for its turn before the activity is put off instead. */
const PATIENCE_MS = 20_000;
/** A platform that rests for longer is not waited for: passes over many courses wait for each. */
const LONGEST_REST_MS = 60_000;
/** A turn outlives the timeout of its call by this: one call of ours may have pages of its own. */
const TURN_MARGIN_MS = 5_000;

export type ReadingDeps = Pick<ActivityDeps, 'limits' | 'clock' | 'times'>;

/** Calls of one long read, each in a turn of its own, so that reading never takes a platform from sending for long. */
export interface PlatformReading {
  /**
   * Makes a call when the platform allows one.
   * @throws ApplicationFailure to come again soon, {@link PlatformRestsError} when that would be long
   */
  call<T>(make: () => Promise<T>): Promise<T>;
  /** The read went well: ends what trouble of the platform was known. */
  noteSuccess(): Promise<void>;
  /** Counts a failure that is the platform's own. */
  noteFailure(failure: Failure): Promise<void>;
}

export function createPlatformReading(
  { limits, clock, times }: ReadingDeps,
  { gate, context, signal }: { gate: string; context: string; signal: AbortSignal },
): PlatformReading {
  const takeTurn = async (): Promise<string> => {
    const untilMs = clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      const answer = await limits.takeTurn({ gate, context, ttlMs: times.callTimeoutMs + TURN_MARGIN_MS });
      if ('turn' in answer) return answer.turn;
      const { reason, waitMs } = answer;
      if (clock.monotonicMs() + waitMs > untilMs) throw putOff(reason, waitMs);
      await delay(Math.max(waitMs, 20), undefined, { signal });
    }
  };
  return {
    async call(make) {
      const turn = await takeTurn();
      try {
        return await make();
      } finally {
        await limits.endTurn(turn);
      }
    },
    async noteSuccess() {
      await limits.noteSuccess(gate);
    },
    async noteFailure(failure) {
      // A call that we cut off ourselves says nothing of the platform.
      if (signal.aborted) return;
      const { consequence } = judgeFailure(failure, { tries: 0, failsAlone: false }, 0);
      await noteOnPlatform({ limits }, { gate, context }, consequence);
    },
  };
}

/** The platform allows no calls for longer than a read is worth waiting for. */
export class PlatformRestsError extends Error {
  override readonly name = 'PlatformRestsError';
  /** A failure type, or a pause by hand (`WaitReason`). */
  readonly reason: string;

  constructor(reason: string) {
    super('The platform allows no calls for a while.');
    this.reason = reason;
  }
}

function putOff(reason: string, waitMs: number): Error {
  if (waitMs > LONGEST_REST_MS) return new PlatformRestsError(reason);
  return ApplicationFailure.create({
    message: 'The platform allows no calls now.',
    type: reason,
    nextRetryDelay: Math.max(waitMs, 1_000),
    // Expected: it is logged for debugging only, and counted nowhere.
    category: 'BENIGN',
  });
}
