import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SubmitBatchResult } from '../activities/submit/submit-batch.js';
import { addCause } from '../domain/cause.js';
import { addCounts, NO_COUNTS, type SyncCounts } from '../domain/sync-counts.js';
import { sendingToPlatform } from './activity-options.js';
import { describeShown, showDetails, toShown, type Shown } from './details.js';
import {
  sendProgressQuery,
  wakeSenderSignal,
  type SendRequest,
  type SendScoresInput,
  type SendState,
} from './messages.js';
import { nextSendStep } from './next-send-step.js';
import { REJECTED_KEY, RUN_KEY, STATE_KEY } from './search-attribute-keys.js';

/** Triggers remembered for the UI. */
const MAX_TRIGGERS = 5;
/** Rests shorter than this are not worth an event. */
const SEARCHABLE_REST_MS = 5_000;

/**
 * The one sender of a gate: sends what is ready over all its courses, sleeps visibly until more is or trouble should be
 * over, and ends when nobody asks any more. The scores stay in PostgreSQL, so this holds counts and codes only, and losing
 * it loses nothing. Its one loop alone waits, clears the flag and continues as new.
 */
export async function sendScoresWorkflow({ gate, lingerMs, carried }: SendScoresInput): Promise<SyncCounts> {
  const state: SendState = carried ?? freshState();
  let shown = toShown('starting');
  setHandler(wakeSenderSignal, (request) => note(state, request), { description: 'Send what is ready.' });
  setHandler(
    sendProgressQuery,
    () => ({ ...shown, triggers: state.triggers, counts: state.counts, batches: state.batches }),
    { description: 'What this sender does now, with its counts.' },
  );
  const searchable = createSearchable();
  const show = (...next: Parameters<typeof toShown>): void => {
    shown = toShown(...next);
    showDetails(describe(state, shown));
  };

  for (;;) {
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof sendScoresWorkflow>({ gate, lingerMs, carried: state });
    }
    const step = nextSendStep(state, Date.now(), lingerMs);
    if (step.kind === 'send') {
      state.isWoken = false;
      show('sending');
      searchable.show('running', state);
      await sendBatch(gate, state);
    } else if (step.kind === 'rest') {
      show('waiting', step.reason, step.ms);
      if (step.ms >= SEARCHABLE_REST_MS) searchable.show('waiting', state);
      const isOver = (): boolean => state.isWoken && !step.isFloor;
      await condition(isOver, step.ms, { summary: `Waiting: ${step.reason}` });
    } else if (step.kind === 'linger') {
      // What the last batch had rejected: none may follow that would show it.
      searchable.show('running', state);
      show('lingering');
      await condition(() => state.isWoken, step.ms, { summary: 'Stay for late requests' });
    } else {
      searchable.show('running', state);
      show('done');
      return state.counts;
    }
  }
}

async function sendBatch(gate: string, state: SendState): Promise<void> {
  state.batches += 1;
  const { causes = [] } = state;
  state.causes = [];
  const { counts, outcome, reason, delayMs, courses, platform } =
    await sendingToPlatform.submitBatch.executeWithOptions({ summary: `batch ${state.batches}` }, [
      { gate, ...(causes.length > 0 && { causes }) },
    ]);
  state.counts = addCounts(state.counts, counts);
  const hasMoved = counts.submitted + counts.rejected + counts.confirmed > 0;
  state.idle = hasMoved ? 0 : state.idle + 1;
  state.last = { outcome, reason, delayMs, courses, platform, atMs: Date.now() };
}

/** Every upsert is an event: only what an operator searches for is worth one. */
function createSearchable(): { show(name: string, state: SendState): void } {
  let shown = 'running 0';
  return {
    show(name, { counts, run }) {
      const isNewRun = run !== undefined && workflowInfo().typedSearchAttributes.get(RUN_KEY) !== run;
      if (isNewRun) upsertSearchAttributes([{ key: RUN_KEY, value: run }]);
      if (shown === `${name} ${counts.rejected}`) return;
      shown = `${name} ${counts.rejected}`;
      upsertSearchAttributes([
        { key: STATE_KEY, value: name },
        { key: REJECTED_KEY, value: counts.rejected },
      ]);
    },
  };
}

function freshState(): SendState {
  return { isWoken: false, triggers: [], counts: { ...NO_COUNTS }, batches: 0, idle: 0, last: null };
}

function note(state: SendState, { trigger, run, cause }: SendRequest): void {
  state.isWoken = true;
  state.causes = addCause(state.causes, cause);
  if (run !== undefined) state.run = run;
  state.triggers = [trigger, ...state.triggers.filter((known) => known !== trigger)].slice(0, MAX_TRIGGERS);
}

function describe({ counts, triggers, batches, last }: SendState, shown: Shown): string[] {
  const { phase, waitingFor } = shown;
  const trouble = waitingFor !== null && last?.platform ? describeTrouble(last.platform) : '';
  const hint = phase === 'sending' ? '; counts of this batch so far: Pending Activities' : '';
  const ofLast = last === null ? '' : `, the last over ${last.courses} courses`;
  return [
    `${describeShown(shown)}${trouble}${hint}`,
    '',
    '| submitted | rejected | retrying | unknown | confirmed |',
    '| --- | --- | --- | --- | --- |',
    `| ${counts.submitted} | ${counts.rejected} | ${counts.retrying} | ${counts.unknown} | ${counts.confirmed} |`,
    '',
    `Batches: ${batches}${ofLast}. Asked for by: ${triggers.join(', ') || 'nobody yet'}.`,
  ];
}

function describeTrouble({ breaker, inFlight, inFlightMax }: NonNullable<SubmitBatchResult['platform']>): string {
  if (breaker !== 'closed') return `, breaker ${breaker}`;
  return inFlight < inFlightMax ? `, ${inFlight} of ${inFlightMax} calls at once` : '';
}
