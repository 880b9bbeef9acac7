import { ApplicationFailure } from '@temporalio/activity';
import type { BackfillDecision } from '../../domain/backfill.js';
import type { ActivityDeps } from '../deps.js';
import { getProgress, type BackfillProgress } from './preview-backfill.js';

export interface DecideBackfillInput {
  /** Our uuids. */
  backfillId: string;
  apiKey: string;
  decision: BackfillDecision;
}

/**
 * Carries out what an operator decided; a halt takes back at once what was released and not sent. Safe to repeat: what is
 * decided already stays so.
 */
export function createDecideBackfill({
  backfills,
}: Pick<ActivityDeps, 'backfills'>): (input: DecideBackfillInput) => Promise<BackfillProgress> {
  return async ({ backfillId, apiKey, decision }) => {
    const { isDone, state, isByAuthor } = await backfills.decide({ backfill: backfillId, decision, apiKey });
    if (isByAuthor) {
      throw ApplicationFailure.nonRetryable('Somebody other than its author approves it.', 'ApprovalByAuthor');
    }
    if (!isDone) throw ApplicationFailure.nonRetryable(`It is ${state}.`, 'BackfillNotReady');
    let open = 0;
    if (decision === 'pause' || decision === 'cancel') {
      await backfills.withdraw(backfillId);
      open = (await backfills.settle(backfillId)).open;
      await backfills.finish(backfillId);
    }
    return getProgress(backfills, backfillId, open);
  };
}
