import { ApplicationFailure, Context } from '@temporalio/activity';
import { BACKFILL_ENDS, type BackfillCounts, type BackfillState } from '../../domain/backfill.js';
import type { PreviewStep } from '../../db/backfills/preview.js';
import type { Backfills } from '../../db/backfills/backfills.js';
import type { ActivityDeps } from '../deps.js';
import { isForGood } from '../guards/end-refusals.js';
import { withOwnHeartbeat } from '../guards/with-heartbeat.js';
import { checkGradebook, type CheckDeps } from './check-gradebook.js';

export type PreviewDeps = CheckDeps & Pick<ActivityDeps, 'wakeBackfill' | 'refusalCode' | 'isRefusalOfData'>;

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
 * Works out what a backfill would change; nothing is changed by it. While it waits for another one it only looks whether
 * that has ended. Safe to repeat: every step is kept in PostgreSQL when it is done, and a step that is done again does the
 * same. What PostgreSQL refuses for good ends the backfill as failed.
 */
export function createPreviewBackfill(deps: PreviewDeps): (input: BackfillInput) => Promise<BackfillProgress> {
  const { backfills } = deps;
  const work = async ({ backfill }: BackfillInput): Promise<BackfillProgress> => {
    // One that has to wait looks again: the other may have ended just before anybody could know who waits for it.
    for (let step = await backfills.begin(backfill); step; step = await backfills.begin(backfill)) {
      await previewOrFail(deps, backfill, step);
    }
    const progress = await getProgress(backfills, backfill, 0);
    await wakeThoseBehind(deps, backfill, progress);
    return progress;
  };
  return (input) => withOwnHeartbeat(() => work(input));
}

/** What PostgreSQL will never take ends the backfill, with its code: to try again for ever would tell nobody. */
async function previewOrFail(deps: PreviewDeps, backfill: string, step: PreviewStep): Promise<void> {
  try {
    await preview(deps, backfill, step);
  } catch (error) {
    const code = deps.refusalCode(error);
    if (code === undefined || !isForGood(deps, code)) throw error;
    // Another attempt may have come further, and its end stands.
    if ((await deps.backfills.getStatus(backfill))?.state !== 'previewing') return;
    await deps.backfills.fail(backfill, 'RefusedByDatabase', `SQLSTATE ${code}.`);
  }
}

async function preview(deps: CheckDeps, backfill: string, first: PreviewStep): Promise<void> {
  const { cancellationSignal } = Context.current();
  for (let step: PreviewStep | null = first; step;) {
    cancellationSignal.throwIfAborted();
    if (step.name === 'check') await checkGradebook(deps, backfill, Number(step.after));
    step = await deps.backfills.advance(backfill, step);
  }
  await deps.backfills.conclude(backfill);
}

/** They are found by the sweep too; but whoever has waited for an end goes on at once. */
export async function wakeThoseBehind(
  { backfills, wakeBackfill }: Pick<ActivityDeps, 'backfills' | 'wakeBackfill'>,
  backfill: string,
  { state }: BackfillProgress,
): Promise<void> {
  if (!BACKFILL_ENDS.includes(state)) return;
  for (const id of await backfills.listBehind(backfill)) await wakeBackfill(id);
}

export async function getProgress(backfills: Backfills, id: string, open: number): Promise<BackfillProgress> {
  const status = await backfills.getStatus(id);
  if (!status) throw ApplicationFailure.nonRetryable('There is no such backfill.', 'BackfillNotKnown');
  const { state, lines, toSend, sent, rejected, overtaken, unsent } = status;
  return { state, lines, toSend, sent, rejected, overtaken, unsent, open };
}
