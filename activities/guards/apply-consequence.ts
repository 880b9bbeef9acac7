import type { ActivityDeps } from '../deps.js';
import { isSetAsideSince, putAside, type Batch, type BatchCourse } from '../submit/batch.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import type { Effect, Verdict } from './flow.js';
import { FIRST_PROBE_MS, type Consequence } from './judge-failure.js';

/** A course that fails alone is tried again after this, doubled at each further time. */
const COURSE_REST_MS = 15_000;

export type ConsequenceDeps = Pick<ActivityDeps, 'clock' | 'contexts' | 'keys' | 'limits'>;

/** What a call that failed says of the platform. */
export function toVerdict(consequence: Consequence, context: string): Verdict {
  switch (consequence.kind) {
    case 'platformTrouble':
      return { kind: 'failed', type: consequence.type, context };
    case 'courseUnreadable':
      return { kind: 'unreadable', type: consequence.type, context };
    case 'platformClosed':
      return { ...consequence, kind: 'closed' };
    case 'throttled':
      return { kind: 'throttled', restMs: consequence.restMs };
    case 'none':
    case 'keyRejected':
    case 'contextParked':
    case 'columnParked':
      return { kind: 'neutral' };
  }
}

/** Writes what a reader's failure says of its platform where all processes see it. */
export async function noteOnPlatform(
  { limits }: Pick<ConsequenceDeps, 'limits'>,
  { gate, context }: { gate: string; context: string },
  consequence: Consequence,
): Promise<void> {
  if (consequence.kind === 'platformTrouble') await limits.noteFailure(gate, consequence.type, context);
  else if (consequence.kind === 'platformClosed') await limits.openBreaker(gate, consequence.type, consequence.restMs);
  else if (consequence.kind === 'throttled') await limits.noteThrottled(gate, consequence.restMs);
  else if (consequence.kind === 'courseUnreadable') await limits.endProbe(gate);
}

/** Begins to write what calls said of the platform. A database that is away stops the batch: others must know of trouble. */
export function noteEffects(
  { clock, contexts, limits }: ConsequenceDeps,
  batch: Batch,
  effects: readonly Effect[],
): void {
  const { gate, lane } = batch;
  const write = async (effect: Effect): Promise<void> => {
    if (effect.kind === 'throttled') await limits.noteThrottled(gate, effect.restMs);
    else if (effect.kind === 'opened') await limits.openBreaker(gate, effect.type, effect.restMs);
    else if (effect.kind === 'recovered') await limits.noteSuccess(gate);
    else if (effect.kind === 'unproven') await limits.endProbe(gate);
    else {
      const { context, type } = effect;
      const park = (): Promise<boolean> =>
        contexts.park({ context, type, detail: null, probeAfterMs: COURSE_REST_MS, lane });
      const course = batch.courses.get(context);
      await (course ? putAside(course, context, clock, park) : park());
    }
    await batch.lane.ask();
  };
  for (const effect of effects) {
    const note = write(effect)
      .catch(() => {
        batch.stop ??= 'database';
      })
      .finally(() => {
        batch.notes.delete(note);
        batch.alarm.ring();
      });
    batch.notes.add(note);
  }
}

export interface Occurrence {
  consequence: Consequence;
  /** Our uuid of the column, where the call was about one. */
  lineItem: string | null;
  key: UsableKey;
  /** When what met it was claimed, on the clock of `performance.now()`. */
  claimedAtMs: number;
}

/** Writes what a failure breaks beyond its score in its course, before the score's own outcome is recorded. */
export async function applyConsequence(
  deps: ConsequenceDeps,
  batch: Pick<Batch, 'wantColumns' | 'lane'>,
  course: BatchCourse,
  { consequence, lineItem, key, claimedAtMs }: Occurrence,
): Promise<void> {
  const { clock, contexts } = deps;
  const { context } = course;
  const { lane } = batch;
  // Of calls that were under way together the first says it all.
  if (isSetAsideSince(course, lineItem, claimedAtMs)) {
    await course.asideWritten.get(context);
    await course.asideWritten.get(lineItem ?? '');
    return;
  }
  if (consequence.kind === 'keyRejected') return rejectKey(deps, batch, course, key);
  if (consequence.kind === 'contextParked') {
    const { type, detail, probeAfterMs } = consequence;
    return putAside(course, context, clock, () => contexts.park({ context, type, detail, probeAfterMs, lane }));
  }
  if (consequence.kind === 'columnParked' && lineItem !== null) {
    const { type, detail, probeAfterMs } = consequence;
    if (type === 'LineItemNotFound') batch.wantColumns.add(context);
    return putAside(course, lineItem, clock, () => contexts.parkColumn({ lineItem, type, detail, probeAfterMs, lane }));
  }
}

const nameOf = ({ id, version }: UsableKey): string => `${id} ${version}`;

/** Takes a refused key out; when none is left, a launch may have brought another meanwhile: only then the course is parked. */
async function rejectKey(
  { clock, contexts, keys }: ConsequenceDeps,
  { lane }: Pick<Batch, 'lane'>,
  course: BatchCourse,
  key: UsableKey,
): Promise<void> {
  if (course.refused.has(nameOf(key))) return;
  course.refused.add(nameOf(key));
  course.keys = course.keys.filter((other) => other !== key);
  await keys.markRejected(key);
  if (course.keys.length > 0) return;
  const fresh = await keys.listUsable([course.context]);
  course.keys = fresh.keys.filter((other) => other.assignmentAndGrades && !course.refused.has(nameOf(other)));
  if (course.keys.length > 0) return;
  // Probed now and then: a wrong API key of ours may have looked like this, and is put right by nobody's launch.
  const { context } = course;
  const parking = { context, type: 'ServiceKeyRejected', detail: null, probeAfterMs: FIRST_PROBE_MS, lane };
  await putAside(course, context, clock, () => contexts.park(parking));
}
