import { ActivityFailure, ApplicationFailure, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { NotePulledInput } from '../activities/passes/run-pass.js';
import type { PullProgressResult } from '../activities/read/pull-progress.js';
import type { SourceCounts } from '../domain/run.js';
import { askingTheSource, ourOwn } from './activity-options.js';
import { showDetails } from './details.js';
import { timeLeftMs, type Pass } from './pass.js';

/** Contexts that are asked about at once. */
const CONCURRENCY = 10;
/** After so many failures in a row it is down, and the night must not be spent on it. */
const MOST_FAILURES_IN_ROW = 50;
/** The part of the night's limit that the score source gets. */
const SHARE = 0.5;

/**
 * Asks the score source about all contexts, page by page. A context for which it fails costs nothing but itself.
 * @returns false when it wants to go on in a fresh history.
 */
export async function pullAll(pass: Pass): Promise<boolean> {
  const { state } = pass;
  while (state.pulling) {
    const page = await ourOwn.listPullable({ after: state.pulling.after });
    const answers = await pullPage(pass, page.contexts);
    if (answers.length > 0) await ourOwn.notePulled({ askedAt: page.askedAt, answers });
    showDetails([`**asking the score source**: ${state.source?.asked ?? 0} courses so far.`]);
    // The page itself has counted on in `state.pulling`.
    const isDown = state.pulling.failedInRow >= MOST_FAILURES_IN_ROW;
    const isLate = page.after !== null && timeLeftMs(pass) < pass.input.limitMs * (1 - SHARE);
    if (state.source && (isDown || isLate)) state.source.gaveUp = true;
    const isOver = page.after === null || isDown || isLate;
    state.pulling = isOver ? null : { ...state.pulling, after: page.after };
    if (workflowInfo().continueAsNewSuggested) return false;
  }
  return true;
}

/** Gives the contexts that were answered in full. */
async function pullPage(
  { runId, state }: Pass,
  contexts: readonly { context: string; since: string | null }[],
): Promise<NotePulledInput['answers']> {
  const { source, pulling } = state;
  if (!source || !pulling) return [];
  const answered: NotePulledInput['answers'] = [];
  const queue = [...contexts];
  const puller = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (pulling.failedInRow >= MOST_FAILURES_IN_ROW) return;
      const result = await pullOne({ ...next, runId });
      add(source, result);
      pulling.failedInRow = result.failure === null ? 0 : pulling.failedInRow + 1;
      if (result.failure === null) answered.push({ context: next.context, toolClock: result.toolClock });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, puller));
  return answered;
}

async function pullOne(input: { context: string; runId: string; since: string | null }): Promise<PullProgressResult> {
  try {
    return await askingTheSource.pullProgress.executeWithOptions({ summary: 'ask the score source' }, [input]);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    const { cause } = error;
    const failure = cause instanceof ApplicationFailure && cause.type ? cause.type : 'ScoreSourceUnavailable';
    return { pages: 0, accepted: 0, unchanged: 0, superseded: 0, invalid: 0, failure, toolClock: null };
  }
}

function add(source: SourceCounts, { accepted, unchanged, superseded, invalid, failure }: PullProgressResult): void {
  source.asked += 1;
  source.accepted += accepted;
  source.unchanged += unchanged;
  source.superseded += superseded;
  source.invalid += invalid;
  if (failure !== null) source.failures[failure] = (source.failures[failure] ?? 0) + 1;
}
