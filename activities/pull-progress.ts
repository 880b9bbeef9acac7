import type { ScoreSourcePort } from './run-ports.js';

export interface PullProgressInput {
  /** Our uuid of the context. */
  contextId: string;
  runId: string;
  /** ISO instant of the last question that was answered in full; null: never. */
  since: string | null;
}

export interface PullProgressResult {
  pages: number;
  accepted: number;
  unchanged: number;
  superseded: number;
  invalid: number;
  /** The kind of failure that ended it; null when the last page was read. */
  failure: string | null;
}

/**
 * Asks the score source about one context and stores what it answers. Safe to repeat: values that are held already are
 * `unchanged`. This is the one place where the score source is plugged in.
 */
export function createPullProgress({
  scoreSource,
}: {
  scoreSource: ScoreSourcePort | null;
}): (input: PullProgressInput) => Promise<PullProgressResult> {
  return async (input) => {
    if (scoreSource) return scoreSource.pull(input);
    return { pages: 0, accepted: 0, unchanged: 0, superseded: 0, invalid: 0, failure: null };
  };
}
