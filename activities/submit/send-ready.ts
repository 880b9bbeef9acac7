import type { ClaimedScore } from '../../db/scores/claims.js';
import type { ActivityDeps } from '../deps.js';
import { noteEffects } from '../guards/apply-consequence.js';
import { isFlowing, isSetAsideSince, makeCall, type Batch, type BatchCourse } from './batch.js';
import { createCellReader, type CellReader } from './cell-reader.js';
import { meetCourses } from './course-book.js';
import { createRecorder, type Recorder, type RecorderDeps } from './recorder.js';
import { keptBack, notBegun, sendOne, type SendOneDeps } from './send-one.js';
import { settleUnknown, type SettleDeps } from './settle-unknown.js';

/** Scores that are claimed by one statement. */
const MIN_CHUNK = 16;
const MAX_CHUNK = 200;
/** A claim that found less than it looked for is not repeated sooner than this, or each arrival would cost one. */
const SHORT_CLAIM_MS = 50;
/** What is said to be ready and yet cannot be claimed so often is somebody else's, for now. */
const MOST_LOOKS = 5;
/** What gets ready this soon is waited for here; for longer the workflow sleeps, where people see it. */
const SHORT_WAIT_MS = 1_500;
/** A course whose scores keep wanting columns is asked again after this. */
const SEEK_EVERY_MS = 5_000;
/** Outcomes that became unclear on the way are looked at as often as this. */
const SETTLE_EVERY_MS = 1_000;

export type SendDeps = RecorderDeps & SendOneDeps & SettleDeps & Pick<ActivityDeps, 'queue' | 'isDraining' | 'wakeAll'>;

interface Waiting {
  score: ClaimedScore;
  /** Before the claim was asked for, on the clock of `performance.now()`. */
  claimedAtMs: number;
}

interface Run {
  readonly deps: SendDeps;
  readonly batch: Batch;
  readonly recorder: Recorder;
  readonly cells: CellReader;
  /** Claimed and not sent. */
  waiting: Waiting[];
  /** Everything that was begun and has not ended. */
  readonly underWay: Set<Promise<void>>;
  claiming: boolean;
  settling: boolean;
  /** On the clock of `performance.now()`. */
  claimAgainAtMs: number;
  settleAgainAtMs: number;
  /** Nothing was left at the last claim, with nothing under way. */
  isDry: boolean;
  /** Looks in a row that found something ready and claimed nothing. */
  looks: number;
  /** When the actors of courses were asked for columns. */
  readonly askedAtMs: Map<string, number>;
  /** Courses in turn: the last one of the last claim. */
  after: string | null;
  /** Failures of our own, the first of which the batch ends with. */
  readonly failures: unknown[];
}

/**
 * Sends what is ready behind the gate until nothing is left or the batch must stop: as many calls at once as the flow
 * lets, the next chunk claimed meanwhile, outcomes recorded in chunks. It owns all that it begins: when it returns, every
 * call is over and recorded, and what was claimed and not sent is due again.
 * @param untilMs on the clock of `performance.now()`: nothing is claimed after it.
 */
export async function sendReady(deps: SendDeps, batch: Batch, untilMs: number): Promise<void> {
  const run: Run = {
    ...{ deps, batch, recorder: createRecorder(deps, batch), waiting: [], underWay: new Set() },
    askedAtMs: new Map(),
    cells: createCellReader(deps.ltiaas, batch, () => deps.clock.monotonicMs()),
    ...{
      claiming: false,
      settling: false,
      claimAgainAtMs: 0,
      settleAgainAtMs: 0,
      isDry: false,
      looks: 0,
      after: null,
      failures: [],
    },
  };
  const bell = setInterval(() => batch.alarm.ring(), SHORT_CLAIM_MS);
  const onAbort = (): void => batch.alarm.ring();
  batch.signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      const rung = batch.alarm.next();
      if (deps.clock.monotonicMs() > untilMs) batch.stop ??= 'budget';
      if (deps.isDraining()) batch.stop ??= 'draining';
      if (batch.stop === null && !batch.signal.aborted && batch.flow.denial === null) step(run);
      else if (run.underWay.size === 0) return;
      if (run.isDry && run.underWay.size === 0 && run.waiting.length === 0 && !(await waitsShortly(run))) return;
      await rung;
    }
  } finally {
    clearInterval(bell);
    batch.signal.removeEventListener('abort', onAbort);
    askForColumns(run, Infinity);
    await Promise.all(run.underWay);
    for (const { score } of run.waiting) run.recorder.add(score, notBegun(score));
    await Promise.all(batch.notes);
    await run.recorder.finish();
  }
  if (run.failures.length > 0) throw run.failures[0];
}

/** Begins whatever may begin now. */
function step(run: Run): void {
  const { deps, batch, recorder, waiting } = run;
  const now = deps.clock.monotonicMs();
  if (batch.wantColumns.size > 0) askForColumns(run, now - SEEK_EVERY_MS);
  if (!run.settling && now >= run.settleAgainAtMs) begin(run, () => settle(run));
  const wants = waiting.length < Math.max(batch.flow.target, MIN_CHUNK) * 1.5;
  if (wants && !run.claiming && now >= run.claimAgainAtMs && !run.isDry) begin(run, () => claim(run));
  while (waiting.length > 0 && !recorder.isFull()) {
    const [next] = waiting;
    const course = next && batch.courses.get(next.score.context);
    if (!next || !course) throw new Error('A score was claimed whose course nobody has met.');
    const unsent = outcomeWithoutCall(course, next);
    if (unsent) recorder.add(next.score, unsent);
    else if (isFlowing(batch)) begin(run, () => send(run, course, next));
    else return;
    waiting.shift();
  }
}

