import { ApplicationFailure, Context } from '@temporalio/activity';
import type { BackfillCounts, BackfillState } from '../../domain/backfill.js';
import type { Backfills } from '../../db/backfills/backfills.js';
import { checkGradebook, type CheckDeps } from './check-gradebook.js';

export interface BackfillInput {
  /** Our uuid. */
  backfill: string;
}

/** Where a backfill stands: a state and counts. */
export interface BackfillProgress extends BackfillCounts {
  state: BackfillState;
  /** Released scores whose end is not known yet. */
  open: number;
}

/**
 * Works out what a backfill would change; nothing is changed by it. Safe to repeat: every step is kept in PostgreSQL when
 * it is done, and a step that is done again does the same.
 */
export function createPreviewBackfill(deps: CheckDeps): (input: BackfillInput) => Promise<BackfillProgress> {
  const { backfills } = deps;
  return async ({ backfill }) => {
    const activityContext = Context.current();
    const beats = setInterval(() => activityContext.heartbeat(), 2_000);
    try {
      let step = await backfills.begin(backfill);
      if (step) {
        while (step) {
          activityContext.cancellationSignal.throwIfAborted();
          if (step.name === 'check') await checkGradebook(deps, backfill, Number(step.after));
          step = await backfills.advance(backfill, step);
        }
        await backfills.conclude(backfill);
      }
      return await getProgress(backfills, backfill, 0);
    } finally {
      clearInterval(beats);
    }
  };
}

export async function getProgress(backfills: Backfills, id: string, open: number): Promise<BackfillProgress> {
  const status = await backfills.getStatus(id);
  if (!status) throw ApplicationFailure.nonRetryable('There is no such backfill.', 'BackfillNotKnown');
  const { state, lines, toSend, sent, rejected, overtaken, unsent } = status;
  return { state, lines, toSend, sent, rejected, overtaken, unsent, open };
}
