import { ApplicationFailure, Context } from '@temporalio/activity';
import type { HeldLane } from '../../db/platforms/lanes.js';
import type { GateOutlook } from '../../db/scores/queue.js';
import type { Caused } from '../../domain/cause.js';
import { isLmsFamily } from '../../domain/platform.js';
import { NO_COUNTS, type SyncCounts } from '../../domain/sync-counts.js';
import type { ActivityDeps } from '../deps.js';
import { createFlow, takeGrant, type Flow } from '../guards/flow.js';
import { createLaneGuard, readClocks, type LaneGuardInput } from '../guards/lane-guard.js';
import { createBatch, notePauses, type Batch } from './batch.js';
import { sendReady, type SendDeps } from './send-ready.js';

/** Batches stop claiming at this part of their start-to-close time. */
const BUDGET_SHARE = 0.8;
/** Without a rate limit: more than anybody begins between two questions. */
const UNLIMITED_STARTS = 1_000_000;

export interface SubmitBatchInput extends Caused {
  /** Our uuid. */
  gate: string;
}

export interface SubmitBatchResult {
  /** `more`: come again at once. `waiting`: after `delayMs`. `drained`: nothing is left that goes by itself. */
  outcome: 'more' | 'waiting' | 'drained';
  /** A failure type, a pause by hand, or what is waited for; null when nothing is. */
  reason: string | null;
  delayMs: number | null;
  counts: SyncCounts;
  /** How often scores met each type of failure. */
  failures: Record<string, number>;
  /** Courses that calls were made for. */
  courses: number;
  /** How the platform was left; null where the lane was another's. */
  platform: Pick<GateOutlook, 'breaker' | 'inFlight' | 'inFlightMax'> | null;
}

export type SubmitBatchDeps = SendDeps & Pick<ActivityDeps, 'lanes' | 'gateWakes' | 'times' | 'concurrency'>;

/**
 * The hot path: takes the lane of a gate, settles what is unknown, sends what is due behind it, whichever course it is of.
 * Safe to repeat and to run beside a forgotten attempt of itself: whatever it does is claimed and recorded under the
 * lane's token in PostgreSQL, and it resumes from there, never from heartbeat details.
 */
export function createSubmitBatch(deps: SubmitBatchDeps): (input: SubmitBatchInput) => Promise<SubmitBatchResult> {
  return async ({ gate }) => {
    const place = await deps.queue.findGate(gate);
    if (!place) throw ApplicationFailure.nonRetryable('There is no such gate.', 'GateNotKnown');
    const activityContext = Context.current();
    const { info, cancellationSignal } = activityContext;
    const waits = (reason: string, delayMs: number): SubmitBatchResult => ({
      ...{ outcome: 'waiting', reason, delayMs, counts: { ...NO_COUNTS }, failures: {}, courses: 0, platform: null },
    });
    await deps.gateWakes.clear(gate);
    const { leaseMs, laneMs, settleMs } = deps.times;
    const takenAt = readClocks(deps.clock);
    const lane = await deps.lanes.take({ gate, leaseMs, laneMs, settleMs });
    if ('busyForMs' in lane) return waits('laneBusy', lane.busyForMs + 50);

    const flow = createFlow();
    const limits = createLimits(flow, deps.concurrency, ({ pauses }) => {
      notePauses(batch, pauses, deps.clock.monotonicMs());
      batch.alarm.ring();
    });
    const onBeat = (): void => activityContext.heartbeat({ ...batch.counts });
    const { lanes, clock, times } = deps;
    const guard = createLaneGuard({ lanes, clock, times, gate, token: lane.token, takenAt, limits, onBeat });
    const batch: Batch = createBatch({
      ...{ gate, family: isLmsFamily(place.family) ? place.family : 'unknown', lane: guard, flow },
      signal: AbortSignal.any([cancellationSignal, guard.lost]),
      workflowRun: info.workflowExecution?.runId ?? '',
      heartbeat: onBeat,
    });
    try {
      await guard.ask();
      if (flow.denial === null)
        await sendReady(deps, batch, takenAt.monotonicMs + info.startToCloseTimeoutMs * BUDGET_SHARE);
      await deps.contexts.noteAttempted([...flow.met]);
      return await conclude(deps, batch);
    } finally {
      guard.stop();
      // With something claimed and not recorded the lane runs out instead: its next holder finds out what became of it.
      if (batch.stop !== 'database') await lanes.giveBack({ gate, token: lane.token });
    }
  };
}

function createLimits(flow: Flow, want: number, onChange: (held: HeldLane) => void): LaneGuardInput['limits'] {
  return {
    ask() {
      // What was granted as unlimited is no stock to be given back.
      const isLimited = flow.starts < UNLIMITED_STARTS / 2;
      const unspent = isLimited ? Math.max(flow.starts, 0) : 0;
      if (isLimited) flow.starts = 0;
      const { version, hasSucceeded } = flow;
      flow.hasSucceeded = false;
      const inFlight = Math.max(flow.calls.size, flow.target);
      return { inFlight, want, unspent, starts: UNLIMITED_STARTS, hasSucceeded, version };
    },
    take(held, version) {
      takeGrant(flow, held, version);
      onChange(held);
    },
  };
}

async function conclude({ queue }: Pick<SubmitBatchDeps, 'queue'>, batch: Batch): Promise<SubmitBatchResult> {
  const { counts, failures, flow, stop } = batch;
  const { isReady, nextInMs, blockedForMs, blockedBy, ...platform } = await queue.lookAhead(batch.gate);
  const told = { counts, failures, courses: flow.met.size, platform };
  const hasWork = isReady || nextInMs !== null;
  if (blockedForMs !== null && hasWork) {
    const delayMs = Math.max(blockedForMs, isReady ? 0 : (nextInMs ?? 0), 100);
    return { ...told, outcome: 'waiting', reason: blockedBy, delayMs };
  }
  if (isReady) return { ...told, outcome: 'more', reason: stop, delayMs: null };
  if (nextInMs !== null) return { ...told, outcome: 'waiting', reason: 'retry', delayMs: Math.max(nextInMs, 100) };
  return { ...told, outcome: 'drained', reason: null, delayMs: null };
}
