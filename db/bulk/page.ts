/** What the pages of bulk operations have in common, whatever they do. */

/** A context to be woken. */
export interface ContextToWake {
  context: string;
  deployment: string;
  gate: string;
}

/** What one page of a bulk operation did. Its rows were changed in the caller's transaction. */
export interface BulkPage {
  acted: number;
  /** Found, and left as they are. What was named by ids and not found is counted at the end. */
  skipped?: number;
  failed?: number;
  /** More of what was done, by name, to be summed. */
  details?: Readonly<Record<string, number>>;
  /** Where the next page begins; null: this was the last. */
  next: string | null;
  /** To be woken once it is committed. */
  contexts: readonly ContextToWake[];
}

/** Where the first page begins. */
export const FIRST_PAGE = '0';

/** Where a page begins, and how many rows it takes at most. */
export interface PageStart {
  after: string;
  limit: number;
}
