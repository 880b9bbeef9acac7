import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Caused } from '../../domain/cause.js';
import type { DriftKind } from '../../domain/drift.js';
import { failureOf } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';
import { getCourse } from '../guards/get-course.js';
import { isSetAside } from '../guards/is-set-aside.js';
import { listKeys } from '../guards/list-keys.js';
import { compareColumn, type CompareDeps, type ComparedColumn } from './compare-column.js';
import type { ReconcilableColumn } from '../../db/courses/drifts.js';
import type { SyncableContext } from '../../db/courses/context-work.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import { withHeartbeat } from '../guards/with-heartbeat.js';
import {
  createPlatformReading,
  PlatformRestsError,
  type PlatformReading,
  type ReadingDeps,
} from './platform-reading.js';

/** A column whose results cannot be read is left out after so many attempts, so that the others have their turn. */
const ATTEMPTS = 3;

export interface ReconcileGradebookInput extends Caused {
  /** Our uuid of the context. */
  context: string;
  /** Make due again what the gradebook lost or shows otherwise, as far as the grade policy lets it. */
  resend: boolean;
}

export interface ReconcileGradebookResult {
  /** `complete`: every column that took scores was read whole. `unavailable`: none. */
  outcome: 'complete' | 'partial' | 'unavailable';
  reason: string | null;
  columns: number;
  compared: number;
  resent: number;
  /** Open drifts of the context after this, by kind. */
  drift: Record<DriftKind, number>;
}

export type ReconcileGradebookDeps = ReadingDeps &
  CompareDeps &
  Pick<ActivityDeps, 'contexts' | 'keys' | 'toFailure' | 'wakeAll'>;

/** How far an attempt came, kept as heartbeat details. */
interface Progress {
  after: string | null;
  columns: number;
  compared: number;
  resent: number;
  reason: string | null;
}

/**
 * Holds what the gradebook shows against what it took from us, column by column. It only reads, so it needs no lane:
 * cells that were touched since the reading began are left out. Safe to repeat: a finding is recorded once, sent again
 * once, and judged under the lock of its score; an attempt goes on after the last column that was finished.
 * @throws ApplicationFailure of the failure's type, to be retried, when the reason passes by itself.
 */
export function createReconcileGradebook(
  deps: ReconcileGradebookDeps,
): (input: ReconcileGradebookInput) => Promise<ReconcileGradebookResult> {
  return async ({ context, resend }) => {
    const activityContext = Context.current();
    const course = await getCourse(deps, context);
    const signal = activityContext.cancellationSignal;
    const reading = createPlatformReading(deps, { gate: course.gate, context, signal });
    const progress = toProgress(activityContext.info.heartbeatDetails);
    const { keys, reason: noKey } = await listKeys(deps, context, 'assignmentAndGrades');
    const stop = await withHeartbeat(
      () => activityContext.heartbeat({ ...progress }),
      () =>
        reconcile(deps, reading, {
          course,
          keys,
          noKey,
          resend,
          signal,
          progress,
          attempt: activityContext.info.attempt,
        }),
    );
    const { columns, compared, resent } = progress;
    const reason = stop ?? progress.reason;
    const outcome = reason === null ? 'complete' : columns > 0 ? 'partial' : 'unavailable';
    if (stop === null) await deps.drifts.endContext(context);
    if (resent > 0) {
      await deps.wakeAll([{ context, deployment: course.deployment, gate: course.gate, trigger: 'nightly' }]);
    }
    return { outcome, reason, columns, compared, resent, drift: await deps.drifts.countOpen(context) };
  };
}

interface Work {
  course: SyncableContext;
  keys: UsableKey[];
  /** Why there is none, or none is left. */
  noKey: string;
  resend: boolean;
  signal: AbortSignal;
  attempt: number;
  progress: Progress;
}

/** Why it had to stop before the last column, or null. */
async function reconcile(deps: ReconcileGradebookDeps, reading: PlatformReading, work: Work): Promise<string | null> {
  const { course, progress } = work;
  if (isSetAside(course)) return course.parkedType;
  for (const column of await deps.drifts.listColumns(course.id, progress.after)) {
    const compared = await compareOrJudge(deps, reading, work, column);
    if ('stop' in compared) return compared.stop;
    progress.after = column.lineItem;
    progress.compared += compared.compared;
    progress.resent += compared.resent;
    progress.reason ??= compared.reason;
    if (compared.isRead) progress.columns += 1;
  }
  return null;
}

async function compareOrJudge(
  deps: ReconcileGradebookDeps,
  reading: PlatformReading,
  { course, keys, noKey, resend, signal, attempt }: Work,
  column: ReconcilableColumn,
): Promise<(ComparedColumn & { isRead: boolean }) | { stop: string }> {
  for (let key = keys[0]; key; key = keys[0]) {
    try {
      const call = { serviceKey: key.serviceKey, signal, pool: course.gate };
      return { ...(await compareColumn(deps, reading, { course, column, call, resend })), isRead: true };
    } catch (error) {
      if (error instanceof PlatformRestsError) return { stop: error.reason };
      const failure = deps.toFailure(error, { family: course.family, operation: 'listResults' });
      if (!failure) throw error;
      await reading.noteFailure(failure);
      const { radius, retryable, sentence } = failureOf(failure.type);
      if (failure.type === 'ServiceKeyRejected') {
        await deps.keys.markRejected(key);
        keys.shift();
        continue;
      }
      const isWide = radius === 'platform' || radius === 'context';
      if (retryable && (isWide || attempt < ATTEMPTS)) throw ApplicationFailure.retryable(sentence, failure.type);
      if (isWide) return { stop: failure.type };
      return { compared: 0, resent: 0, reason: failure.type, isRead: false };
    }
  }
  return { stop: noKey };
}

function toProgress(details: unknown): Progress {
  const fresh: Progress = { after: null, columns: 0, compared: 0, resent: 0, reason: null };
  if (typeof details !== 'object' || details === null) return fresh;
  const number = (name: string): number => Number(Reflect.get(details, name)) || 0;
  const text = (name: string): string | null => {
    const value: unknown = Reflect.get(details, name);
    return typeof value === 'string' ? value : null;
  };
  return {
    ...{ after: text('after'), reason: text('reason') },
    ...{ columns: number('columns'), compared: number('compared'), resent: number('resent') },
  };
}
