/** Updates and the query of the backfill workflow; importable by a client too. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { BackfillCounts, BackfillDecision, BackfillState } from '../domain/backfill.js';

export interface BackfillWorkflowInput {
  /** Our uuid. */
  backfillId: string;
  carried?: BackfillProgress;
}

/** A state and counts; never a score. */
export interface BackfillProgress extends BackfillCounts {
  /** `unknown`: PostgreSQL has not been asked yet. */
  state: BackfillState | 'unknown';
  /** Released scores whose end is not known yet. */
  open: number;
}

export interface DecideInput {
  /** Our uuid of the key of whoever decides. Reasons stay in PostgreSQL. */
  apiKey: string;
}

export const approveUpdate = defineUpdate<BackfillProgress, [DecideInput]>('approve');
export const pauseUpdate = defineUpdate<BackfillProgress, [DecideInput]>('pause');
export const resumeUpdate = defineUpdate<BackfillProgress, [DecideInput]>('resume');
export const cancelUpdate = defineUpdate<BackfillProgress, [DecideInput]>('cancel');

export const DECISION_UPDATES: Readonly<Record<BackfillDecision, typeof approveUpdate>> = {
  approve: approveUpdate,
  pause: pauseUpdate,
  resume: resumeUpdate,
  cancel: cancelUpdate,
};

export const backfillProgressQuery = defineQuery<BackfillProgress>('progress');
