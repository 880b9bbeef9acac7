import { isFailureType, type FailureType } from '../../domain/failure.js';
import type { SendOutcome } from '../../db/scores/claims.js';

interface ColumnTally {
  hasSucceeded: boolean;
  rejected: Map<FailureType, { count: number; excerpt: string | null }>;
}

/** How the scores of each column fared in one batch. */
export interface Tally {
  note(lineItem: string, outcome: SendOutcome): void;
  columns(): Map<string, ColumnTally>;
}

export function createTally(): Tally {
  const columns = new Map<string, ColumnTally>();
  return {
    note(lineItem, { outcome, failureType = '', excerpt = null }) {
      const column: ColumnTally = columns.get(lineItem) ?? { hasSucceeded: false, rejected: new Map() };
      columns.set(lineItem, column);
      if (outcome === 'submitted') column.hasSucceeded = true;
      if (outcome !== 'rejected' || !isFailureType(failureType)) return;
      const count = (column.rejected.get(failureType)?.count ?? 0) + 1;
      column.rejected.set(failureType, { count, excerpt });
    },
    columns: () => columns,
  };
}
