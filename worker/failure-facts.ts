import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { failureOf, isFailureType } from '../domain/failure.js';

/** Lines of a stack that say where it was. */
const PLACE_LINES = 5;

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
    return { failure: type, ...(isFailureType(type) && { sentence: failureOf(type).sentence }) };
  }
  if (!(error instanceof Error)) return { failure: typeof error };
  const place = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, PLACE_LINES)
    .join('\n');
  const code = 'code' in error ? error.code : undefined;
  return { failure: error.name, ...(code !== undefined && { code }), place };
}
