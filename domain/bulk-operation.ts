/** What an operator does to as many rows as a filter finds, page by page, so that no request lasts for all of them. */

export const BULK_KINDS = ['retryScores', 'sync', 'resumeContext', 'replayEvents'] as const;
export type BulkKind = (typeof BULK_KINDS)[number];

/** `failed`: PostgreSQL refuses a page for good; what was done before stays done. */
export const BULK_STATES = ['running', 'completed', 'cancelled', 'failed'] as const;
export type BulkState = (typeof BULK_STATES)[number];

export interface BulkCounts {
  /** Rows that were changed. */
  acted: number;
  /** Those named that need nothing, or are not there, and those that somebody took back before they were sent. */
  skipped: number;
  /** Those that it cannot be done to, such as events whose body is gone. */
  failed: number;
}

/** A state and counts; never what a row says. */
export interface BulkProgress extends BulkCounts {
  state: BulkState;
}
