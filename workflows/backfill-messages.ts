/** The signal and the query of the backfill workflow; importable by a client too. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BackfillCounts, BackfillState } from '../domain/backfill.js';

export interface BackfillWorkflowInput {
  /** Our uuid. */
  backfill: string;
  carried?: BackfillProgress;
}

/** A state and counts; never a score. */
export interface BackfillProgress extends BackfillCounts {
  /** `unknown`: PostgreSQL has not been asked yet. */
  state: BackfillState | 'unknown';
  /** Released scores whose end is not known yet. */
  open: number;
}

/** Something was decided in PostgreSQL: look there. It says no more, so order and repeats of it mean nothing. */
export const lookSignal = defineSignal('look');
export const backfillProgressQuery = defineQuery<BackfillProgress>('progress');
