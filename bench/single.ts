import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { startNodeProcess, type NodeProcess } from '../dev/processes.js';
import { startApi, type BenchApi } from './api-process.js';
import { checkArrivals } from './arrivals.js';
import { EMPTY_QUEUE } from './empty-queue.js';
import { joinRounds, type Outcome } from './figures.js';
import { wholeNumber } from './flags.js';
import { quantilesOf } from './paced-load.js';
import { BENCH_PLATFORM, recordLaunches } from './seed-scores.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub, type Stub } from './stub-client.js';
import { createWorkload, type BenchCourse } from './workload.js';

export const SINGLE_USAGE = 'single [--scores 20] [--runs 3]';

const BEHAVIOUR = { delayMs: 20 };
/** Senders stay for so long here, instead of ten seconds, so that both cases can be had within two minutes. */
const LINGER_MS = 1_000;
/** While the sender of the last score is still there, and after it has gone. */
const PAUSES_MS = { lingering: 300, ended: LINGER_MS + 700 };
const LOOK_EVERY_MS = 4;
const PATIENCE_MS = 30_000;

/**
 * How long a single score takes from its call of the API until the gradebook has it, one at a time: half of them while the
 * sender lingers, half after it has ended. Against an empty workflow with one activity on the same server, which is
 * measured in turn with them. Right when each arrived exactly once.
 */
export async function single(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const options = { scores: { type: 'string', default: '20' }, runs: { type: 'string', default: '3' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const scores = wholeNumber('--scores', values.scores, 10);
  const runs = wholeNumber('--runs', values.runs, 1);
  const stub = await startStub(BEHAVIOUR);
  const closers: (() => Promise<void>)[] = [() => stub.stop()];
  try {
    const linger = { LINGER: `${LINGER_MS / 1_000} s` };
    const stack = await startBenchStack({ ltiaasUrl: stub.url, workerEnv: linger, say: print });
    closers.push(() => stack.stop());
    const api = await startApi(stack, linger);
    const emptyWorker = await startEmptyWorker(stack);
    closers.push(
      () => api.stop(),
      () => emptyWorker.stop(),
    );
    const parts = { stack, stub, api };
    await measure(parts, 'warm-up', 2);
    const rounds: Awaited<ReturnType<typeof measure>>[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const round = await measure(parts, `single-${run}`, scores);
      print(round.words);
      rounds.push(round);
    }
    return {
      isRight: rounds.every(({ isRight }) => isRight),
      figures: joinRounds(rounds.map(({ figures }) => figures)),
    };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

interface Parts {
  stack: BenchStack;
  stub: Stub;
  api: BenchApi;
}

async function measure(
  parts: Parts,
  name: string,
  count: number,
): Promise<{ isRight: boolean; words: string; figures: Record<string, number> }> {
  // One course: the next score meets what the last one left.
  const [course] = createWorkload({ scores: count, courses: 1, name });
  if (!course) throw new Error('no course');
  await recordLaunches(parts.stack, [course]);
  await parts.stub.reset(BEHAVIOUR);
  const empty: number[] = [];
  const times = { lingering: new Array<number>(), ended: new Array<number>() };
  for (const [place, score] of course.scores.entries()) {
    // A few each in turn.
    const sender = place % 10 < 5 ? 'lingering' : 'ended';
    await delay(PAUSES_MS[sender]);
    times[sender].push(await sendOne(parts, course, score, place));
    if (sender === 'ended') empty.push(await runEmpty(parts.stack, `${name}-${place}`));
  }
  const all = quantilesOf([...times.lingering, ...times.ended]);
  const [lingering, ended, base] = [times.lingering, times.ended, empty].map((each) => quantilesOf(each).median);
  const { arrivals } = await parts.stub.report();
  return {
    isRight: checkArrivals([course], arrivals).once === count,
    words: `p50 ${all.median.toFixed(1)} ms, p95 ${all.p95.toFixed(1)} ms; empty workflow p50 ${base?.toFixed(1) ?? '?'} ms`,
    figures: {
      'single score, p50 ÷ empty workflow': all.median / (base ?? Number.NaN),
      '… while the sender lingers': (lingering ?? Number.NaN) / (base ?? Number.NaN),
      '… after it has ended': (ended ?? Number.NaN) / (base ?? Number.NaN),
      'single score, p50 ms': all.median,
      'single score, p95 ms': all.p95,
      'empty workflow, p50 ms': base ?? Number.NaN,
    },
  };
}

/** Milliseconds from the call until the stub has the score. */
async function sendOne(
  { api, stub }: Parts,
  { contextId }: BenchCourse,
  { lineItemId, userId, value }: BenchCourse['scores'][number],
  place: number,
): Promise<number> {
  const { platformId, deploymentId } = BENCH_PLATFORM;
  const { scoreGiven, scoreMaximum } = value;
  const body = { platformId, deploymentId, contextId, lineItem: { id: lineItemId }, userId, scoreGiven, scoreMaximum };
  const startedAtMs = performance.timeOrigin + performance.now();
  const answer = await request(`${api.url}/v1/scores`, {
    method: 'POST',
    headers: { ...api.headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.statusCode !== 202) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
  await answer.body.dump();
  while ((await stub.received()) <= place) {
    if (performance.timeOrigin + performance.now() - startedAtMs > PATIENCE_MS)
      throw new Error('A score did not arrive.');
    await delay(LOOK_EVERY_MS);
  }
  return (await stub.report()).lastAtMs - startedAtMs;
}

async function runEmpty({ client }: BenchStack, name: string): Promise<number> {
  const startedAtMs = performance.now();
  await client.workflow.execute('emptyWorkflow', { taskQueue: EMPTY_QUEUE, workflowId: `empty-${name}` });
  return performance.now() - startedAtMs;
}

function startEmptyWorker(stack: BenchStack): Promise<NodeProcess> {
  return startNodeProcess({
    name: 'empty worker',
    entry: path.join(import.meta.dirname, `empty-worker${path.extname(import.meta.filename)}`),
    env: { ...process.env, ...stack.env },
    readyPattern: /the empty worker runs/,
  });
}
