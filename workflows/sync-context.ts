import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { addCounts, NO_COUNTS, type SyncCounts } from '../domain/sync-counts.js';
import { ourOwn, readingFromPlatform, sendingToPlatform } from './activity-options.js';
import { progressQuery, wakeSignal, type SyncContextInput, type SyncRequest, type SyncState } from './messages.js';
import { REJECTED_KEY, RUN_KEY, STATE_KEY } from './search-attribute-keys.js';

/** Waits up to this are slept out here, where the UI shows them; longer ones are left to the sweep. */
const LONGEST_WAIT_MS = 3_600_000;
/** Phases that the search attribute tells apart; all others are `running`. */
const SEARCHABLE_PHASES = ['waiting', 'parked', 'done'];
/** Triggers remembered for the UI. */
const MAX_TRIGGERS = 5;

/**
 * The one actor of a course: brings its gradebook up to date and ends. Requests that come meanwhile coalesce into flags;
 * the scores themselves stay in PostgreSQL, so this holds ids, counts and codes only, and losing it loses nothing.
 */
export async function syncContextWorkflow(input: SyncContextInput): Promise<SyncCounts> {
  const state: SyncState = input.carried ?? freshState();
  let phase = 'starting';
  let waitingFor: string | null = null;
  setHandler(wakeSignal, (request) => note(state, request), { description: 'Bring this gradebook up to date.' });
  setHandler(
    progressQuery,
    () => ({ phase, waitingFor, triggers: state.triggers, counts: state.counts, batches: state.batches }),
    { description: 'What this sync does now, with its counts.' },
  );
  let searchable = 'running 0';
  const show = (nextPhase: string, reason: string | null = null): void => {
    // Every upsert is an event: only what an operator searches for is worth one.
    const name = SEARCHABLE_PHASES.includes(nextPhase) ? nextPhase : 'running';
    if (searchable !== `${name} ${state.counts.rejected}`) {
      searchable = `${name} ${state.counts.rejected}`;
      upsertSearchAttributes([
        { key: STATE_KEY, value: name },
        { key: REJECTED_KEY, value: state.counts.rejected },
      ]);
    }
    phase = nextPhase;
    waitingFor = reason;
    setCurrentDetails(describe(state, phase, waitingFor));
  };

  for (;;) {
    while (isPending(state)) {
      await syncOnce(input, state, show);
      if (workflowInfo().continueAsNewSuggested) {
        await condition(allHandlersFinished);
        await continueAsNew<typeof syncContextWorkflow>({ ...input, carried: state });
      }
    }
    if (phase !== 'parked') show('lingering');
    if (!(await condition(() => isPending(state), input.lingerMs, { summary: 'Stay for late requests' }))) break;
  }
  if (phase !== 'parked') show('done');
  return state.counts;
}

type Show = (phase: string, reason?: string | null) => void;

/** Serves what is asked for now. The flags are cleared before the work, so that a request during it is served after it. */
async function syncOnce({ context }: SyncContextInput, state: SyncState, show: Show): Promise<void> {
  const { roster, lineItems, bulk, reconcile, resend } = state.pending;
  const { tells } = state;
  state.pending = nothing();
  state.tells = [];
  showRun(state);
  if (lineItems) await ensureLineItems(context, state, show);
  const rosterFailure = roster ? await refreshRoster(context, show) : null;
  // Before sending: what it makes due again goes out in the same pass.
  const failure = (reconcile ? await reconcileGradebook(context, resend, show) : null) ?? rosterFailure;
  for (const runId of tells) await ourOwn.countRunContext({ runId, context, failure });
  let isBulk = bulk;
  for (;;) {
    show('submitting');
    state.batches += 1;
    const result = await sendingToPlatform(isBulk).submitNextBatch.executeWithOptions(
      { summary: `batch ${state.batches}` },
      [{ context }],
    );
    state.counts = addCounts(state.counts, result.counts);
    isBulk = result.isBulkOnly && !state.pending.scores;
    if (result.needsLineItems && (await ensureLineItems(context, state, show))) continue;
    if (result.outcome === 'drained') return;
    if (result.outcome === 'parked') return show('parked', result.reason);
    if (result.outcome === 'waiting') {
      if (result.delayMs === null || result.delayMs > LONGEST_WAIT_MS) return show('waiting', result.reason);
      await rest(state, show, result.reason, result.delayMs);
      const { roster: wantsRoster, lineItems: wantsLineItems, reconcile: wantsReconcile } = state.pending;
      if (wantsRoster || wantsLineItems || wantsReconcile) return;
      state.pending.scores = false;
    }
    if (workflowInfo().continueAsNewSuggested) {
      state.pending.scores = true;
      return;
    }
  }
}

