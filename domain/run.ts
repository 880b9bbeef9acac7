/** Run: one pass over many contexts, by the clock or because somebody asked, with its counts. */

export const RUN_KINDS = ['nightly', 'rosters', 'reconcile', 'sync'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Those that are a workflow of their own; a `sync` is only the contexts that one request woke. */
export type PassKind = Exclude<RunKind, 'sync'>;

export const RUN_STATES = ['running', 'completed', 'incomplete', 'failed'] as const;
export type RunState = (typeof RUN_STATES)[number];

/**
 * Why a run did not end well. `limitReached`: its time was over before all contexts were done. `notSettled`: it left some
 * where nothing moved, though nothing known stands in the way. `scoreSourceFailed`: the score source could not be asked for
 * some contexts. `canceled`: by a person. `workflowFailed`: by a mistake of ours. `abandoned`: it never ended, and a later
 * one has begun.
 */
export type RunTrouble =
  'limitReached' | 'notSettled' | 'scoreSourceFailed' | 'canceled' | 'workflowFailed' | 'abandoned';

/**
 * What a run knows of a context. `settled`: it is done there, or what is left waits for something. `notSettled`: the run no
 * longer waits for it; what is to be sent there goes on by itself.
 */
export const RUN_CONTEXT_STATES = ['inLine', 'underWay', 'settled', 'notSettled'] as const;
export type RunContextState = (typeof RUN_CONTEXT_STATES)[number];

/** What the score source answered. */
export interface SourceCounts {
  /** Contexts that it was asked about. */
  asked: number;
  accepted: number;
  /** Equal to what is held already: nothing to send. */
  unchanged: number;
  superseded: number;
  invalid: number;
  /** Contexts for which it failed, by kind of failure. */
  failures: Record<string, number>;
  /** It failed so often in a row that it was not asked any more. */
  gaveUp: boolean;
}

export const NO_SOURCE_COUNTS: Readonly<SourceCounts> = Object.freeze({
  ...{ asked: 0, accepted: 0, unchanged: 0, superseded: 0, invalid: 0, gaveUp: false },
  failures: Object.freeze({}),
});

/** What a run did, summed over its contexts; opaque counts and codes only. */
export interface RunCounts {
  contexts: number;
  /** Contexts that are done, or whose rest waits for something. */
  settled: number;
  /** Contexts that the run no longer waits for, though they are not settled. */
  notSettled: number;
  submitted: number;
  rejected: number;
  waiting: number;
  /** By kind of failure, or what else is waited for. */
  waitingFor: Record<string, number>;
  /** Contexts that could not be read, by kind of failure. */
  failures: Record<string, number>;
}

/** How a run ends, as its workflow's result tells it. */
export interface RunSummary extends RunCounts {
  runId: string;
  state: RunState;
  trouble: RunTrouble[];
  unchanged: number;
  durationMs: number;
  source: SourceCounts | null;
}

export function countFailures(failures: Readonly<Record<string, number>>): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}
