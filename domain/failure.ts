/**
 * Failure: why a call to LTIAAS, or to the LMS behind it, did not do what it was made for. The catalogue says how much
 * each kind breaks, whether waiting helps, and what a person can do.
 */
import { failureCatalogue } from './failure-catalogue.js';
import type { FailureFacts } from './failure-facts.js';

export type { FailureFacts, FailureRadius } from './failure-facts.js';

/** The stable name of a kind of failure; stored, and used as Temporal's `ApplicationFailure.type`. */
export type FailureType = keyof typeof failureCatalogue;

/** One failure that happened, classified. Holds no secret and no personal data. */
export interface Failure {
  readonly type: FailureType;
  /** The shortest pause before the next try, in milliseconds, when the far side or our table asks for one. */
  readonly retryAfterMs?: number;
  /** The HTTP status that was answered. */
  readonly status?: number;
  /** LTIAAS's own code, such as `INACTIVE_SERVICE`, or the code of a transport error, such as `ECONNREFUSED`. */
  readonly code?: string;
  /** At most 500 characters of what was answered, scrubbed. */
  readonly excerpt?: string;
}

/** Every failure with its facts; frozen, so a reader cannot change what another sees. */
export const failures: Readonly<Record<FailureType, FailureFacts>> = freezeAll(failureCatalogue);

/** The facts of a kind of failure. */
export function failureOf(type: FailureType): FailureFacts {
  return failures[type];
}

/** Whether a string from outside (a database row, a workflow's failure) names a failure of the catalogue. */
export function isFailureType(value: string): value is FailureType {
  return Object.hasOwn(failures, value);
}

/** Somebody, or a backfill, took the score back before it was sent: only whoever names it wants it sent after all. */
export const TAKEN_BACK = ['BackfillWithdrawn', 'ScoreWithdrawn'] as const satisfies readonly FailureType[];

/** How far back failures are counted, in hours: the shortest first, each holds those before it. */
export const FAILURE_WINDOWS = [1, 24, 72, 168] as const;

/** The stable problem type of RFC 9457 for a kind of failure, for example `urn:passback:problem:line-item-not-found`. */
export function problemTypeOf(type: FailureType): string {
  return `urn:passback:problem:${type.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;
}

/**
 * What a failure of single students becomes when three or more students of one column, and all that were tried, fail
 * with it. Undefined for failures that already reach further, and for those that say nothing about the column.
 */
export function promotionOf(type: FailureType): FailureType | undefined {
  const { radius, retryable } = failures[type];
  if (radius !== 'student' || retryable) return undefined;
  return type === 'MemberNotInContext' || type === 'ScoreOrMemberRefused' ? 'NoMemberAccepted' : 'EveryScoreRefused';
}

function freezeAll<T extends Record<string, object>>(record: T): Readonly<T> {
  for (const entry of Object.values(record)) Object.freeze(entry);
  return Object.freeze(record);
}
