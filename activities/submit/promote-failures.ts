import { promotionOf, type FailureType } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';
import type { Batch, BatchCourse } from './batch.js';
import { FIRST_PROBE_MS } from '../guards/judge-failure.js';

/** So many students that fail alike, with none that succeeds, are the column's trouble; so many columns, the course's. */
const ALIKE = 3;

type PromoteDeps = Pick<ActivityDeps, 'contexts'>;

/**
 * Sets a column aside instead of its students when all that were tried fail alike, and the course when several of its
 * columns do: an unpublished course looks to Canvas like a course without students. What was rejected for it waits again.
 */
export async function promoteFailures(deps: PromoteDeps, batch: Batch, contexts: ReadonlySet<string>): Promise<void> {
  for (const context of contexts) {
    const course = batch.courses.get(context);
    if (course && !course.isParked) await promoteCourse(deps, batch, course);
  }
}

async function promoteCourse({ contexts }: PromoteDeps, batch: Batch, course: BatchCourse): Promise<void> {
  const promoted: FailureType[] = [];
  for (const [lineItem, { hasSucceeded, rejected }] of course.columns) {
    const [alike, ...others] = rejected;
    if (hasSucceeded || !alike || others.length > 0) continue;
    const [from, { count: failed, excerpt: detail }] = alike;
    const type = promotionOf(from);
    if (type === undefined || failed < ALIKE) continue;
    if (course.parkedColumns.has(lineItem)) {
      promoted.push(type);
      continue;
    }
    const input = { lineItem, from, failed, type, detail, probeAfterMs: FIRST_PROBE_MS };
    if (!(await contexts.promoteColumn(input))) continue;
    course.parkedColumns.add(lineItem);
    batch.counts.rejected -= failed;
    batch.counts.retrying += failed;
    promoted.push(type);
  }
  const [type] = promoted;
  const hasAnySucceeded = [...course.columns.values()].some(({ hasSucceeded }) => hasSucceeded);
  if (type === undefined || hasAnySucceeded || promoted.filter((other) => other === type).length < ALIKE) return;
  course.isParked = true;
  await contexts.park({ context: course.context, type, detail: null, probeAfterMs: FIRST_PROBE_MS });
}
