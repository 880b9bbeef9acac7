import type { LmsFamily } from '../../domain/platform.js';
import { NO_COUNTS, type SyncCounts } from '../../domain/sync-counts.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import type { Clock } from '../deps.js';
import type { SendOutcome } from '../../db/scores/claims.js';
import { isFailureType, type FailureType } from '../../domain/failure.js';
import { beginCall, endCall, mayBegin, type Effect, type Flow, type Verdict } from '../guards/flow.js';
import type { LaneGuard } from '../guards/lane-guard.js';

/** Why a batch stops before everything that was ready has been sent: `draining`, `laneLost`, `database` or `budget`. */
export type StopReason = 'draining' | 'laneLost' | 'database' | 'budget';

interface ColumnTally {
  hasSucceeded: boolean;
  rejected: Map<FailureType, { count: number; excerpt: string | null }>;
}

/** Lets any number wait for the next change. */
export interface Alarm {
  ring(): void;
  next(): Promise<void>;
}

export function createAlarm(): Alarm {
  let ring: () => void = () => undefined;
  let next = new Promise<void>((resolve) => void (ring = resolve));
  return {
    ring() {
      ring();
      next = new Promise<void>((resolve) => void (ring = resolve));
    },
    next: () => next,
  };
}

/** One course of the gate, as far as the batch has met it. */
export interface BatchCourse {
  readonly context: string;
  /** Keys that may send grades, the freshest launch first; a refused one is taken out. */
  keys: UsableKey[];
  /** Keys that were refused, by id and version. */
  readonly refused: Set<string>;
  /** On the clock of `performance.now()`. */
  keysReadAtMs: number;
  /**
   * Since when the course (by its own id) or a column of it has been set aside, on the clock of `performance.now()`;
   * infinity while that is being written. What was claimed before is not sent; what is claimed later was judged anew.
   */
  readonly setAside: Map<string, number>;
  /** The writing of each of these: who comes second waits for it. */
  readonly asideWritten: Map<string, Promise<unknown>>;
  /** Columns that were blamed for what their students met, and for what. */
  readonly promoted: Map<string, FailureType>;
  /** How the scores of each column fared. */
  readonly columns: Map<string, ColumnTally>;
  hasSucceeded: boolean;
}

/** One attempt at one gate: what its parts share. Mutable, and never outlives the attempt. */
export interface Batch {
  readonly gate: string;
  readonly family: LmsFamily;
  readonly lane: LaneGuard;
  readonly flow: Flow;
  /** Aborted when the activity is cancelled or the lane is lost. */
  readonly signal: AbortSignal;
  /** Names the workflow run in the evidence. */
  readonly workflowRun: string;
  readonly counts: SyncCounts;
  /** How often scores met each type of failure. */
  readonly failures: Record<string, number>;
  readonly courses: Map<string, BatchCourse>;
  /** Courses whose columns are worth a look: to be found or made, or one was answered to be gone. */
  readonly wantColumns: Set<string>;
  readonly heartbeat: () => void;
  stop: StopReason | null;
  /** How often something behind the gate was paused by hand, as last heard; null: not heard yet. */
  pauses: number | null;
  /** When that was seen to have grown, on the clock of `performance.now()`. */
  pausedAtMs: number;
  /** Effects of ended calls that are being written. */
  readonly notes: Set<Promise<void>>;
  /** Rung whenever something changed that may let a call begin, or the batch end. */
  readonly alarm: Alarm;
}

export type BatchParts = Pick<Batch, 'gate' | 'family' | 'lane' | 'signal' | 'workflowRun' | 'heartbeat' | 'flow'>;

export function createBatch(parts: BatchParts): Batch {
  return {
    ...parts,
    counts: { ...NO_COUNTS },
    failures: {},
    courses: new Map(),
    wantColumns: new Set(),
    stop: null,
    pauses: null,
    pausedAtMs: -Infinity,
    notes: new Set(),
    alarm: createAlarm(),
  };
}

export function createBatchCourse({ pausedAtMs }: Pick<Batch, 'pausedAtMs'>, context: string): BatchCourse {
  const setAside = new Map([[context, pausedAtMs]]);
  return {
    ...{ context, keys: [], refused: new Set(), keysReadAtMs: -Infinity, setAside, asideWritten: new Map() },
    ...{ promoted: new Map(), columns: new Map(), hasSucceeded: false },
  };
}

/** Something behind the gate was paused by hand: nothing is sent that was claimed before; what is claimed later was judged anew. */
export function notePauses(batch: Batch, pauses: number, nowMs: number): void {
  const isNew = batch.pauses !== null && batch.pauses !== pauses;
  batch.pauses = pauses;
  if (!isNew) return;
  batch.pausedAtMs = nowMs;
  for (const { context, setAside } of batch.courses.values()) {
    setAside.set(context, Math.max(setAside.get(context) ?? -Infinity, nowMs));
  }
}

/** Whether what was claimed then is of something that has been set aside since: the course, or the column. */
export function isSetAsideSince(
  { context, setAside }: BatchCourse,
  lineItem: string | null,
  claimedAtMs: number,
): boolean {
  const since = Math.max(setAside.get(context) ?? -Infinity, setAside.get(lineItem ?? '') ?? -Infinity);
  return claimedAtMs <= since;
}

/** Sets the course, or a column of it, aside; nothing of it is sent from now on that was claimed before this ends. */
export async function putAside(
  { setAside, asideWritten }: BatchCourse,
  thing: string,
  clock: Pick<Clock, 'monotonicMs'>,
  write: () => Promise<unknown>,
): Promise<void> {
  setAside.set(thing, Infinity);
  const writing = write();
  asideWritten.set(thing, writing);
  await writing;
  setAside.set(thing, clock.monotonicMs());
}

export interface Answered<T> {
  verdict: Verdict;
  result: T;
}

/** Makes one call of a course, whose turn it is ({@link isFlowing}), and tells the flow of its end. */
export async function makeCall<T>(
  batch: Batch,
  context: string,
  call: () => Promise<Answered<T>>,
  onEffects: (effects: readonly Effect[]) => void,
): Promise<T> {
  const order = beginCall(batch.flow, context);
  let verdict: Verdict = { kind: 'neutral' };
  try {
    const answer = await call();
    verdict = answer.verdict;
    return answer.result;
  } finally {
    onEffects(endCall(batch.flow, order, verdict));
    batch.alarm.ring();
  }
}

export function isFlowing(batch: Batch): boolean {
  return batch.stop === null && !batch.signal.aborted && mayBegin(batch.flow);
}

export function tally(course: BatchCourse, lineItem: string, outcome: SendOutcome): void {
  const column: ColumnTally = course.columns.get(lineItem) ?? { hasSucceeded: false, rejected: new Map() };
  course.columns.set(lineItem, column);
  if (outcome.outcome === 'submitted') column.hasSucceeded = true;
  const { failureType = '', excerpt = null } = outcome;
  if (outcome.outcome !== 'rejected' || !isFailureType(failureType)) return;
  const count = (column.rejected.get(failureType)?.count ?? 0) + 1;
  column.rejected.set(failureType, { count, excerpt });
}
