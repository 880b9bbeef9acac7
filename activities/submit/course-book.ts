import type { ActivityDeps } from '../deps.js';
import { unreadableKeys, warnOfDamage } from '../guards/list-keys.js';
import { createBatchCourse, putAside, type Batch, type BatchCourse } from './batch.js';

/** Keys are read again after this: a launch may have brought a fresher one. */
const KEYS_FRESH_MS = 60_000;

/**
 * The courses of claimed scores with their keys, which are read in one statement for all that are new or stale. A course
 * without a key that may send grades is set aside until somebody launches it, and one whose keys cannot be read as that;
 * what is claimed of it is not sent.
 */
export async function meetCourses(
  { keys, contexts, clock }: Pick<ActivityDeps, 'keys' | 'contexts' | 'clock'>,
  batch: Batch,
  claimed: Iterable<string>,
): Promise<void> {
  const now = clock.monotonicMs();
  const stale: BatchCourse[] = [];
  for (const context of new Set(claimed)) {
    const course = batch.courses.get(context) ?? createBatchCourse(batch, context);
    batch.courses.set(context, course);
    if (now - course.keysReadAtMs > KEYS_FRESH_MS || course.keys.length === 0) stale.push(course);
  }
  if (stale.length === 0) return;
  const { keys: usable, damaged } = await keys.listUsable(stale.map(({ context }) => context));
  for (const course of stale) {
    course.keysReadAtMs = now;
    course.refused.clear();
    course.keys = usable.filter((key) => key.context === course.context && key.assignmentAndGrades);
    if (damaged.has(course.context)) warnOfDamage(course.context);
    if (course.keys.length > 0) continue;
    await putAside(course, course.context, clock, () =>
      damaged.has(course.context)
        ? contexts.park({ ...unreadableKeys(course.context), lane: batch.lane })
        : contexts.parkForWantOfKey(course.context),
    );
  }
}