function outcomeWithoutCall(course: BatchCourse, { score, claimedAtMs }: Waiting): ReturnType<typeof notBegun> | null {
  const isLate = isSetAsideSince(course, score.lineItem, claimedAtMs);
  return isLate || course.keys.length === 0 ? notBegun(score) : keptBack(score);
}

function begin(run: Run, work: () => Promise<void>): void {
  const begun = work()
    .catch((error: unknown) => {
      run.batch.stop ??= 'database';
      run.failures.push(error);
    })
    .finally(() => {
      run.underWay.delete(begun);
      run.batch.alarm.ring();
    });
  run.underWay.add(begun);
}

async function claim(run: Run): Promise<void> {
  const { deps, batch } = run;
  run.claiming = true;
  try {
    const { gate, token } = batch.lane;
    const limit = Math.min(Math.max(batch.flow.target * 3, MIN_CHUNK), MAX_CHUNK);
    // Calls that end meanwhile may make something ready again, so only a claim with nothing else under way proves it dry.
    const wasQuiet = run.underWay.size <= 1 && run.waiting.length === 0;
    const claimedAtMs = deps.clock.monotonicMs();
    const claimed = await batch.lane.underLane(
      () => deps.claims.claim({ gate, token, limit, after: run.after }),
      (answer) => answer !== null,
    );
    if (claimed === null) {
      batch.stop = 'laneLost';
      return;
    }
    for (const context of claimed.wantColumns) batch.wantColumns.add(context);
    const { scores } = claimed;
    // Pushed before anything that may fail: what is claimed is given back, whatever happens next.
    for (const { context } of scores) run.after = context;
    try {
      await meetCourses(
        deps,
        batch,
        scores.map(({ context }) => context),
      );
    } catch (error) {
      for (const score of scores) run.recorder.add(score, notBegun(score));
      throw error;
    }
    run.waiting.push(...scores.map((score) => ({ score, claimedAtMs })));
    if (scores.length < limit) run.claimAgainAtMs = deps.clock.monotonicMs() + SHORT_CLAIM_MS;
    if (scores.length > 0) run.looks = 0;
    run.isDry = scores.length === 0 && claimed.wantColumns.length === 0 && wasQuiet;
  } finally {
    run.claiming = false;
  }
}

async function send(run: Run, course: BatchCourse, { score, claimedAtMs }: Waiting): Promise<void> {
  const { deps, batch, cells, recorder } = run;
  const outcome = await makeCall(
    batch,
    course.context,
    () => sendOne(deps, batch, { course, score, claimedAtMs, cells }),
    (effects) => noteEffects(deps, batch, effects),
  );
  recorder.add(score, outcome);
}

async function settle(run: Run): Promise<void> {
  run.settling = true;
  try {
    await settleUnknown(run.deps, run.batch);
  } finally {
    run.settling = false;
    run.settleAgainAtMs = run.deps.clock.monotonicMs() + SETTLE_EVERY_MS;
  }
}

/** Has columns looked for where nobody was asked since a moment; the others follow when it is their time, or at the end. */
function askForColumns(run: Run, sinceMs: number): void {
  const { deps, batch, askedAtMs } = run;
  const contexts = [...batch.wantColumns].filter((context) => (askedAtMs.get(context) ?? -Infinity) <= sinceMs);
  if (contexts.length === 0) return;
  for (const context of contexts) {
    batch.wantColumns.delete(context);
    askedAtMs.set(context, deps.clock.monotonicMs());
  }
  begin(run, () => wakeSeekers(deps, contexts));
}

/** Has the columns of courses looked for. Temporal may be away: the sweep asks for them too. */
async function wakeSeekers({ queue, wakeAll }: SendDeps, contexts: readonly string[]): Promise<void> {
  const courses = await queue.findCourses(contexts);
  const requests = courses.map((course) => ({ ...course, trigger: 'sweep', scores: false, lineItems: true }) as const);
  await wakeAll(requests).catch(() => undefined);
}

/** True when more gets ready so soon that it is waited for here. */
async function waitsShortly(run: Run): Promise<boolean> {
  await run.recorder.finish();
  const { isReady, nextInMs, blockedForMs } = await run.deps.queue.lookAhead(run.batch.gate);
  if (blockedForMs !== null) return false;
  if (!isReady && (nextInMs === null || nextInMs > SHORT_WAIT_MS)) return false;
  run.looks += 1;
  if (run.looks > MOST_LOOKS) return false;
  const inMs = isReady ? 0 : (nextInMs ?? 0);
  run.isDry = false;
  run.claimAgainAtMs = run.deps.clock.monotonicMs() + Math.max(inMs, SHORT_CLAIM_MS);
  run.settleAgainAtMs = Math.min(run.settleAgainAtMs, run.claimAgainAtMs);
  return true;
}
