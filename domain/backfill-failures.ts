import type { FailureFacts } from './failure-facts.js';

/** What a backfill leaves on a score that it had made and took back after a call for it had failed. */
export const backfillFailures = {
  BackfillWithdrawn: {
    radius: 'student',
    retryable: false,
    sentence: 'The backfill that brought this score was stopped before the LMS had taken it.',
    advice: 'Nothing, or hand the score in again.',
  },
} as const satisfies Record<string, FailureFacts>;
