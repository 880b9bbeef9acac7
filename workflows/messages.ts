/** Signals and queries of our workflows, with their payloads; importable by a client too. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { SubmitBatchResult } from '../activities/submit/submit-batch.js';
import type { Cause } from '../domain/cause.js';
import type { SyncCounts } from '../domain/sync-counts.js';
import type { Shown } from './details.js';

/** Who asked: shown in the UI, and decides nothing. */
export type SyncTrigger = 'api' | 'launch' | 'nightly' | 'webhook' | 'backfill' | 'sweep' | 'operator';

/** Scores are ready behind a gate. It says no more, so that order and repeats of it mean nothing. */
export interface SendRequest {
  trigger: SyncTrigger;
  /** The run that asks: shown in the UI. */
  run?: string;
  /** The request that asks: for logs. */
  cause?: Cause;
}

export interface SendScoresInput {
  /** Our uuid. */
  gate: string;
  /** How long the sender stays for late requests before it ends, in milliseconds. */
  lingerMs: number;
  carried?: SendState;
}

/** All that a sender needs to carry on: flags and counts; never a score. */
export interface SendState {
  /** Somebody asked since the last batch began. */
  isWoken: boolean;
  triggers: SyncTrigger[];
  run?: string;
  counts: SyncCounts;
  batches: number;
  /** Batches in a row that brought nothing forward. */
  idle: number;
  /** How the last batch ended; null before the first. */
  last: (Omit<SubmitBatchResult, 'counts' | 'failures'> & { atMs: number }) | null;
  /** Requests that asked since the last batch began. */
  causes?: readonly Cause[];
}

/** What a sender does now, for people. */
export interface SendProgress extends Shown {
  triggers: SyncTrigger[];
  counts: SyncCounts;
  batches: number;
}

export const wakeSenderSignal = defineSignal<[SendRequest]>('wake');
export const sendProgressQuery = defineQuery<SendProgress>('progress');

/** A request for what is a course's. Requests coalesce: what is set stays set until it was done once. */
export interface CourseRequest {
  trigger: SyncTrigger;
  /** Read the roster again, even when fresh. */
  roster?: boolean;
  /** Look for the columns that scores want, and make those that may be made. */
  lineItems?: boolean;
  /** Hold the gradebook against what was sent. */
  reconcile?: boolean;
  /** With `reconcile`: send again what the gradebook lost or shows otherwise, as far as its grade policy lets us. */
  resend?: boolean;
  /** The run that asks: shown in the UI, and told when its roster or gradebook was read. */
  run?: string;
  /** The request that asks: for logs. */
  cause?: Cause;
}

/** What the actor of a course can be asked for. */
export type CourseTask = 'lineItems' | 'roster' | 'reconcile';

export interface SyncContextInput {
  /** Our uuid of the context. */
  context: string;
  /** Our uuid of the deployment, for search. */
  deployment: string;
  /** How long the actor stays for late requests before it ends, in milliseconds. */
  lingerMs: number;
  /** The least time between two beginnings of the same task, in milliseconds. Default 15,000. */
  floorMs?: number;
  carried?: CourseState;
}

/** All that an actor needs to carry on: flags and times. */
export interface CourseState {
  pending: Record<CourseTask, boolean>;
  resend: boolean;
  /** No task begins again before this, in milliseconds since 1970. */
  restsUntilMs: Record<CourseTask, number>;
  waitingFor: string | null;
  triggers: SyncTrigger[];
  /** How often each task was done. */
  done: Record<CourseTask, number>;
  /** The newest run that asked. */
  run?: string;
  /** Runs to be told when what they asked for was read. */
  tells: string[];
  /** Requests that asked since the last task began. */
  causes?: readonly Cause[];
}

/** What the actor does now, for people. */
export interface CourseProgress extends Shown {
  triggers: SyncTrigger[];
  done: Record<CourseTask, number>;
}

export const wakeCourseSignal = defineSignal<[CourseRequest]>('wake');
export const courseProgressQuery = defineQuery<CourseProgress>('progress');
