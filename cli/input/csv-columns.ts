import { UsageError } from '../usage-error.js';

/** What the columns of a file become. */
export interface Columns {
  /** By the names that the API has for them. */
  texts: readonly string[];
  numbers: readonly string[];
  /** `true` or `false`. */
  flags: readonly string[];
  /** Of the column in the gradebook, and what they are called within `lineItem`. */
  ofLineItem: Readonly<Record<string, string>>;
  required: readonly string[];
}

/** As for a backfill's file: docs/backfills.md. */
export const SCORE_COLUMNS: Columns = {
  texts: [
    ...['platformId', 'deploymentId', 'contextId', 'userId', 'lineItemId', 'resourceLinkId', 'resourceId', 'tag'],
    ...['label', 'comment', 'activityProgress', 'gradingProgress', 'changedAt', 'submit'],
  ],
  numbers: ['scoreGiven', 'scoreMaximum', 'columnMaximum'],
  flags: ['clear'],
  ofLineItem: {
    ...{ lineItemId: 'id', resourceLinkId: 'resourceLinkId', resourceId: 'resourceId', tag: 'tag', label: 'label' },
    columnMaximum: 'scoreMaximum',
  },
  required: ['platformId', 'contextId', 'userId', 'scoreGiven', 'scoreMaximum'],
};

export const KEY_COLUMNS: Columns = {
  texts: [
    ...['platformId', 'deploymentId', 'contextId', 'resourceLinkId', 'serviceKey', 'lineItemId'],
    ...['productFamilyCode', 'platformUrl', 'launchedAt'],
  ],
  ...{ numbers: [], flags: [], ofLineItem: {} },
  required: ['platformId', 'contextId', 'serviceKey'],
};

/** An item, or why a row makes none. */
export type Made = { item: Record<string, unknown> } | { fault: string };

/**
 * Understands the first line; case, spaces, dashes and underscores do not count.
 * @throws {UsageError} that names what is missing, not known or there twice: nothing is left out in silence
 */
export function createRowReader(names: readonly string[], columns: Columns): (cells: readonly string[]) => Made {
  const known = new Map([...columns.texts, ...columns.numbers, ...columns.flags].map((name) => [toKey(name), name]));
  const found = names.map((name) => known.get(toKey(name)));
  const unknown = names.findIndex((_, place) => found[place] === undefined);
  // Where the head is missing, a student's row stands in its place: it is not repeated.
  if (unknown >= 0) throw new UsageError(`Column ${unknown + 1} of the first line is none of: ${listOf(known)}.`);
  const missing = columns.required.filter((name) => !found.includes(name));
  if (missing.length > 0) throw new UsageError(`The first line must name the columns. Missing: ${missing.join(', ')}.`);
  const twice = found.find((name, place) => found.indexOf(name) < place);
  if (twice !== undefined) throw new UsageError(`The column ${twice} stands there twice.`);
  return (cells) => {
    if (cells.length > found.length)
      return { fault: `The row has ${cells.length} cells under ${found.length} columns.` };
    return toItem(found, cells, columns);
  };
}

function toItem(names: readonly (string | undefined)[], cells: readonly string[], columns: Columns): Made {
  const item: Record<string, unknown> = {};
  const lineItem: Record<string, unknown> = {};
  for (const [place, name] of names.entries()) {
    const cell = cells[place]?.trim() ?? '';
    if (name === undefined || cell === '') continue;
    const value = toValue(name, cell, columns);
    if (value === undefined) return { fault: sayWrong(name, columns) };
    const inner = columns.ofLineItem[name];
    if (inner === undefined) item[name] = value;
    else lineItem[inner] = value;
  }
  return { item: { ...item, ...(Object.keys(columns.ofLineItem).length > 0 && { lineItem }) } };
}

function toValue(name: string, cell: string, { numbers, flags }: Columns): string | number | boolean | undefined {
  if (numbers.includes(name)) return /^[+-]?\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined;
  if (!flags.includes(name)) return cell;
  return /^true$/i.test(cell) ? true : /^false$/i.test(cell) ? false : undefined;
}

const sayWrong = (name: string, { numbers }: Columns): string =>
  numbers.includes(name) ? `${name} is no number such as 7.5.` : `${name} is neither true nor false.`;

const toKey = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');
const listOf = (known: ReadonlyMap<string, string>): string => [...known.values()].join(', ');
