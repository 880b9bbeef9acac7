import type { ChangeRecord } from '../../db/backfills/reader.js';

type Cell = string | number | null;

/** One row with its line end. https://www.rfc-editor.org/rfc/rfc4180 */
export function toCsvRow(cells: readonly Cell[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

/** A spreadsheet would take a text that begins so for a formula: an apostrophe in front makes it one to read. */
const FORMULA = /^[=+@\t\r]|^-(?!\d)/;

function toCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const CHANGE_HEAD = toCsvRow([
  ...['line', 'platformId', 'contextId', 'lineItemId', 'resourceLinkId', 'resourceId', 'tag', 'userId', 'kind'],
  ...['beforeGiven', 'beforeMaximum', 'afterGiven', 'afterMaximum', 'outcome', 'reason', 'at'],
]);

export function toChangeRow(change: ChangeRecord): string {
  const { line, platformId, contextId, lineItemId, resourceLinkId, resourceId, tag, userId, kind } = change;
  const { beforeGiven, beforeMaximum, afterGiven, afterMaximum, outcome, reason, at } = change;
  return toCsvRow([
    ...[line, platformId, contextId, lineItemId, resourceLinkId, resourceId, tag, userId, kind],
    ...[beforeGiven, beforeMaximum, afterGiven, afterMaximum, outcome, reason, at?.toISOString() ?? null],
  ]);
}
