import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { addCause, type Caused } from '../domain/cause.js';
import { ourOwn, readingFromPlatform } from './activity-options.js';
import { describeShown, showDetails, toShown, type Shown } from './details.js';
import {
  courseProgressQuery,
  wakeCourseSignal,
  type CourseRequest,
  type CourseState,
  type CourseTask,
  type SyncContextInput,
} from './messages.js';
import { nextCourseStep } from './next-course-step.js';
import type { SearchAttributePair } from '@temporalio/common';
import { RUN_KEY, STATE_KEY } from './search-attribute-keys.js';

/** Rests shorter than this are not worth an event. */
const SEARCHABLE_REST_MS = 5_000;

/** Triggers remembered for the UI. */
const MAX_TRIGGERS = 5;
/** No task of one course begins more often than four times a minute. */
const FLOOR_MS = 15_000;

/**
 * The one actor of a course, for what is a course's: finds and makes columns, reads the roster, compares the gradebook. It
 * sends nothing, and no score waits for it that does not need what it looks for. Losing it loses nothing: the sweep asks
 * again. Its one loop alone waits, clears flags and continues as new.
 */
export async function syncContextWorkflow(input: SyncContextInput): Promise<Record<CourseTask, number>> {
  const { context, lingerMs, floorMs = FLOOR_MS } = input;
  const state: CourseState = input.carried ?? freshState();
  let shown = toShown('starting');
  setHandler(wakeCourseSignal, (request) => note(state, request), { description: 'Do what is a course’s.' });
  setHandler(courseProgressQuery, () => ({ ...shown, triggers: state.triggers, done: state.done }), {
    description: 'What this actor does now.',
  });
  const show = (...next: Parameters<typeof toShown>): void => {
    shown = toShown(...next);
    showDetails(describe(state, shown));
  };

  for (;;) {
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof syncContextWorkflow>({ ...input, carried: state });
    }
    const step = nextCourseStep(state, Date.now());
    if (step.kind === 'do') {
      show(PHASES[step.task]);
      state.pending[step.task] = false;
      state.restsUntilMs[step.task] = Date.now() + floorMs;
      showSearchable('running', state);
      await TASKS[step.task](context, state);
      state.done[step.task] += 1;
      continue;
    }
    const before = JSON.stringify(state.pending);
    const isAsked = (): boolean => JSON.stringify(state.pending) !== before;
    if (step.kind === 'rest') {
      show('waiting', step.reason, step.ms);
      if (step.ms >= SEARCHABLE_REST_MS) showSearchable('waiting', state);
      await condition(isAsked, step.ms, { summary: `Waiting: ${step.reason}` });
    } else {
      show('lingering');
      if (!(await condition(isAsked, lingerMs, { summary: 'Stay for late requests' }))) break;
    }
  }
  show('done');
  return state.done;
}

const PHASES: Record<CourseTask, string> = {
  lineItems: 'looking up columns',
  roster: 'reading the roster',
  reconcile: 'comparing the gradebook',
};

const TASKS: Record<CourseTask, (context: string, state: CourseState) => Promise<void>> = {
  lineItems: ensureLineItems,
  roster: refreshRoster,
  reconcile: reconcileGradebook,
};

async function ensureLineItems(context: string, state: CourseState): Promise<void> {
  const result = await withoutFailing('The columns could not be looked up.', () =>
    readingFromPlatform.ensureLineItems.executeWithOptions({ summary: 'find or create columns' }, [
      { context, ...takeCauses(state) },
    ]),
  );
  state.waitingFor = typeof result === 'string' ? result : result.reason;
  if (typeof result === 'string' || result.outcome !== 'waiting') return;
  state.pending.lineItems = true;
  const untilMs = Date.now() + (result.delayMs ?? 0);
  state.restsUntilMs.lineItems = Math.max(state.restsUntilMs.lineItems, untilMs);
}

