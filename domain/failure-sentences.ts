/** What may be said of anything that failed, whoever hears it: no words but ours, and never those of an error. */
import { failureOf, isFailureType } from './failure.js';
import { isPauseReason } from './wait.js';

/** Failures of our own program, which no LMS meets. */
const OWN: Readonly<Record<string, string>> = {
  BackfillNotKnown: 'There is no such backfill.',
  BulkOperationNotFound: 'There is no such bulk operation.',
  ContextNotKnown: 'There is no such context.',
  GateNotKnown: 'There is no such gate.',
  PersonRequestNotFound: 'There is no such request for a person.',
};

/** Of a kind that has no sentence. */
const UNFORESEEN = 'It failed in a way that was not foreseen: the log of the worker tells more.';

/** The sentence of a kind of failure. */
export function sentenceOf(type: string): string {
  if (isFailureType(type)) return failureOf(type).sentence;
  if (isPauseReason(type)) return 'Somebody has paused what it calls.';
  return (Object.hasOwn(OWN, type) ? OWN[type] : undefined) ?? UNFORESEEN;
}

export function hasSentence(type: string): boolean {
  return sentenceOf(type) !== UNFORESEEN;
}

/** A kind of failure as programs name it; a name in which anything else might stand is none. */
export function cleanType(type: unknown): string {
  return typeof type === 'string' && /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(type) ? type : 'Error';
}

/** What a failure may tell beside its kind. */
export interface FailureClues {
  /** Of PostgreSQL, the transport or Node: `23505`, `ECONNRESET`. */
  readonly code?: string;
  /** What its line in the log has as `failureId`. */
  readonly failureId?: string;
}

/** Of anything, what of it are clues. */
export function readClues(value: unknown): FailureClues {
  if (typeof value !== 'object' || value === null) return {};
  const code: unknown = 'code' in value ? value.code : undefined;
  const failureId: unknown = 'failureId' in value ? value.failureId : undefined;
  return {
    ...(typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) && { code }),
    ...(typeof failureId === 'string' &&
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(failureId) && { failureId }),
  };
}

/** Lines of a stack that say where it was. */
const PLACE_LINES = 5;

/** Where an error came from: its stack without its words, which stand at the head of it and may have any number of lines. */
export function placeOf(error: Error): string | undefined {
  const { message, stack = '' } = error;
  const at = stack.indexOf(message);
  if (at < 0) return undefined;
  const lines = stack.slice(at + message.length).split('\n');
  return lines.filter((line) => line.startsWith('    at ')).slice(0, PLACE_LINES).join('\n'); // prettier-ignore
}
