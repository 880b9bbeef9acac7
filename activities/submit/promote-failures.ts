import { promotionOf, type FailureType } from '../../domain/failure.js';
import type { ActivityDeps } from '../deps.js';
import { stopBatch, type Batch } from './batch.js';
import { FIRST_PROBE_MS } from '../guards/judge-failure.js';

/** So many students that fail alike, with none that succeeds, are the column's trouble; so many columns, the course's. */
const ALIKE = 3;

/**
 * Sets a column aside instead of its students when all that were tried fail alike, and the course when several of its
 * columns do: an unpublished course looks to Canvas like a course without students. What was rejected for it waits again.
 */
export async function promoteFailures({ contexts }: Pick<ActivityDeps, 'contexts'>, batch: Batch): Promise<void> {
  const columns = [...batch.tally.columns()];
  const promoted: FailureType[] = [];
  for (const [lineItem, { hasSucceeded, rejected }] of columns) {
    const [alike, ...others] = rejected;
    if (hasSucceeded || !alike || others.length > 0) continue;
    const [from, { count: failed, excerpt: detail }] = alike;
    const type = promotionOf(from);
    if (type === undefined || failed < ALIKE) continue;
    const input = { lineItem, from, failed, type, detail, probeAfterMs: FIRST_PROBE_MS };
    if (!(await contexts.promoteColumn(input))) continue;
    batch.counts.rejected -= failed;
    batch.counts.retrying += failed;
    promoted.push(type);
  }
  const [type] = promoted;
  const hasAnySucceeded = columns.some(([, { hasSucceeded }]) => hasSucceeded);
  if (type === undefined || hasAnySucceeded || promoted.filter((other) => other === type).length < ALIKE) return;
  await contexts.park({ context: batch.course.id, type, detail: null, probeAfterMs: FIRST_PROBE_MS });
  stopBatch(batch, { reason: type, waitMs: null, parked: true });
}
