import { promotionOf } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';
import { putAside, type Batch, type BatchCourse } from './batch.js';
import { FIRST_PROBE_MS } from '../guards/judge-failure.js';

/** So many students that fail alike, with none that succeeds, are the column's trouble; so many columns, the course's. */
const ALIKE = 3;

type PromoteDeps = Pick<ActivityDeps, 'clock' | 'contexts'>;

/**
 * Sets a column aside instead of its students when all that were tried fail alike, and the course when several of its
 * columns do: an unpublished course looks to Canvas like a course without students. What was rejected for it waits again.
 */
export async function promoteFailures(deps: PromoteDeps, batch: Batch, contexts: ReadonlySet<string>): Promise<void> {
  for (const context of contexts) {
    const course = batch.courses.get(context);
    if (course) await promoteCourse(deps, batch, course);
  }
}

async function promoteCourse({ clock, contexts }: PromoteDeps, batch: Batch, course: BatchCourse): Promise<void> {
  const { context, columns, promoted } = course;
  let hasNew = false;
  for (const [lineItem, { hasSucceeded, rejected }] of columns) {
    if (hasSucceeded) promoted.delete(lineItem);
    const [alike, ...others] = rejected;
    if (hasSucceeded || !alike || others.length > 0) continue;
    const [from, { count: failed, excerpt: detail }] = alike;
    const type = promotionOf(from);
    if (type === undefined) continue;
    if (promoted.get(lineItem) === type) {
      // Their calls were under way when the column was set aside.
      await contexts.reconsider({ lineItem, from, lane: batch.lane });
      noteReconsidered(batch, course, lineItem, failed);
      continue;
    }
    if (failed < ALIKE) continue;
    const input = { lineItem, from, failed, type, detail, probeAfterMs: FIRST_PROBE_MS, lane: batch.lane };
    let isPromoted = false;
    await putAside(course, lineItem, clock, async () => {
      isPromoted = await contexts.promoteColumn(input);
    });
    if (!isPromoted) {
      course.setAside.delete(lineItem);
      continue;
    }
    promoted.set(lineItem, type);
    hasNew = true;
    noteReconsidered(batch, course, lineItem, failed);
  }
  const [type] = promoted.values();
  const hasAnySucceeded = [...columns.values()].some(({ hasSucceeded }) => hasSucceeded);
  const isAlike = [...promoted.values()].filter((other) => other === type).length >= ALIKE;
  if (!hasNew || type === undefined || hasAnySucceeded || !isAlike) return;
  await putAside(course, context, clock, () =>
    contexts.park({ context, type, detail: null, probeAfterMs: FIRST_PROBE_MS, lane: batch.lane }),
  );
}

function noteReconsidered({ counts }: Batch, { columns }: BatchCourse, lineItem: string, failed: number): void {
  columns.delete(lineItem);
  counts.rejected -= failed;
  counts.retrying += failed;
}
