import { setTimeout as delay } from 'node:timers/promises';
import type { ActivityDeps } from '../deps.js';
import type { ClaimedScore, SendOutcome } from '../../db/scores/claims.js';
import { tally, type Batch, type BatchCourse } from './batch.js';
import { promoteFailures } from './promote-failures.js';

/** Outcomes are recorded at the latest after this, so that little is unknown after a crash. */
const RECORD_AFTER_MS = 100;
/** Statements cost more than rows. */
const CHUNK = 100;
/** More than this waits to be recorded: senders are held back, so that few outcomes are ever unrecorded. */
const FULL = 600;
/** A statement that failed is tried again after this, until another may have read the calls back. */
const TRY_AGAIN_MS = 250;
/** PostgreSQL's classes of errors that say that what we sent cannot be stored: data exceptions and broken constraints. */
const REFUSALS = /^2[23]/;

export type RecorderDeps = Pick<ActivityDeps, 'claims' | 'contexts' | 'keys' | 'clock'>;

export interface Recorder {
  add(score: ClaimedScore, outcome: SendOutcome): void;
  isFull(): boolean;
  /** Resolves when everything that was added is recorded; rejects when that cannot be any more. */
  finish(): Promise<void>;
}

interface Told {
  score: ClaimedScore;
  outcome: SendOutcome;
}

/**
 * Records in chunks, one statement at a time. What is known is recorded as long as the lane stands, however often the
 * database fails meanwhile: repeating a record is safe, and an outcome that is lost costs a call. A row that PostgreSQL
 * refuses is recorded by itself, at last without the far side's words, and never takes its chunk with it.
 */
export function createRecorder(deps: RecorderDeps, batch: Batch): Recorder {
  const record = createWriter(deps, batch);
  const buffer: Told[] = [];
  const failures: Error[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    while (buffer.length > 0) {
      clearTimeout(timer);
      timer = undefined;
      const told = buffer.splice(0, CHUNK * 2);
      if (!(await record(told))) {
        batch.stop = 'laneLost';
        return;
      }
      count(batch, told);
      await noteSuccesses(deps, batch, told);
      await promoteFailures(deps, batch, new Set(told.map(({ score }) => score.context)));
      batch.alarm.ring();
      if (buffer.length < CHUNK) break;
    }
    if (buffer.length > 0) timer ??= setTimeout(flush, RECORD_AFTER_MS);
  };
  const flush = (): void => {
    timer = undefined;
    writing ??= write()
      .catch((error: unknown) => {
        batch.stop = 'database';
        failures.push(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => {
        writing = undefined;
        batch.alarm.ring();
      });
  };
  return {
    add(score, outcome) {
      buffer.push({ score, outcome });
      const course = batch.courses.get(score.context);
      if (course) tally(course, score.lineItem, outcome);
      if (buffer.length >= CHUNK) flush();
      else timer ??= setTimeout(flush, RECORD_AFTER_MS);
    },
    isFull: () => buffer.length >= FULL,
    async finish() {
      while ((writing || buffer.length > 0) && failures.length === 0 && batch.stop !== 'laneLost') {
        flush();
        await writing;
      }
      clearTimeout(timer);
      if (failures[0]) throw failures[0];
    },
  };
}

/** Records outcomes, however often that fails meanwhile; false: the lane was lost. */
function createWriter({ claims, clock }: RecorderDeps, batch: Batch): (told: readonly Told[]) => Promise<boolean> {
  const recordOnce = async (told: readonly Told[]): Promise<boolean> => {
    const { gate, token } = batch.lane;
    const outcomes = told.map(({ outcome }) => outcome);
    return batch.lane.underLane(
      () => claims.record({ gate, token, outcomes, workflowRun: batch.workflowRun }),
      Boolean,
    );
  };
  const record = async (told: readonly Told[]): Promise<boolean> => {
    for (;;) {
      try {
        return await recordOnce(told);
      } catch (error) {
        if (isRefusal(error)) return recordSingly(told, error);
        if (clock.monotonicMs() + TRY_AGAIN_MS >= batch.lane.callsEndAtMs() || !batch.lane.isOpen()) throw error;
        await delay(TRY_AGAIN_MS);
      }
    }
  };
  const recordSingly = async (told: readonly Told[], refusal: Error): Promise<boolean> => {
    const [only, ...others] = told;
    if (!only) return true;
    if (others.length > 0) {
      for (const each of told) if (!(await record([each]))) return false;
      return true;
    }
    const { excerpt, code, status, ...bare } = only.outcome;
    if (excerpt === undefined && code === undefined && status === undefined) throw refusal;
    return record([{ ...only, outcome: bare }]);
  };
  return record;
}

/** Whether PostgreSQL will never take what it was given. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && REFUSALS.test(String(error.code));
}

/** What a score that arrived proves: that its column, its course and the key work. */
async function noteSuccesses({ contexts, keys }: RecorderDeps, batch: Batch, told: readonly Told[]): Promise<void> {
  const arrived = told.filter(({ outcome }) => outcome.outcome === 'submitted');
  const probed = arrived.filter(({ score }) => score.isProbe);
  if (probed.length > 0) {
    await contexts.unparkColumns(probed.map(({ score }) => score.lineItem));
    for (const context of new Set(probed.map(({ score }) => score.context))) await contexts.unpark(context);
  }
  const fresh = new Map<string, BatchCourse>();
  for (const { score } of arrived) {
    const course = batch.courses.get(score.context);
    if (course && !course.hasSucceeded) fresh.set(score.context, course);
  }
  const keyIds = arrived.flatMap(({ score, outcome }) =>
    fresh.has(score.context) && outcome.serviceKey !== null ? [outcome.serviceKey] : [],
  );
  for (const course of fresh.values()) course.hasSucceeded = true;
  if (keyIds.length > 0) await keys.markOk([...new Set(keyIds)]);
}

function count({ counts }: Batch, told: readonly Told[]): void {
  for (const { outcome } of told) {
    if (outcome.outcome === 'submitted') counts.submitted += 1;
    else if (outcome.outcome === 'rejected') counts.rejected += 1;
    else if (outcome.outcome === 'retryable') counts.retrying += 1;
    else if (outcome.outcome === 'unknown') counts.unknown += 1;
    else if (outcome.outcome === 'confirmed') counts.confirmed += 1;
  }
}
