import {
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  TemporalFailure,
  type PayloadConverter,
} from '@temporalio/common';
import { cleanType, placeOf, readClues, sentenceOf } from '../domain/failure-sentences.js';

type Converted = ReturnType<DefaultFailureConverter['errorToFailure']>;

/**
 * Lets nothing into Temporal but the kind of a failure, our sentence for it, its code, and where it came from. Whatever is thrown
 * by an activity, a workflow, or a handler of its messages passes here, and so does each cause of it. Words of PostgreSQL, of an
 * LMS or of a library quote rows and answers: the log has what may be told of them.
 */
export class KnownFailureConverter extends DefaultFailureConverter {
  override errorToFailure(error: unknown, payloadConverter: PayloadConverter): Converted {
    return super.errorToFailure(toKnown(error), payloadConverter);
  }
}

function toKnown(error: unknown): unknown {
  // What came from Temporal goes back as it came.
  if (error instanceof TemporalFailure && error.failure) return error;
  if (error instanceof CancelledFailure) {
    return withoutPlace(new CancelledFailure(/^[A-Z_]+$/.test(error.message) ? error.message : 'Cancelled'));
  }
  if (error instanceof ApplicationFailure) return toKnownFailure(error);
  // Those that the SDK makes itself, of which each has one fixed message.
  if (error instanceof TemporalFailure) return withoutPlace(error);
  return toKnownFailure(ApplicationFailure.create({ type: error instanceof Error ? error.name : typeof error }), error);
}

function toKnownFailure(failure: ApplicationFailure, origin: unknown = failure): ApplicationFailure {
  const type = cleanType(failure.type);
  const clues = readClues(failure.details?.[0] ?? origin);
  const details = Object.keys(clues).length > 0 ? [clues] : [];
  const known = new ApplicationFailure(
    ...([sentenceOf(type), type, failure.nonRetryable, details, undefined] as const),
    failure.nextRetryDelay,
    failure.category,
  );
  known.stack = origin instanceof Error ? (placeOf(origin) ?? '') : '';
  return known;
}

function withoutPlace<T extends Error>(error: T): T {
  error.stack = '';
  return error;
}
