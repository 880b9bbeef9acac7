import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { hasSentence, placeOf, sentenceOf } from '../domain/failure-sentences.js';

/** What PostgreSQL says of an error that is a name in our schema, and no value. */
const NAMES = ['table', 'column', 'constraint'] as const;

/**
 * What a log line tells of something that failed. An expected failure is its type, with the sentence of the catalogue; any
 * other is where it was and its code. No words of its own: those of PostgreSQL, of an LMS or of a library quote rows,
 * answers and headers.
 */
export function toFailureFacts(error: unknown): Record<string, unknown> {
  if (error instanceof ActivityFailure) {
    const { activityType: failedActivity, retryState } = error;
    return { failedActivity, retryState, ...(error.cause && toFailureFacts(error.cause)) };
  }
  if (error instanceof ApplicationFailure) {
    // Without a type of its own it is an error of another program that Temporal carried here.
    const type = error.type ?? 'Error';
    return { failure: type, ...(hasSentence(type) && { sentence: sentenceOf(type) }) };
  }
  if (!(error instanceof Error)) return { failure: typeof error };
  const code = 'code' in error ? error.code : undefined;
  return { failure: error.name, ...(code !== undefined && { code }), ...namesIn(error), place: placeOf(error) };
}

function namesIn(error: object): Record<string, string> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value: unknown = Reflect.get(error, name);
      return typeof value === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(value) ? [[name, value]] : [];
    }),
  );
}
