import { ApplicationFailure, Context } from '@temporalio/activity';
import type { BackfillCounts, BackfillState } from '../domain/backfill.js';
import type { BackfillsPort } from './backfill-ports.js';

export interface BackfillInput {
  /** Our uuid. */
  backfillId: string;
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
export function createPreviewBackfill({
  backfills,
}: {
  backfills: BackfillsPort;
}): (input: BackfillInput) => Promise<BackfillProgress> {
  return async ({ backfillId }) => {
    const activityContext = Context.current();
    const beats = setInterval(() => activityContext.heartbeat(), 2_000);
    try {
      let step = await backfills.begin(backfillId);
      if (step) {
        while (step) {
          activityContext.cancellationSignal.throwIfAborted();
          step = await backfills.advance(backfillId, step);
        }
        await backfills.conclude(backfillId);
      }
      return await getProgress(backfills, backfillId, 0);
    } finally {
      clearInterval(beats);
    }
  };
}

export async function getProgress(backfills: BackfillsPort, id: string, open: number): Promise<BackfillProgress> {
  const status = await backfills.getStatus(id);
  if (!status) throw ApplicationFailure.nonRetryable('There is no such backfill.', 'BackfillNotKnown');
  const { state, lines, toSend, sent, rejected, overtaken, unsent } = status;
  return { state, lines, toSend, sent, rejected, overtaken, unsent, open };
}
