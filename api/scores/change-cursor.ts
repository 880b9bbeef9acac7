/** Where a reader of changes has come to, as an opaque cursor; told apart from cursors of the other order by its shape. */
import type { ChangePosition } from '../../db/scores/changed-scores.js';
import { encodeCursor } from '../paging.js';
import { ProblemError } from '../problems.js';
import { toInstant } from '../to-instant.js';

const KEY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\d{1,18})$/;

export const toChangeCursor = ({ at, seq }: ChangePosition): string => encodeCursor(`${at} ${seq}`);

/**
 * Where to go on. Undefined: the list in the order of creation is meant. The cursor is ahead of the `updatedAfter` that it
 * began with. @throws {ProblemError} for a time that is none, or one with a cursor of the other order.
 */
export function findPosition({
  updatedAfter,
  cursor,
}: {
  updatedAfter?: string | undefined;
  cursor?: string | undefined;
}): ChangePosition | undefined {
  const [, at, seq] = KEY.exec(Buffer.from(cursor ?? '', 'base64url').toString()) ?? [];
  if (at !== undefined && seq !== undefined && isInstant(at)) return { at, seq };
  if (updatedAfter === undefined) return undefined;
  if (cursor !== undefined) {
    throw new ProblemError('invalid-request', 'The cursor is none that this list has given.', { pointer: '/cursor' });
  }
  return { at: toInstant(updatedAfter, '/updatedAfter').toISOString(), seq: '0' };
}

const isInstant = (text: string): boolean => Date.parse(text) >= 0;
