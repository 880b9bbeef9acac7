import { compareResult } from '../../domain/drift.js';
import { resultsByUser } from '../../domain/score.js';
import type { FoundDrift, ReconcilableColumn, SentScore } from '../../db/courses/drifts.js';
import type { SyncableContext } from '../../db/courses/context-work.js';
import type { Result } from '../../ltiaas/payloads.js';
import type { ActivityDeps } from '../deps.js';
import type { PlatformReading } from './platform-reading.js';

/** Cells of which we look for results that did not come, at a time. */
const CHUNK = 1_000;

export type CompareDeps = Pick<ActivityDeps, 'drifts' | 'ltiaas'>;

export interface ColumnToCompare {
  course: SyncableContext;
  column: ReconcilableColumn;
  call: { serviceKey: string; signal: AbortSignal; pool: string };
  resend: boolean;
}

export interface ComparedColumn {
  compared: number;
  resent: number;
  /** Why missing results were not looked for, or null. */
  reason: string | null;
}

/**
 * Reads the results of one column page by page and records what differs. Moodle's pages cannot be followed when a limit
 * is given, Open edX cuts at one without saying so, Blackboard leaves out comments when asked for one user: so only
 * Canvas, whose pages are short otherwise, gets a limit.
 */
export async function compareColumn(
  { drifts, ltiaas }: CompareDeps,
  reading: PlatformReading,
  { course, column, call, resend }: ColumnToCompare,
): Promise<ComparedColumn> {
  const { lineItem, lineItemId } = column;
  const before = await drifts.now();
  const tally: ComparedColumn = { compared: 0, resent: 0, reason: null };
  const judge = async (sent: readonly SentScore[], results: ReadonlyMap<string, Result>): Promise<void> => {
    const found = sent.flatMap((score) => toFound(score, results.get(score.userId), column, course));
    tally.resent += await drifts.record({ context: course.id, before, found, resend });
    tally.compared += sent.length;
  };

  const seen = new Set<string>();
  const limit = course.family === 'canvas' ? { limit: 100 } : {};
  const pages = ltiaas.resultPages({ ...call, lineItemId, ...limit })[Symbol.asyncIterator]();
  for (let page = await reading.call(() => pages.next()); !page.done; page = await reading.call(() => pages.next())) {
    if (page.value.skipped > 0) tally.reason = 'UnreadableAnswer';
    const fresh = resultsByUser(page.value.results.filter(({ userId }) => !seen.has(userId)));
    for (const userId of fresh.keys()) seen.add(userId);
    if (fresh.size > 0) await judge(await drifts.listSent({ lineItem, before, userIds: [...fresh.keys()] }), fresh);
  }
  await reading.noteSuccess();
  if (tally.reason !== null) return tally;

  let isProven = false;
  for (let after: string | null = null; ;) {
    const sent: SentScore[] = await drifts.listSent({ lineItem, before, after, limit: CHUNK });
    const unlisted = sent.filter(({ userId }) => !seen.has(userId));
    const suspect = unlisted.find((score) => toFound(score, undefined, column, course).length > 0);
    if (suspect && !isProven) {
      // A list that leaves out somebody whom the LMS knows when asked by name was cut short, and proves nothing.
      const { userId } = suspect;
      const named = await reading.call(() => ltiaas.listResults({ ...call, lineItemId, userId }));
      if (named.some(({ resultScore }) => (resultScore ?? null) !== null)) {
        return { ...tally, reason: 'ResultsIncomplete' };
      }
      isProven = true;
    }
    await judge(unlisted, new Map());
    after = sent.at(-1)?.userId ?? null;
    if (sent.length < CHUNK) break;
  }
  await drifts.endColumn({ lineItem, before });
  return tally;
}

function toFound(
  { id, submitted, isGone }: SentScore,
  result: Result | undefined,
  { columnMaximum }: ReconcilableColumn,
  { family }: SyncableContext,
): FoundDrift[] {
  const kind = compareResult(result, { submitted, isGone, columnMaximum }, family);
  if (kind === null) return [];
  return [{ score: id, kind, resultScore: result?.resultScore ?? null, resultMaximum: result?.resultMaximum ?? null }];
}
