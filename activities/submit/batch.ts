import type { SyncCounts } from '../../domain/sync-counts.js';
import { NO_COUNTS } from '../../domain/sync-counts.js';
import type { LaneGuard } from '../guards/lane-guard.js';
import type { SyncableContext } from '../../db/courses/context-work.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import { createTally, type Tally } from './tally.js';

/** Why a batch stops before everything that was ready has been sent. */
export interface Stop {
  /** A failure type, or `draining`, `laneLost`, `database`, `permits`, `rate`. */
  reason: string;
  /** When to come again, in milliseconds; null: as soon as possible, or when an event says so. */
  waitMs: number | null;
  /** The context was set aside. */
  parked: boolean;
}

/** One attempt at one context: what its parts share. Mutable, and never outlives the attempt. */
export interface Batch {
  readonly course: SyncableContext;
  readonly lane: LaneGuard;
  /** Usable keys, the freshest first; a refused one is taken out. */
  readonly keys: UsableKey[];
  /** Aborted when the activity is cancelled or the lane is lost. */
  readonly signal: AbortSignal;
  /** Names the workflow run in the evidence. */
  readonly workflowRun: string;
  readonly counts: SyncCounts;
  /** Columns that this attempt set aside: their claimed scores are not sent. */
  readonly parkedColumns: Set<string>;
  /** Milliseconds of `performance.now()` after which nothing new is claimed. */
  readonly claimUntilMs: number;
  readonly isDraining: () => boolean;
  readonly heartbeat: () => void;
  readonly tally: Tally;
  stop: Stop | null;
  /** A column was answered to be gone: it may have been made anew, so the columns are worth another look. */
  hasLostColumn: boolean;
}

export function createBatch(
  parts: Omit<Batch, 'counts' | 'parkedColumns' | 'tally' | 'stop' | 'hasLostColumn'>,
): Batch {
  const counts = { ...NO_COUNTS };
  return { ...parts, counts, parkedColumns: new Set(), tally: createTally(), stop: null, hasLostColumn: false };
}

/** The first reason to stop stands; a wider one that comes while calls are still under way replaces a mere pause. */
export function stopBatch(batch: Batch, stop: Stop): void {
  if (!batch.stop || (stop.parked && !batch.stop.parked)) batch.stop = stop;
}
