/** The schedules in Temporal: what begins by the clock. */
import type { WorkflowLink } from '../temporal/workflow-link.js';

export interface ScheduleRecord {
  name: string;
  workflowType: string;
  /** Five fields; null where it runs by an interval, or has several times. */
  cron: string | null;
  /** Seconds between two runs; null where it runs by the clock. */
  everySeconds: number | null;
  timeZone: string;
  jitterSeconds: number;
  catchupSeconds: number;
  paused: boolean;
  /** Who changed it last, and why. */
  note: string | null;
  nextRuns: Date[];
  running: WorkflowLink[];
  recent: (WorkflowLink & { startedAt: Date })[];
  /** Times that were skipped since the run before was still under way. */
  skipped: number;
  createdAt: Date;
  /** When its time was last changed, by whomever. */
  changedAt: Date;
  url: string | null;
}

export interface ScheduleChange {
  cron: string;
  timeZone: string;
  jitterSeconds: number;
}

/** Every method has a deadline of its own and rejects when it passes. `note`: who and why, for the Temporal UI. */
export interface Schedules {
  list(): Promise<ScheduleRecord[]>;
  /** Undefined for a name that we declare no schedule of, or that no worker has made yet. */
  find(name: string): Promise<ScheduleRecord | undefined>;
  /** Replaces its times. Rejects with a `ScheduleRefusedError` when Temporal does not take them; the old ones stay. */
  change(name: string, change: ScheduleChange, note: string): Promise<void>;
  /** Runs it now, unless it runs already: then nothing is started. */
  trigger(name: string, note: string): Promise<void>;
  pause(name: string, note: string): Promise<void>;
  unpause(name: string, note: string): Promise<void>;
}

/** Temporal does not take the times; its words are for the caller. */
export class ScheduleRefusedError extends Error {
  override readonly name = 'ScheduleRefusedError';
}
