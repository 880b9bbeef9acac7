import { ProblemError } from '../problems.js';
import type { DecimalMarks } from './decimal-marks.js';
import { CHANGE_COLUMNS, withoutGuard } from './write-csv.js';

/** The columns that a file may have, by their names without case, spaces, dashes and underscores. */
export const CSV_COLUMNS = [
  'platformId',
  'deploymentId',
  'contextId',
  'userId',
  'scoreGiven',
  'scoreMaximum',
  'lineItemId',
  'resourceLinkId',
  'resourceId',
  'tag',
  'label',
  'columnMaximum',
  'comment',
  'activityProgress',
  'gradingProgress',
  'changedAt',
  'clear',
] as const;
type Column = (typeof CSV_COLUMNS)[number];

const BY_PLAIN_NAME = new Map<string, Column>(CSV_COLUMNS.map((name) => [name.toLowerCase(), name]));
/** What the columns of our list of changes are to an upload. */
const OF_CHANGES = new Map<string, Column>([
  ['afterGiven', 'scoreGiven'],
  ['afterMaximum', 'scoreMaximum'],
]);
const REQUIRED: readonly Column[] = ['platformId', 'contextId', 'userId', 'scoreGiven'];
const NUMBERS: readonly Column[] = ['scoreGiven', 'scoreMaximum', 'columnMaximum'];
const OF_LINE_ITEM: Partial<Record<Column, string>> = {
  lineItemId: 'id',
  resourceLinkId: 'resourceLinkId',
  resourceId: 'resourceId',
  tag: 'tag',
  label: 'label',
  columnMaximum: 'scoreMaximum',
};

const OTHER_LINE_ENDS = /[\v\f\u0085\u2028\u2029]/;
/** Where the head is missing, a student's row may stand in its place: no address, number or long text is shown as a name. */
const LOOKS_LIKE_DATA = /@|^[\d.,\s-]+$|^.{101}/s;

export interface CsvHeader {
  delimiter: string;
  /** Names in the file that mean nothing here. */
  ignored: string[];
  /** The cells that every row must have: spreadsheets leave out the last ones where they are empty. */
  needed: number;
  /** Cells as the item that NDJSON would hold. */
  toItem(cells: readonly string[], decimals: DecimalMarks): unknown;
  /** Those that are to be numbers. */
  numbersOf(cells: readonly string[]): string[];
}

/** Understands the first line. @throws {ProblemError} that names what is missing. */
export function readCsvHeader(cells: readonly string[], delimiter: string): CsvHeader {
  // Its "names" are all of the file.
  if (cells.some((name) => OTHER_LINE_ENDS.test(name))) {
    throw new ProblemError('invalid-file', 'The lines must end in newlines. Save the file as "CSV UTF-8".');
  }
  const names = cells.map((name) => name.trim());
  const isOurs = CHANGE_COLUMNS.every((name) => names.includes(name));
  const columns = names.map(
    (name) => (isOurs && OF_CHANGES.get(name)) || BY_PLAIN_NAME.get(name.toLowerCase().replaceAll(/[\s_-]/g, '')),
  );
  const missing: string[] = REQUIRED.filter((name) => !columns.includes(name));
  if (!columns.some((name) => name === 'lineItemId' || name === 'resourceLinkId' || name === 'resourceId')) {
    missing.push('lineItemId, resourceLinkId or resourceId');
  }
  if (missing.length > 0) {
    throw new ProblemError('invalid-file', `The first line must name the columns. Missing: ${missing.join('; ')}.`);
  }
  const twice = columns.find((name, place) => name !== undefined && columns.indexOf(name) < place);
  if (twice !== undefined) throw new ProblemError('invalid-file', `The column ${twice} stands there twice.`);
  return {
    delimiter,
    ignored: names
      .map((name, place) => (LOOKS_LIKE_DATA.test(name) ? `column ${place + 1}` : name))
      .filter((name, place) => columns[place] === undefined && name !== '')
      .slice(0, 50),
    needed: 1 + columns.findLastIndex((column) => column !== undefined && REQUIRED.includes(column)),
    toItem: (cells, decimals) => toItem(columns, isOurs ? cells.map(withoutGuard) : cells, decimals),
    numbersOf: (cells) => cells.filter((_, place) => isNumber(columns[place])).map((cell) => cell.trim()),
  };
}

function toItem(columns: readonly (Column | undefined)[], cells: readonly string[], decimals: DecimalMarks): unknown {
  const item: Record<string, unknown> = {};
  const lineItem: Record<string, unknown> = {};
  columns.forEach((column, place) => {
    const cell = cells[place]?.trim() ?? '';
    if (column === undefined || cell === '') return;
    const value = isNumber(column) ? decimals.toNumber(cell, column) : column === 'clear' ? toFlag(cell) : cell;
    const name = OF_LINE_ITEM[column];
    if (name === undefined) item[column] = value;
    else lineItem[name] = value;
  });
  item['lineItem'] = lineItem;
  return item;
}

function isNumber(column: Column | undefined): boolean {
  return column !== undefined && NUMBERS.includes(column);
}

function toFlag(cell: string): boolean | string {
  if (/^(true|yes|1)$/i.test(cell)) return true;
  return /^(false|no|0)$/i.test(cell) ? false : cell;
}
