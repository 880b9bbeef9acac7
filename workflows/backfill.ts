import { condition, continueAsNew, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { BACKFILL_DECISIONS, BACKFILL_ENDS, mayDecide } from '../domain/backfill.js';
import { longWork } from './activity-options.js';
import {
  backfillProgressQuery,
  lookSignal,
  type BackfillProgress,
  type BackfillWorkflowInput,
} from './backfill-messages.js';
import { showDetails } from './details.js';
import { STATE_KEY } from './search-attribute-keys.js';

/** Events of one run before it continues as a new one; the limit is twice that. */
const MOST_EVENTS = 1_000;
/** A decision, or the end of the one before it, whose signal was lost is found by this, if no sweep has found it before. */
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
 * Preview, approval, release, report of one backfill. PostgreSQL holds where it stands and decides what an operator may
 * do; every activity begins by reading that, and this workflow follows what it read. It may be lost and started again at
 * any point. Releasing only makes scores due; the courses' own actors send them.
 */
export async function backfillWorkflow({ backfill, carried }: BackfillWorkflowInput): Promise<BackfillProgress> {
  let progress = carried ?? UNKNOWN;
  let shown = carried?.state ?? 'previewing';
  let isToLook = false;
  const show = (next: BackfillProgress): void => {
    progress = next;
    if (shown !== next.state) upsertSearchAttributes([{ key: STATE_KEY, value: next.state }]);
    shown = next.state;
    showDetails(describe(backfill, next));
  };
  const look = (): void => {
    isToLook = true;
  };
  setHandler(lookSignal, look, { description: 'Have it look in PostgreSQL, where decisions are made.' });
  setHandler(backfillProgressQuery, () => progress, { description: 'Where the backfill stands, with counts.' });

  for (;;) {
    isToLook = false;
    show(await work(backfill, progress));
    if (BACKFILL_ENDS.some((end) => end === progress.state)) return progress;
    await waitWhereNothingIsToDo(progress, () => isToLook);
    if (workflowInfo().historyLength > MOST_EVENTS || workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof backfillWorkflow>({ backfill, carried: progress });
    }
  }
}

async function work(backfill: string, { state, sent, toSend }: BackfillProgress): Promise<BackfillProgress> {
  if (state === 'releasing' || state === 'paused' || state === 'cancelling') {
    const summary = `${state}: ${sent} of ${toSend} sent`;
    return longWork.releaseBackfill.executeWithOptions({ summary }, [{ backfill, shown: state }]);
  }
  const summary = 'work out what would change';
  return longWork.previewBackfill.executeWithOptions({ summary }, [{ backfill }]);
}

async function waitWhereNothingIsToDo({ state, open }: BackfillProgress, isToLook: () => boolean): Promise<void> {
  if (state === 'awaitingApproval' || (state === 'paused' && open === 0)) {
    await condition(isToLook, LOOK, { summary: 'Until an operator decides' });
  } else if (state === 'queued') await condition(isToLook, LOOK, { summary: 'Behind another backfill' });
}

function describe(backfill: string, progress: BackfillProgress): string[] {
  const { state, toSend, sent, rejected, overtaken, unsent, open, lines } = progress;
  return [
    `**${state}**`,
    '',
    '| lines | to send | sent | rejected | overtaken | not sent yet | under way |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    `| ${lines} | ${toSend} | ${sent} | ${rejected} | ${overtaken} | ${unsent} | ${open} |`,
    ...describeDecisions(backfill, state),
  ];
}

/** What an operator may do now, and where: the API refuses, audits and keeps in order. */
function describeDecisions(backfill: string, state: BackfillProgress['state']): string[] {
  const open = BACKFILL_DECISIONS.filter((decision) => state !== 'unknown' && mayDecide(decision, state));
  if (open.length === 0) return [];
  return ['', `To be decided by \`POST /v1/backfills/${backfill}/…\`: ${open.join(', ')}`];
}
