/** Origin: from whom a revision of a score came. Kept with every revision (`score_revisions`), and never changed. */

/**
 * - `apiKey`: handed in over the API, with that key.
 * - `event`: a webhook event.
 * - `backfill`: a backfill released it.
 * - `backfillWithdrawn`: a backfill took back what it had released, and was not sent.
 * - `scoreSource`: the tool's score source told it, in that run.
 * - `unknown`: written by an older release, which did not say.
 */
export const ORIGIN_SOURCES = [
  ...(['apiKey', 'event', 'backfill', 'backfillWithdrawn', 'scoreSource', 'unknown'] as const),
] as const;
export type OriginSource = (typeof ORIGIN_SOURCES)[number];

/** Who brings a value. */
export interface ScoreOrigin {
  source: Exclude<OriginSource, 'backfillWithdrawn' | 'unknown'>;
  /** Our uuid of the key, event, backfill or run. */
  id: string;
  /** Of the request that brought it, by which our log is searched; null where it was none. */
  requestId: string | null;
}
