import { Context } from '@temporalio/activity';
import type { ActivityDeps } from '../deps.js';
import { createBatch, type Batch } from '../submit/batch.js';
import { getCourse } from './get-course.js';
import { createLaneGuard, readClocks } from './lane-guard.js';
import { isSetAside } from './is-set-aside.js';

/** A sync looks again after this when it cannot know how long something takes. */
const LOOK_AGAIN_MS = 1_000;
/** What a waiting workflow may be late by before the sweep wakes it. */
const TENDED_MARGIN_MS = 60_000;

export type LaneDeps = Pick<ActivityDeps, 'clock' | 'contexts' | 'keys' | 'lanes' | 'holder' | 'isDraining' | 'times'>;

/** What one attempt at a context says to its workflow. */
export interface LaneOutcome {
  /** `more`: come again at once. `waiting`: after `delayMs`. `drained`: nothing is left. `parked`: an event must come. */
  outcome: 'more' | 'waiting' | 'drained' | 'parked';
  /** A failure type, or what is waited for; null when nothing is. */
  reason: string | null;
  delayMs: number | null;
}

/**
 * Runs a piece of work on one context under its lane, or says why that cannot be now. The lane is given back whatever
 * happens, and the context noted as tended for as long as the workflow says it will sleep.
 * @param budgetMs how long the work may claim new scores.
 */
export async function withLane<T extends LaneOutcome>(
  deps: LaneDeps,
  { context, budgetMs, toResult }: { context: string; budgetMs: number; toResult: (outcome: LaneOutcome) => T },
  work: (batch: Batch) => Promise<T>,
): Promise<T> {
  const activityContext = Context.current();
  const course = await getCourse(deps, context);
  if (isSetAside(course))
    return toResult({ outcome: 'parked', reason: course.parkedType, delayMs: course.parkedForMs });
  const holder = deps.holder();
  if (holder === null) return toResult({ outcome: 'waiting', reason: 'DatabaseSessionLost', delayMs: LOOK_AGAIN_MS });
  const takenAt = readClocks(deps.clock);
  const lane = await deps.lanes.take({ context, holder, laneMs: deps.times.laneMs });
  if ('busyForMs' in lane) {
    return toResult({ outcome: 'waiting', reason: 'laneBusy', delayMs: lane.busyForMs + 50 });
  }
  const heartbeat = (): void => activityContext.heartbeat({ ...batch.counts });
  const { lanes, clock, times } = deps;
  const guard = createLaneGuard({
    lanes,
    clock,
    times,
    context,
    token: lane.token,
    takenAt,
    onTick: () => heartbeat(),
  });
  const batch = createBatch({
    course,
    lane: guard,
    keys: [],
    signal: AbortSignal.any([activityContext.cancellationSignal, guard.lost]),
    workflowRun: activityContext.info.workflowExecution?.runId ?? '',
    claimUntilMs: takenAt.monotonicMs + budgetMs,
    isDraining: deps.isDraining,
    heartbeat,
  });
  let tendedForMs: number | null = null;
  try {
    // A key that the key ring cannot read fails the attempt, visibly, until the ring is put right.
    batch.keys.push(...(await deps.keys.listUsable(context)));
    const result = await work(batch);
    const isTended = result.outcome === 'more' || (result.outcome === 'waiting' && result.delayMs !== null);
    if (isTended) tendedForMs = (result.delayMs ?? 0) + TENDED_MARGIN_MS;
    return result;
  } finally {
    guard.stop();
    await lanes.giveBack({ context, token: lane.token, tendedForMs });
  }
}
