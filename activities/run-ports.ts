/** What passes over many contexts need of the world. */
import type { PassKind, RunSummary, RunTrouble, SourceCounts } from '../domain/run.js';

export interface PassesPort {
  /** The pass of that kind that has not ended, other than this one. */
  findLive(input: { runId: string; kind: PassKind }): Promise<{ id: string; workflowId: string } | undefined>;
  open(input: {
    runId: string;
    kind: PassKind;
    scheduleId: string;
    workflowId: string;
    limitMs: number;
  }): Promise<void>;
  close(input: { runId: string; trouble: readonly RunTrouble[]; source: SourceCounts | null }): Promise<RunSummary>;
}

/** Whether a workflow is still open. */
export type IsWorkflowOpen = (workflowId: string) => Promise<boolean>;

export interface RunContextsPort {
  fixDue(runId: string): Promise<void>;
  pick(input: { runId: string; kind: PassKind; limit: number; patienceMs: number }): Promise<number>;
  listUnpoked(runId: string): Promise<{ contextId: string; deploymentId: string }[]>;
  markPoked(runId: string, contexts: readonly string[]): Promise<void>;
  settleDue(input: { runId: string; patienceMs: number }): Promise<number>;
  settleOne(input: { runId: string; contextId: string; failure: string | null }): Promise<void>;
  countOpen(runId: string): Promise<number>;
  countUnsettled(runId: string): Promise<void>;
}

export interface SyncRunsPort {
  hasOpen(): Promise<boolean>;
  settleOpen(): Promise<number>;
}

export interface ScorePullsPort {
  list(input: {
    after: string | null;
    limit: number;
  }): Promise<{ askedAt: string; contexts: { contextId: string; since: string | null }[] }>;
  note(input: { askedAt: string; contexts: readonly string[] }): Promise<void>;
}
