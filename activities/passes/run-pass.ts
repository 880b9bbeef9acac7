import type { AskedContext } from '../../db/runs/run-contexts.js';
import type { AnsweredPull } from '../../db/runs/score-pulls.js';
import type { PassKind, RunSummary, RunTrouble, SourceCounts } from '../../domain/run.js';
import type { ActivityDeps } from '../deps.js';

/** Contexts woken by one step at most. */
const PAGE_SIZE = 200;
/** Contexts looked at by one transaction, and for how long one step goes on with that, in milliseconds. */
const PLAN_PAGE_SIZE = 200;
const PLAN_MS = 10_000;
/** Contexts of one page of questions to the score source. */
const PULL_PAGE_SIZE = 100;

export interface BeginRunInput {
  runId: string;
  kind: PassKind;
  scheduleId: string;
  workflowId: string;
  limitMs: number;
}

export interface BeginRunResult {
  asksSource: boolean;
  /** A run of this kind is under way: nothing was opened. */
  other: string | null;
}

export interface ListPullableInput {
  after: string | null;
}

export interface ListPullableResult {
  askedAt: string;
  contexts: { context: string; since: string | null }[];
  /** Where the next page begins; null after the last one. */
  after: string | null;
}

export interface NotePulledInput {
  askedAt: string;
  answers: AnsweredPull[];
}

export interface AskNextInput {
  runId: string;
  kind: PassKind;
  /** What rests for longer than this is not waited for, in milliseconds. */
  patienceMs: number;
  /** A context where nothing moves for so long is left, in milliseconds. */
  stallMs: number;
}

export interface AskNextResult {
  /** Contexts picked by this step, and those of them, or of a step that was cut off, that were woken. */
  picked: number;
  woken: number;
  settled: number;
  /** Contexts where nothing moved for too long. */
  left: number;
  /** Contexts that were picked and are neither settled nor left. */
  open: number;
  /** Others are still in line, or not even that. */
  hasMore: boolean;
}

export interface CloseRunInput {
  runId: string;
  kind: PassKind;
  trouble: RunTrouble[];
  source: SourceCounts | null;
}

export interface CountRunContextInput {
  runId: string;
  context: string;
  /** Why it could not be served; null when it was. */
  failure: string | null;
}

export type RunPassDeps = Pick<
  ActivityDeps,
  'passes' | 'runContexts' | 'syncRuns' | 'scorePulls' | 'scoreSource' | 'wakeAll' | 'isWorkflowOpen' | 'resendsDrift'
>;

/** The steps of a pass over many contexts. Every one is safe to repeat: what it does is kept by run and context. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred record is the contract
export function createRunPass(deps: RunPassDeps) {
  const { passes, runContexts, scorePulls, scoreSource } = deps;
  return {
    beginRun: async (input: BeginRunInput): Promise<BeginRunResult> => {
      const live = await passes.findLive(input);
      // The clock and our API skip a pass that overlaps; a trigger in the Temporal UI need not.
      if (live && (await deps.isWorkflowOpen(live.workflowId))) return { asksSource: false, other: live.id };
      await passes.begin(input);
      return { asksSource: input.kind === 'nightly' && scoreSource !== null, other: null };
    },
    listPullable: async ({ after }: ListPullableInput): Promise<ListPullableResult> => {
      const { askedAt, contexts } = await scorePulls.list({ after, limit: PULL_PAGE_SIZE });
      const last = contexts.at(-1);
      return { askedAt, contexts, after: last && contexts.length === PULL_PAGE_SIZE ? last.context : null };
    },
    notePulled: (input: NotePulledInput): Promise<void> => scorePulls.note(input),
    askNext: (input: AskNextInput): Promise<AskNextResult> => askNext(deps, input),
    countRunContext: (input: CountRunContextInput): Promise<void> => runContexts.countOne(input),
    closeRun: async ({ runId, kind, trouble, source }: CloseRunInput): Promise<RunSummary> => {
      if (kind === 'nightly') await runContexts.countUnsettled(runId);
      return passes.close({ runId, trouble, source });
    },
    closeSyncs: async (): Promise<{ closed: number }> => ({ closed: await deps.syncRuns.closeDone() }),
  };
}

/** Settles what is done, picks what comes next, and wakes it: also what a step that was cut off had only picked. */
async function askNext(
  { runContexts, wakeAll, resendsDrift }: RunPassDeps,
  { runId, kind, patienceMs, stallMs }: AskNextInput,
): Promise<AskNextResult> {
  await runContexts.fixDue(runId);
  const isCounted = kind === 'nightly';
  const settled = isCounted ? await runContexts.countDue({ runId, patienceMs }) : 0;
  const left = await runContexts.leaveStuck({ runId, kind, stallMs });
  const untilMs = Date.now() + PLAN_MS;
  let isPlanned = false;
  while (!isPlanned && Date.now() < untilMs) {
    isPlanned = await runContexts.plan({ runId, kind, limit: PLAN_PAGE_SIZE, patienceMs });
  }
  // Nobody goes before all are in line, since those come first that were attempted longest ago.
  const picked = isPlanned ? await runContexts.pick({ runId, kind, limit: PAGE_SIZE }) : 0;
  const unwoken = await runContexts.listUnwoken(runId);
  const request = { run: runId, ...WORDS[kind], ...(kind === 'reconcile' && { resend: resendsDrift }) };
  const wake = (some: readonly AskedContext[]): Promise<void> =>
    wakeAll(some.map((context) => ({ ...context, ...request })));
  const woken = await wakeWhatCan(unwoken, isCounted ? 'gate' : 'context', wake);
  await runContexts.markWoken(
    runId,
    woken.map(({ context }) => context),
  );
  return { picked, woken: woken.length, settled, left, ...(await runContexts.countOpen(runId)) };
}

/** So many workflows in a row that cannot be woken mean that nobody can. */
const MOST_FAILURES_IN_ROW = 3;

/**
 * Wakes all of them, or else, one workflow after the other, those that can be; gives those. The others are tried again by the next step,
 * and left when it takes long. Rejects when none can be woken.
 */
async function wakeWhatCan(
  asked: readonly AskedContext[],
  by: 'gate' | 'context',
  wake: (some: readonly AskedContext[]) => Promise<void>,
): Promise<readonly AskedContext[]> {
  const woken: AskedContext[] = [];
  try {
    await wake(asked);
    return asked;
  } catch (error) {
    let failuresInRow = 0;
    for (const id of new Set(asked.map((one) => one[by]))) {
      const some = asked.filter((one) => one[by] === id);
      const isWoken = await wake(some).then(
        () => true,
        () => false,
      );
      if (isWoken) woken.push(...some);
      failuresInRow = isWoken ? 0 : failuresInRow + 1;
      if (failuresInRow >= MOST_FAILURES_IN_ROW) break;
    }
    if (woken.length === 0) throw error;
  }
  return woken;
}

/** What the actor of a course is asked for. */
const WORDS = {
  nightly: { trigger: 'nightly' },
  rosters: { trigger: 'nightly', roster: true, scores: false },
  reconcile: { trigger: 'nightly', reconcile: true, scores: false },
} as const;
