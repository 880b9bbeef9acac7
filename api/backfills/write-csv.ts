import type { Static } from 'typebox';
import type { ChangeRecord } from '../../db/backfills/reader.js';
import type { BackfillProblemSchema } from '../schemas/backfill.js';

type Cell = string | number | null;

/** One row with its line end. https://www.rfc-editor.org/rfc/rfc4180 */
export function toCsvRow(cells: readonly Cell[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

/**
 * A spreadsheet would take a text that begins so for a formula, but a negative number, which it reads as it is: an apostrophe in
 * front makes it one to read. A text that has such an apostrophe itself gets another one, so that the first can be taken off
 * again.
 */
const FORMULA = /^'*([=+@\t\r]|-(?!\d+(\.\d+)?$))/;

/** A cell of our own files as it was before it was guarded. */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

function toCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A file with all of these columns is ours, and can be uploaded again. */
export const CHANGE_COLUMNS = [
  ...['line', 'platformId', 'contextId', 'lineItemId', 'resourceLinkId', 'resourceId', 'tag', 'userId', 'kind'],
  ...['beforeGiven', 'beforeMaximum', 'afterGiven', 'afterMaximum', 'outcome', 'reason', 'at'],
  ...['deploymentId', 'clear'],
];
export const CHANGE_HEAD = toCsvRow(CHANGE_COLUMNS);

export function toChangeRow(change: ChangeRecord): string {
  const { line, platformId, contextId, lineItemId, resourceLinkId, resourceId, tag, userId, kind } = change;
  const { beforeGiven, beforeMaximum, afterGiven, afterMaximum, outcome, reason, at, deploymentId, clears } = change;
  return toCsvRow([
    ...[line, platformId, contextId, lineItemId, resourceLinkId, resourceId, tag, userId, kind],
    ...[beforeGiven, beforeMaximum, afterGiven, afterMaximum, outcome, reason, at?.toISOString() ?? null],
    ...[deploymentId, clears ? 'true' : null],
  ]);
}

type LineProblem = Static<typeof BackfillProblemSchema>;

export const PROBLEM_HEAD = toCsvRow(['line', 'type', 'detail', 'otherLine']);

export function toProblemRow({ line, type, detail, otherLine }: LineProblem): string {
  return toCsvRow([line, type, detail, otherLine]);
}
