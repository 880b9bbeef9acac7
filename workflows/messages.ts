/** Signals and queries of our workflows, with their payloads; importable by a client too. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { SyncCounts } from '../domain/sync-counts.js';

/** What caused a sync: shown in the UI, and decides nothing. */
export type SyncTrigger = 'api' | 'launch' | 'nightly' | 'webhook' | 'backfill' | 'sweep' | 'operator';

/** A request to bring one gradebook up to date. Requests coalesce: what is set stays set until it was done once. */
export interface SyncRequest {
  trigger: SyncTrigger;
  /** Submit what is due. Default true. */
  scores?: boolean;
  /** Read the roster again, even when fresh. */
  roster?: boolean;
  /** Read the line items again, even when fresh. */
  lineItems?: boolean;
  /** Hold the gradebook against what was sent. */
  reconcile?: boolean;
  /** With `reconcile`: send again what the gradebook lost or shows otherwise, as far as its grade policy lets us. */
  resend?: boolean;
  /** Only backfilled scores wait here: use the queue for bulk work. */
  bulk?: boolean;
  /** The run that asks: shown in the UI, and told when its roster or gradebook was read. */
  run?: string;
}

export interface SyncContextInput {
  /** Our uuid of the context. */
  context: string;
  /** Our uuid of the deployment, for search. */
  deployment: string;
  /** How long the actor stays for late requests before it ends, in milliseconds. */
  lingerMs: number;
  carried?: SyncState;
}

/** All that a sync needs to carry on: flags and counts; never a score. */
export interface SyncState {
  pending: {
    scores: boolean;
    roster: boolean;
    lineItems: boolean;
    bulk: boolean;
    reconcile: boolean;
    resend: boolean;
  };
  triggers: SyncTrigger[];
  counts: SyncCounts;
  batches: number;
  /** The newest run that asked. */
  run?: string;
  /** Runs to be told when what they asked for was read. */
  tells: string[];
}

/** What the actor does now, for people. */
export interface SyncProgress {
  phase: string;
  waitingFor: string | null;
  triggers: SyncTrigger[];
  counts: SyncCounts;
  batches: number;
}

export const wakeSignal = defineSignal<[SyncRequest]>('wake');
export const progressQuery = defineQuery<SyncProgress>('progress');
