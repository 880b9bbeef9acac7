import { ProblemError } from './problems.js';

export interface PageQuery {
  limit?: number;
  cursor?: string;
}

export const DEFAULT_PAGE_SIZE = 50;

/** A page as it is answered: one more was read than was asked for, to know whether there are more. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
): { rows: readonly Row[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: last && rows.length > limit ? encodeCursor(keyOf(last)) : null };
}

/** Cursors are opaque to callers, so that their content may change. */
export function encodeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** When, of which score, and which revision. */
const REVISION =
  /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}\.\d{6}Z [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} \d{1,9}$/;
const SHAPES = { uuid: UUID, number: /^\d{1,18}$/, text: /^[^\0]+$/, revision: REVISION };

/** The key inside a cursor; null for the first page. @throws {ProblemError} when it is none of ours. */
export function decodeCursor(cursor: string | undefined, shape: keyof typeof SHAPES): string | null {
  if (cursor === undefined) return null;
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!SHAPES[shape].test(key)) {
    throw new ProblemError('invalid-request', 'The cursor is none that this list has given.', { pointer: '/cursor' });
  }
  return key;
}
