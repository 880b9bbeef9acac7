import type { SandboxControl } from '../../sandbox/control-client.js';
import type { Grade, JournalEntry } from '../../sandbox/types.js';
import { cellName, nameOf, type Course } from './courses.js';
import type { CellHistory } from './examine.js';
import { valueOf, type LoadPlan } from './load-plan.js';

export interface CellTruth extends CellHistory {
  /** Its place in the plan. */
  cell: number;
  /** When the calls of `applied` took effect, in milliseconds of the epoch. */
  appliedAt: number[];
}

export interface Truth {
  histories: CellTruth[];
  /** When calls took effect, in milliseconds of the epoch. */
  appliedAt: number[];
  /** Columns that were made twice, in words. */
  doubledColumns: string[];
}

/** Reads what the sandbox knows of each cell: the truth, whatever Passback believes. */
export async function readTruth(
  control: SandboxControl,
  { plan, courses, wanted }: { plan: LoadPlan; courses: readonly Course[]; wanted: ReadonlyMap<number, number> },
): Promise<Truth> {
  const columns = new Map<string, string>();
  const doubledColumns: string[] = [];
  for (const { platformId, contextId } of courses) {
    const { lineItems } = await control.getContext({ platformId, contextId });
    const names = lineItems.map(({ resourceId }) => resourceId ?? '');
    for (const { id, resourceId } of lineItems) columns.set(id, resourceId ?? '');
    const doubled = names.filter((name, place) => names.indexOf(name) !== place);
    doubledColumns.push(...doubled.map((name) => `${contextId} has more than one column ${name}`));
  }
  const applied = await control.journalEntries({ route: 'submitScore', applied: true });
  const calls = groupBy(applied, ({ contextId, lineItemId, userId }) =>
    cellName(contextId ?? '', columns.get(lineItemId ?? '') ?? '', userId ?? ''),
  );
  const grades = groupBy(await control.gradebook(), ({ contextId, lineItemId, userId }) =>
    cellName(contextId, columns.get(lineItemId) ?? '', userId),
  );
  const histories = [...wanted].map(([cell, version]): CellTruth => {
    const name = nameOf(cell, plan.cells, courses);
    const entries = calls.get(name) ?? [];
    const toVersion = (value: number | null): number | null => findVersion(cell, value);
    return {
      ...{ name, cell, wanted: version },
      applied: entries.map(({ score }) => toVersion(scoreGivenOf(score)) ?? NaN),
      appliedAt: entries.map(({ at }) => Date.parse(at)),
      shown: toVersion(shownValue(grades.get(name)?.[0])),
    };
  });
  return { histories, doubledColumns, appliedAt: applied.map(({ at }) => Date.parse(at)) };
}

/** Of a hundred, as the client posted it. */
function shownValue(grade: Grade | undefined): number | null {
  return grade?.resultScore == null ? null : (grade.resultScore / grade.resultMaximum) * 100;
}

function scoreGivenOf(score: JournalEntry['score']): number | null {
  return typeof score === 'object' && score !== null && 'scoreGiven' in score ? Number(score.scoreGiven) : null;
}

/** Far more than any cell has. */
const MOST_VERSIONS = 20;

function findVersion(cell: number, value: number | null): number | null {
  if (value === null) return null;
  for (let version = 1; version <= MOST_VERSIONS; version += 1) {
    if (Math.abs(valueOf({ cell, version }) - value) < 0.01) return version;
  }
  return null;
}

function groupBy<T>(items: readonly T[], toKey: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = toKey(item);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return groups;
}
