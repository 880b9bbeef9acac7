/** Sync: bringing one context's gradebook up to date. Its counts are all that a workflow's history says of scores. */

export interface SyncCounts {
  submitted: number;
  rejected: number;
  /** Tries that failed for a reason that passes. */
  retrying: number;
  /** Calls of which nobody knows yet whether they were applied. */
  unknown: number;
  /** Unknown calls that the gradebook showed to have been applied. */
  confirmed: number;
}

export const NO_COUNTS: Readonly<SyncCounts> = Object.freeze({
  submitted: 0,
  rejected: 0,
  retrying: 0,
  unknown: 0,
  confirmed: 0,
});

export function addCounts(one: SyncCounts, other: SyncCounts): SyncCounts {
  return {
    submitted: one.submitted + other.submitted,
    rejected: one.rejected + other.rejected,
    retrying: one.retrying + other.retrying,
    unknown: one.unknown + other.unknown,
    confirmed: one.confirmed + other.confirmed,
  };
}
