import type { CourseState, CourseTask } from './messages.js';

/** Waits up to this are slept out in the workflow, where the UI shows them; longer ones are left to the sweep. */
const LONGEST_WAIT_MS = 3_600_000;
/** In this order: what scores wait for goes first. */
const TASKS: readonly CourseTask[] = ['lineItems', 'roster', 'reconcile'];

export type CourseStep =
  { kind: 'do'; task: CourseTask } | { kind: 'rest'; ms: number; reason: string } | { kind: 'linger' };

/**
 * What the actor of a course does next. Pure, and the only place where it is decided: no task begins again before its rest
 * is over, whoever asks and however often.
 */
export function nextCourseStep({ pending, restsUntilMs, waitingFor }: CourseState, nowMs: number): CourseStep {
  const wanted = TASKS.filter((task) => pending[task]);
  const ready = wanted.find((task) => restsUntilMs[task] <= nowMs);
  if (ready) return { kind: 'do', task: ready };
  const waits = wanted.map((task) => restsUntilMs[task] - nowMs).filter((ms) => ms <= LONGEST_WAIT_MS);
  if (waits.length === 0) return { kind: 'linger' };
  return { kind: 'rest', ms: Math.min(...waits), reason: waitingFor ?? 'its turn' };
}
