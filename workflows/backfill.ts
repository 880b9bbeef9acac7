import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { BACKFILL_ENDS, mayDecide, type BackfillDecision } from '../domain/backfill.js';
import { backfilling, deciding } from './activity-options.js';
import {
  backfillProgressQuery,
  DECISION_UPDATES,
  type BackfillProgress,
  type BackfillWorkflowInput,
  type DecideInput,
} from './backfill-messages.js';
import { STATE_KEY } from './search-attribute-keys.js';

/** Events of one run before it continues as a new one; the limit is twice that. */
const MOST_EVENTS = 1_000;
/** How often a queued backfill looks whether the one before it has ended. */
const QUEUE_LOOK = '15 seconds';
/** A halt is told to PostgreSQL first: one that Temporal never heard of is found by this. */
const LOOK = '10 minutes';

const UNKNOWN: BackfillProgress = {
  state: 'unknown',
  open: 0,
  lines: 0,
  toSend: 0,
  sent: 0,
  rejected: 0,
  overtaken: 0,
  unsent: 0,
};

/**
 * Preview, approval, release, report of one backfill. PostgreSQL holds where it stands, and every activity begins by
 * reading that: this workflow may be lost and started again at any point. Releasing only makes scores due; the courses'
 * own actors send them.
 */
export async function backfillWorkflow({ backfillId, carried }: BackfillWorkflowInput): Promise<BackfillProgress> {
  let progress = carried ?? UNKNOWN;
  let decisions = 0;
  let shown = carried?.state ?? 'previewing';
  const show = (next: BackfillProgress): void => {
    progress = next;
    if (shown !== next.state) upsertSearchAttributes([{ key: STATE_KEY, value: next.state }]);
    shown = next.state;
    setCurrentDetails(describe(next));
  };
  const decide = async (decision: BackfillDecision, apiKey: string): Promise<BackfillProgress> => {
    const options = { summary: `${decision} the backfill` };
    show(await deciding.decideBackfill.executeWithOptions(options, [{ backfillId, apiKey, decision }]));
    decisions += 1;
    return progress;
  };
  for (const decision of ['approve', 'pause', 'resume', 'cancel'] as const) {
    setHandler(DECISION_UPDATES[decision], ({ apiKey }: DecideInput) => decide(decision, apiKey), {
      validator: ({ apiKey }: DecideInput) => assertMayDecide(decision, progress, apiKey),
      description: `Let an operator ${decision} the backfill.`,
    });
  }
  setHandler(backfillProgressQuery, () => progress, { description: 'Where the backfill stands, with counts.' });

  for (;;) {
    const seen = decisions;
    const result = await work(backfillId, progress);
    // What an operator decided meanwhile is newer than what the activity saw.
    if (seen === decisions) show(result);
    if (BACKFILL_ENDS.some((end) => end === progress.state)) break;
    await waitWhereNothingIsToDo(progress, () => seen !== decisions);
    if (workflowInfo().historyLength > MOST_EVENTS || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof backfillWorkflow>({ backfillId, carried: progress });
    }
  }
  await condition(allHandlersFinished);
  return progress;
}

async function work(backfillId: string, { state, sent, toSend }: BackfillProgress): Promise<BackfillProgress> {
  if (state === 'releasing' || state === 'paused' || state === 'cancelling') {
    const summary = `${state}: ${sent} of ${toSend} sent`;
    return backfilling.releaseBackfill.executeWithOptions({ summary }, [{ backfillId }]);
  }
  const summary = 'work out what would change';
  return backfilling.previewBackfill.executeWithOptions({ summary }, [{ backfillId }]);
}

async function waitWhereNothingIsToDo({ state, open }: BackfillProgress, isDecided: () => boolean): Promise<void> {
  if (state === 'awaitingApproval' || (state === 'paused' && open === 0)) {
    await condition(isDecided, LOOK, { summary: 'Until an operator decides' });
  } else if (state === 'queued') await condition(isDecided, QUEUE_LOOK, { summary: 'Behind another backfill' });
}

/** Before PostgreSQL was asked nothing can be refused: the activity will. */
function assertMayDecide(decision: BackfillDecision, { state }: BackfillProgress, apiKey: string): void {
  if (!apiKey) throw ApplicationFailure.nonRetryable('Nobody decides.', 'BackfillNotReady');
  if (state === 'unknown' || mayDecide(decision, state)) return;
  throw ApplicationFailure.nonRetryable(`It is ${state}.`, 'BackfillNotReady');
}

function describe({ state, toSend, sent, rejected, overtaken, unsent, open, lines }: BackfillProgress): string {
  return [
    `**${state}**`,
    '',
    '| lines | to send | sent | rejected | overtaken | not sent yet | under way |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    `| ${lines} | ${toSend} | ${sent} | ${rejected} | ${overtaken} | ${unsent} | ${open} |`,
  ].join('\n');
}