async function refreshRoster(context: string, state: CourseState): Promise<void> {
  const result = await withoutFailing('The roster could not be read; scores go out without it.', () =>
    readingFromPlatform.refreshRoster.executeWithOptions({ summary: 'read the roster' }, [
      { context, ...takeCauses(state) },
    ]),
  );
  await tellRuns(context, state, failureOf(result));
}

async function reconcileGradebook(context: string, state: CourseState): Promise<void> {
  const { resend } = state;
  state.resend = false;
  const options = { summary: 'compare the gradebook' };
  const result = await withoutFailing('The gradebook could not be compared.', () =>
    readingFromPlatform.reconcileGradebook.executeWithOptions(options, [{ context, resend, ...takeCauses(state) }]),
  );
  await tellRuns(context, state, failureOf(result));
}

/** What made the task come is told once. */
function takeCauses(state: CourseState): Caused {
  const { causes = [] } = state;
  state.causes = [];
  return causes.length > 0 ? { causes } : {};
}

async function tellRuns(context: string, state: CourseState, failure: string | null): Promise<void> {
  const { tells } = state;
  state.tells = [];
  // A run that cannot be told waits until it leaves the course by itself: that ends no actor.
  for (const runId of tells) {
    await withoutFailing('A run could not be told.', () => ourOwn.countRunContext({ runId, context, failure }));
  }
}

function failureOf(result: string | { outcome: string; reason: string | null }): string | null {
  if (typeof result === 'string') return result;
  return result.outcome === 'complete' ? null : result.reason;
}

/** Gives the failure type when it was not done at all. */
async function withoutFailing<T>(warning: string, work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.type) return cause.type;
    // What an attempt throws is in the log already; nobody has told of one that was never heard of again.
    log.warn(warning, { retryState: error.retryState });
    return 'UnknownAnswer';
  }
}

/** One filter in the UI finds all that a run touches, another all that waits. Only what is not shown yet is worth an event. */
function showSearchable(name: 'running' | 'waiting', { run }: CourseState): void {
  const shown = workflowInfo().typedSearchAttributes;
  const next: SearchAttributePair[] = shown.get(STATE_KEY) === name ? [] : [{ key: STATE_KEY, value: name }];
  if (run !== undefined && shown.get(RUN_KEY) !== run) next.push({ key: RUN_KEY, value: run });
  if (next.length > 0) upsertSearchAttributes(next);
}

function freshState(): CourseState {
  return {
    pending: { lineItems: false, roster: false, reconcile: false },
    resend: false,
    restsUntilMs: { lineItems: 0, roster: 0, reconcile: 0 },
    waitingFor: null,
    triggers: [],
    done: { lineItems: 0, roster: 0, reconcile: 0 },
    tells: [],
  };
}

function note(state: CourseState, request: CourseRequest): void {
  const { trigger, roster = false, lineItems = false, reconcile = false, resend = false, run, cause } = request;
  const { pending } = state;
  pending.lineItems ||= lineItems;
  pending.roster ||= roster;
  pending.reconcile ||= reconcile;
  state.resend ||= reconcile && resend;
  if (run !== undefined) {
    state.run = run;
    if (roster || reconcile) state.tells = [...new Set([...state.tells, run])];
  }
  state.causes = addCause(state.causes, cause);
  state.triggers = [trigger, ...state.triggers.filter((known) => known !== trigger)].slice(0, MAX_TRIGGERS);
}

function describe({ triggers, done, waitingFor }: CourseState, shown: Shown): string[] {
  const isTold = waitingFor === null || shown.waitingFor !== null;
  return [
    `${describeShown(shown)}${isTold ? '' : `; its columns wait for ${waitingFor}`}`,
    '',
    '| columns looked up | rosters read | gradebooks compared |',
    '| --- | --- | --- |',
    `| ${done.lineItems} | ${done.roster} | ${done.reconcile} |`,
    '',
    `Asked for by: ${triggers.join(', ') || 'nobody yet'}.`,
  ];
}
