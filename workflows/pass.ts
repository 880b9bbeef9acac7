/** A pass over many contexts: what `nightlySync`, `refreshRosters` and `reconcileGradebooks` have in common. */
import { CancellationScope, isCancellation, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributePair } from '@temporalio/common';
import {
  countFailures,
  NO_SOURCE_COUNTS,
  type PassKind,
  type RunState,
  type RunSummary,
  type RunTrouble,
  type SourceCounts,
} from '../domain/run.js';
import { ourOwn } from './activity-options.js';
import { showDetails } from './details.js';
import { REJECTED_KEY, RUN_KEY, STATE_KEY } from './search-attribute-keys.js';

export interface PassInput {
  /** How long the pass may last, in milliseconds; what is not done by then goes on without it. */
  limitMs: number;
  /** What rests for longer is not waited for, in milliseconds. */
  patienceMs?: number;
  /** A course where nothing moves for so long is left, in milliseconds, and told as not settled. */
  stallMs?: number;
  /** The shortest and the longest rest between two steps, in milliseconds. */
  restMs?: [number, number];
  /** Steps after which a fresh history is begun, if the server does not ask for it sooner. */
  stepsPerHistory?: number;
  carried?: PassState;
}

/** All that a pass needs to carry on: ids and counts. */
export interface PassState {
  /** The clock of its first workflow run, in milliseconds since 1970. */
  startedAtMs: number;
  /** The score source is being asked, and how far it is; null: that is over. */
  pulling: { after: string | null; failedInRow: number } | null;
  source: SourceCounts | null;
  picked: number;
  steps: number;
}

/** What a pass says that began while another one of its kind was under way. */
export interface SecondPass {
  skippedFor: string;
}

export interface Pass {
  runId: string;
  kind: PassKind;
  input: PassInput;
  state: PassState;
}

const DEFAULT_PATIENCE_MS = 900_000;
/**
 * Twice the patience, so that what rests as long as that has its turn. A reading shows nothing until it is over: its actor
 * gives it up after an hour, and may have had to end another one first.
 */
const DEFAULT_STALL_MS: Readonly<Record<PassKind, number>> = {
  nightly: 1_800_000,
  rosters: 5_400_000,
  reconcile: 5_400_000,
};
const DEFAULT_REST_MS: [number, number] = [1_000, 5_000];
const DEFAULT_STEPS_PER_HISTORY = 300;

/**
 * Runs one until it is over, or until its history is long enough. Whatever ends it, its row says how.
 * @param before done once, in as many parts as it needs: false means that it wants to go on in a fresh history.
 */
export async function runPass(
  { kind, scheduleId, input }: { kind: PassKind; scheduleId: string; input: PassInput },
  before: (pass: Pass) => Promise<boolean> = () => Promise.resolve(true),
): Promise<{ summary: RunSummary | SecondPass } | { carried: PassState }> {
  const { firstExecutionRunId: runId, workflowId } = workflowInfo();
  let state: PassState | undefined = input.carried;
  try {
    if (!state) {
      showState('running', { key: RUN_KEY, value: runId });
      const { limitMs } = input;
      const { asksSource, other } = await ourOwn.beginRun({ runId, kind, scheduleId, workflowId, limitMs });
      if (other) {
        showState('skipped');
        return { summary: { skippedFor: other } };
      }
      state = { startedAtMs: Date.now(), pulling: null, source: null, picked: 0, steps: 0 };
      if (asksSource) {
        state.pulling = { after: null, failedInRow: 0 };
        state.source = { ...NO_SOURCE_COUNTS, failures: {} };
      }
    }
    const pass: Pass = { runId, kind, input, state };
    if (!(await before(pass))) return { carried: state };
    const end = await askAll(pass);
    if (end === null) return { carried: state };
    return { summary: await close(pass, end) };
  } catch (error) {
    const trouble: RunTrouble = isCancellation(error) ? 'canceled' : 'workflowFailed';
    const source = state?.source ?? null;
    showState('failed');
    // Without a state no run was opened.
    if (state) {
      await CancellationScope.nonCancellable(() => ourOwn.closeRun({ runId, kind, trouble: [trouble], source }));
    }
    throw error;
  }
}

/** What operators filter by; the others stand since its start. */
function showState(state: RunState | 'skipped', ...more: SearchAttributePair[]): void {
  upsertSearchAttributes([{ key: STATE_KEY, value: state }, ...more]);
}

/** What is left of the limit, in milliseconds. */
export function timeLeftMs({ input, state }: Pass): number {
  return state.startedAtMs + input.limitMs - Date.now();
}

/** Null: a fresh history is wanted first. */
async function askAll(pass: Pass): Promise<RunTrouble[] | null> {
  const { runId, kind, input, state } = pass;
  const { patienceMs = DEFAULT_PATIENCE_MS, stepsPerHistory = DEFAULT_STEPS_PER_HISTORY } = input;
  const { stallMs = DEFAULT_STALL_MS[kind] } = input;
  const [least, most] = input.restMs ?? DEFAULT_REST_MS;
  for (let restMs = least; ;) {
    state.steps += 1;
    const step = await ourOwn.askNext.executeWithOptions({ summary: `step ${state.steps}` }, [
      { runId, kind, patienceMs, stallMs },
    ]);
    state.picked += step.picked;
    showDetails([`**${kind}**: ${state.picked} courses asked, ${step.open} of them under way.`]);
    if (step.open === 0 && step.picked === 0 && !step.hasMore) return [];
    if (timeLeftMs(pass) <= 0) return ['limitReached'];
    const hasMoved = step.picked + step.settled > 0;
    restMs = hasMoved ? least : Math.min(restMs * 2, most);
    await sleep(Math.min(restMs, Math.max(timeLeftMs(pass), 1)), { summary: `${step.open} courses are under way` });
    if (workflowInfo().continueAsNewSuggested || state.steps % stepsPerHistory === 0) return null;
  }
}

async function close({ runId, kind, state }: Pass, trouble: RunTrouble[]): Promise<RunSummary> {
  const { source } = state;
  if (source && (source.gaveUp || countFailures(source.failures) > 0)) trouble.push('scoreSourceFailed');
  const summary = await ourOwn.closeRun({ runId, kind, trouble, source });
  const { contexts, submitted, unchanged, rejected, waiting, notSettled } = summary;
  showState(summary.state, { key: REJECTED_KEY, value: rejected });
  showDetails([
    `**${summary.state}**${summary.trouble.length > 0 ? ` (${summary.trouble.join(', ')})` : ''}`,
    '',
    '| courses | submitted | unchanged | rejected | waiting | did not settle |',
    '| --- | --- | --- | --- | --- | --- |',
    `| ${contexts} | ${submitted} | ${unchanged} | ${rejected} | ${waiting} | ${notSettled} |`,
  ]);
  return summary;
}