/** True when it may have helped, and sending is worth another look. */
async function ensureLineItems(context: string, state: SyncState, show: Show): Promise<boolean> {
  show('looking up columns');
  const { outcome, reason, delayMs } = await sendingToPlatform(false).ensureLineItems.executeWithOptions(
    { summary: 'find or create columns' },
    [{ context }],
  );
  if (outcome === 'waiting' && delayMs !== null) await rest(state, show, reason, delayMs);
  if (outcome === 'parked') show('parked', reason);
  return outcome !== 'parked';
}

/** A roster that cannot be had stops no score: the platform itself decides then who can be graded. */
async function refreshRoster(context: string, show: Show): Promise<string | null> {
  show('reading the roster');
  return withoutStopping('The roster could not be read; scores go out without it.', () =>
    readingFromPlatform.refreshRoster.executeWithOptions({ summary: 'read the roster' }, [{ context }]),
  );
}

/** Nor does a gradebook that cannot be read. */
async function reconcileGradebook(context: string, resend: boolean, show: Show): Promise<string | null> {
  show('comparing the gradebook');
  const options = { summary: 'compare the gradebook' };
  return withoutStopping('The gradebook could not be compared.', () =>
    readingFromPlatform.reconcileGradebook.executeWithOptions(options, [{ context, resend }]),
  );
}

/** Gives the reason when something was not read in full. */
async function withoutStopping(
  warning: string,
  read: () => Promise<{ outcome: 'complete' | 'partial' | 'unavailable'; reason: string | null }>,
): Promise<string | null> {
  try {
    const { outcome, reason } = await read();
    return outcome === 'complete' ? null : reason;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn(warning, { retryState: error.retryState });
    return typeOf(error.cause);
  }
}

function typeOf(cause: unknown): string {
  return cause instanceof ApplicationFailure && cause.type ? cause.type : 'UnknownAnswer';
}

/** One filter in the UI finds all that a run touches. Only a run that is not shown yet is worth an event. */
function showRun({ run }: SyncState): void {
  if (run === undefined || workflowInfo().typedSearchAttributes.get(RUN_KEY) === run) return;
  upsertSearchAttributes([{ key: RUN_KEY, value: run }]);
}

/** Sleeps, visibly; a new request wakes it, since it may have brought what was waited for. */
async function rest(state: SyncState, show: Show, reason: string | null, delayMs: number): Promise<void> {
  show('waiting', reason);
  await condition(() => isPending(state), delayMs, { summary: `Waiting: ${reason ?? 'to try again'}` });
}

function freshState(): SyncState {
  return {
    pending: nothing(),
    triggers: [],
    counts: { ...NO_COUNTS },
    batches: 0,
    tells: [],
  };
}

function nothing(): SyncState['pending'] {
  return { scores: false, roster: false, lineItems: false, bulk: false, reconcile: false, resend: false };
}

function isPending({ pending }: SyncState): boolean {
  return pending.scores || pending.roster || pending.lineItems || pending.reconcile;
}

/** Bulk stays set only while nothing more urgent was asked for. */
function note(state: SyncState, request: SyncRequest): void {
  const { trigger, scores = true, roster = false, lineItems = false, bulk = false } = request;
  const { reconcile = false, resend = false, run } = request;
  const { pending } = state;
  const isBulk = isPending(state) ? pending.bulk && bulk : bulk;
  state.pending = {
    scores: pending.scores || scores,
    roster: pending.roster || roster,
    lineItems: pending.lineItems || lineItems,
    bulk: isBulk,
    reconcile: pending.reconcile || reconcile,
    resend: pending.resend || (reconcile && resend),
  };
  if (run !== undefined) {
    state.run = run;
    if (roster || reconcile) state.tells = [...new Set([...state.tells, run])];
  }
  state.triggers = [trigger, ...state.triggers.filter((known) => known !== trigger)].slice(0, MAX_TRIGGERS);
}

function describe({ counts, triggers, batches }: SyncState, phase: string, waitingFor: string | null): string {
  return [
    `**${phase}**${waitingFor === null ? '' : `, waiting for: ${waitingFor}`}`,
    '',
    '| submitted | rejected | retrying | unknown | confirmed |',
    '| --- | --- | --- | --- | --- |',
    `| ${counts.submitted} | ${counts.rejected} | ${counts.retrying} | ${counts.unknown} | ${counts.confirmed} |`,
    '',
    `Batches: ${batches}. Asked for by: ${triggers.join(', ') || 'nobody yet'}.`,
  ].join('\n');
}
