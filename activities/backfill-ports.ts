/** What the activities of backfills need of the database. */
import type { BackfillCounts, BackfillDecision, BackfillState } from '../domain/backfill.js';

export interface BackfillPreviewStep {
  name: 'collect' | 'resolve' | 'check' | 'classify';
  after: string;
}

export interface BackfillsPort {
  getStatus(
    backfill: string,
  ): Promise<(BackfillCounts & { state: BackfillState; hasPending: boolean; perSecond: number | null }) | undefined>;
  begin(backfill: string): Promise<BackfillPreviewStep | null>;
  advance(backfill: string, step: BackfillPreviewStep): Promise<BackfillPreviewStep | null>;
  keepStep(backfill: string, step: BackfillPreviewStep): Promise<void>;
  findColumnToCheck(
    backfill: string,
    after: number,
  ): Promise<{ target: number; context: string; lineItemId: string } | undefined>;
  storeSeen(input: {
    backfill: string;
    target: number;
    seen: readonly { userId: string; grade: number }[];
  }): Promise<void>;
  conclude(backfill: string): Promise<{ state: BackfillState }>;
  listQueues(
    backfill: string,
  ): Promise<{ deployment: string; hasPending: boolean; unfinished: number; perSecond: number }[]>;
  releasePage(input: {
    backfill: string;
    deployment: string;
    limit: number;
  }): Promise<{ lines: number; contexts: { contextId: string; deploymentId: string }[] }>;
  settle(backfill: string): Promise<{ open: number }>;
  withdraw(backfill: string, options?: { onlyParked?: boolean }): Promise<number>;
  finish(backfill: string): Promise<BackfillState>;
  decide(input: {
    backfill: string;
    decision: BackfillDecision;
    apiKey: string;
  }): Promise<{ isDone: boolean; state: BackfillState; isByAuthor: boolean }>;
  listForgotten(): Promise<string[]>;
}

export interface BackfillStarterPort {
  /** Starts the workflow of a backfill, or leaves alone the one that runs. */
  start(backfillId: string): Promise<unknown>;
}
