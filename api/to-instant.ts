import { readInstant } from '../domain/read-instant.js';
import { ProblemError } from './problems.js';

/** The instant that a member or a parameter names. @throws {ProblemError} that points to it */
export function toInstant(text: string, pointer: string): Date {
  const instant = readInstant(text);
  if (instant instanceof Date) return instant;
  throw new ProblemError('invalid-request', `${pointer.slice(1).replaceAll('/', '.')} ${instant}.`, { pointer });
}

/** A clock that runs ahead must not keep out the keys of later launches. */
export function notAfter(now: Date, instant: Date): Date {
  return instant < now ? instant : now;
}
