import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { startNodeProcess, type NodeProcess } from '../dev/processes.js';
import { startApi, type BenchApi } from './api-process.js';
import { checkArrivals } from './arrivals.js';
import { EMPTY_QUEUE } from './empty-queue.js';
import type { Outcome } from './figures.js';
import { wholeNumber } from './flags.js';
import { quantilesOf } from './paced-load.js';
import { BENCH_PLATFORM, recordLaunches } from './seed-scores.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub, type Stub } from './stub-client.js';
import { createWorkload, type BenchCourse } from './workload.js';

export const SINGLE_USAGE = 'single [--scores 60]';

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
  const { values } = parseArgs({ args: [...args], options: { scores: { type: 'string', default: '60' } } });
  const scores = wholeNumber('--scores', values.scores, 2);
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
    // One course: the next score meets what the last one left.
    const courses = createWorkload({ scores: scores + 2, courses: 1, name: 'single' });
    await recordLaunches(stack, courses);
    return await measure({ stack, stub, api }, courses, print);
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

interface Parts {
  stack: BenchStack;
  stub: Stub;
  api: BenchApi;
}

async function measure(parts: Parts, courses: BenchCourse[], print: (text: string) => void): Promise<Outcome> {
  const [course] = courses;
  if (!course) throw new Error('no course');
  const empty: number[] = [];
  const times = { lingering: new Array<number>(), ended: new Array<number>() };
  for (const [place, score] of course.scores.entries()) {
    // In turn, a few each, and each for a while: a pause between two kinds is a pause of the wrong length.
    const sender = place % 10 < 5 ? 'lingering' : 'ended';
    await delay(PAUSES_MS[sender]);
    const tookMs = await sendOne(parts, course, score, place);
    // The first two warm all up.
    if (place < 2) continue;
    times[sender].push(tookMs);
    if (sender === 'ended') empty.push(await runEmpty(parts.stack, place));
  }
  const { arrivals } = await parts.stub.report();
  const [base, ...kinds] = [empty, [...times.lingering, ...times.ended], times.lingering, times.ended].map(quantilesOf);
  const [all, lingering, ended] = kinds;
  if (!base || !all || !lingering || !ended) throw new Error('no figures');
  for (const [name, { median, p95 }] of Object.entries({ base, lingering, ended })) {
    print(`${name.padEnd(10)} p50 ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
  }
  const figures = {
    'single score, p50 ÷ empty workflow': all.median / base.median,
    '… while the sender lingers': lingering.median / base.median,
    '… after it has ended': ended.median / base.median,
    'single score, p50 ms': all.median,
    'single score, p95 ms': all.p95,
    'empty workflow, p50 ms': base.median,
  };
  return {
    isRight: checkArrivals(courses, arrivals).once === course.scores.length,
    figures: Object.entries(figures).map(([name, value]) => ({ name, values: [value] })),
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

async function runEmpty({ client }: BenchStack, place: number): Promise<number> {
  const startedAtMs = performance.now();
  await client.workflow.execute('emptyWorkflow', { taskQueue: EMPTY_QUEUE, workflowId: `empty-${place}` });
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
