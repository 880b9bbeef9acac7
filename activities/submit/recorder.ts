import type { ActivityDeps } from '../deps.js';
import type { ClaimedScore, SendOutcome } from '../../db/scores/claims.js';
import { tally, type Batch, type BatchCourse } from './batch.js';
import { promoteFailures } from './promote-failures.js';
import { storeOutcomes, type Refused, type StoreDeps } from './store-outcomes.js';

/** Outcomes are recorded at the latest after this, so that little is unknown after a crash. */
const RECORD_AFTER_MS = 100;
/** Statements cost more than rows. */
const CHUNK = 100;
/** More than this waits to be recorded: senders are held back, so that few outcomes are ever unrecorded. */
const FULL = 600;

export type RecorderDeps = StoreDeps & Pick<ActivityDeps, 'claims' | 'contexts' | 'keys'>;

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
 * refuses is recorded by itself, then without the far side's words, at last as rejected for that very reason: it is not
 * called again until somebody wants it to be. What follows from outcomes stops no other outcome.
 */
export function createRecorder(deps: RecorderDeps, batch: Batch): Recorder {
  const record = createWriter(deps, batch);
  const buffer: Told[] = [];
  const failures: unknown[] = [];
  /** Nothing more can be recorded. */
  let isBroken = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    while (buffer.length > 0) {
      clearTimeout(timer);
      timer = undefined;
      const told = buffer.splice(0, CHUNK * 2);
      const refused = await record(told);
      if (refused === null) {
        batch.stop = 'laneLost';
        return;
      }
      for (const { error } of refused) fail(error);
      count(batch, told);
      await follow(deps, batch, told).catch(fail);
      batch.alarm.ring();
      if (buffer.length < CHUNK) break;
    }
    if (buffer.length > 0) timer ??= setTimeout(flush, RECORD_AFTER_MS);
  };
  const fail = (error: unknown): void => {
    batch.stop = 'database';
    failures.push(error);
  };
  const flush = (): void => {
    timer = undefined;
    writing ??= write()
      .catch((error: unknown) => {
        isBroken = true;
        fail(error);
      })
      .finally(() => {
        writing = undefined;
        batch.alarm.ring();
      });
  };
  return {
    add(score, outcome) {
      buffer.push({ score, outcome });
      if (buffer.length >= CHUNK) flush();
      else timer ??= setTimeout(flush, RECORD_AFTER_MS);
    },
    isFull: () => buffer.length >= FULL,
    async finish() {
      while ((writing || buffer.length > 0) && !isBroken && batch.stop !== 'laneLost') {
        flush();
        await writing;
      }
      clearTimeout(timer);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Records outcomes, and gives those that cannot be recorded in any form; null: the lane was lost. */
function createWriter(deps: RecorderDeps, batch: Batch): (told: readonly Told[]) => Promise<Refused<Told>[] | null> {
  const store = async (told: readonly Told[]): Promise<boolean> => {
    const { gate, token } = batch.lane;
    const outcomes = told.map(({ outcome }) => outcome);
    return batch.lane.underLane(
      () => deps.claims.record({ gate, token, outcomes, workflowRun: batch.workflowRun }),
      Boolean,
    );
  };
  const instead = ({ score, outcome }: Told): Told[] => {
    const bare = { ...outcome, excerpt: undefined, code: undefined, status: undefined };
    const notStored: SendOutcome = {
      ...{
        id: score.id,
        outcome: 'rejected',
        failureType: 'OutcomeNotStored',
        startedAt: new Date(deps.clock.wallMs()),
      },
      ...{ durationMs: 0, restMs: 0, serviceKey: null },
    };
    return [bare, notStored].map((form) => ({ score, outcome: form }));
  };
  return (told) => storeOutcomes(deps, batch.lane, told, { store, instead });
}

/** Tallies what is recorded only: promoting makes due again what PostgreSQL has as rejected. */
async function follow(deps: RecorderDeps, batch: Batch, told: readonly Told[]): Promise<void> {
  for (const { score, outcome } of told) {
    const course = batch.courses.get(score.context);
    if (course) tally(course, score.lineItem, outcome);
  }
  await noteSuccesses(deps, batch, told);
  await promoteFailures(deps, batch, new Set(told.map(({ score }) => score.context)));
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

function count({ counts, failures }: Batch, told: readonly Told[]): void {
  for (const { outcome } of told) {
    const { failureType: type } = outcome;
    if (type !== undefined) failures[type] = (failures[type] ?? 0) + 1;
    if (outcome.outcome === 'submitted') counts.submitted += 1;
    else if (outcome.outcome === 'rejected') counts.rejected += 1;
    else if (outcome.outcome === 'retryable') counts.retrying += 1;
    else if (outcome.outcome === 'unknown') counts.unknown += 1;
    else if (outcome.outcome === 'confirmed') counts.confirmed += 1;
  }
}
