import type { Cell, LineItem } from '../state/model.js';
import type { ResultFilter, ResultRow, ScorePost } from './family.js';

/** The person's cell, made empty when there is none yet. */
export function ensureCell(lineItem: LineItem, userId: string): Cell {
  const found = lineItem.cells.get(userId);
  if (found !== undefined) return found;
  const cell: Cell = {
    scoreGiven: null,
    scoreMaximum: null,
    resultScore: null,
    comment: null,
    comments: [],
    submissions: 0,
    posts: 0,
    changedAtMs: 0,
    changedBy: 'tool',
    overridden: false,
  };
  lineItem.cells.set(userId, cell);
  return cell;
}

/** The score on the column's own scale; a missing maximum counts as the column's. */
export function scaled(post: ScorePost, maximumWhenMissing = post.lineItem.scoreMaximum): number | null {
  if (post.scoreGiven === undefined) return null;
  const maximum = post.scoreMaximum ?? maximumWhenMissing;
  if (maximum === 0) return null;
  return round((post.scoreGiven * post.lineItem.scoreMaximum) / maximum);
}

/** Gradebooks keep a few decimals; without this 0.1 + 0.2 would read back as drift. */
function round(value: number): number {
  return Math.round(value * 100_000) / 100_000;
}

/** Notes what the tool sent and when; the caller decides what the gradebook shows. */
export function recordPost(cell: Cell, post: ScorePost): void {
  cell.scoreGiven = post.scoreGiven ?? null;
  cell.scoreMaximum = post.scoreMaximum ?? null;
  cell.posts += 1;
  cell.changedAtMs = post.nowMs;
  cell.changedBy = 'tool';
}

/** Replaces the one comment that the LMS keeps. */
export function setComment(cell: Cell, comment: string | null): void {
  cell.comment = comment;
  cell.comments = comment === null ? [] : [comment];
}

export interface RowOptions {
  /** Rows without a score are left out. */
  hideEmpty?: boolean;
}

/** Results in the order of first posting, as AGS 3.3 describes them. */
export function toRows(lineItem: LineItem, filter: ResultFilter, options: RowOptions = {}): ResultRow[] {
  const rows: ResultRow[] = [];
  for (const [userId, cell] of lineItem.cells) {
    if (filter.userId !== undefined && filter.userId !== userId) continue;
    if (options.hideEmpty === true && cell.resultScore === null) continue;
    rows.push(toRow(lineItem, userId, cell));
  }
  return rows;
}

/** AGS puts `/results` before the query string: Moodle's column ids carry one. */
export function underLineItem(lineItemId: string, part: string): string {
  const [path = '', query] = lineItemId.split('?', 2);
  return query === undefined ? `${path}/${part}` : `${path}/${part}?${query}`;
}

function toRow(lineItem: LineItem, userId: string, cell: Cell): ResultRow {
  return {
    id: underLineItem(lineItem.id, `results/${encodeURIComponent(userId)}`),
    userId,
    scoreOf: lineItem.id,
    timestamp: new Date(cell.changedAtMs).toISOString(),
    ...(cell.resultScore === null ? {} : { resultScore: cell.resultScore }),
    resultMaximum: lineItem.scoreMaximum,
    ...(cell.comment === null ? {} : { comment: cell.comment }),
  };
}
