import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { queryRows } from '../db/server/knex.js';
import { createWebhookSources } from '../db/webhooks/webhook-sources.js';
import { createVault } from '../db/vault/vault.js';
import { startNodeProcess, type NodeProcess } from '../dev/processes.js';
import { DEFAULT_SOURCE_LIMITS } from '../domain/webhook-source.js';
import { signWebhook } from '../tool/sign-webhook.js';
import { startApi, type BenchApi } from './api-process.js';
import { checkArrivals } from './arrivals.js';
import { startCpuMeter } from './cpu-meter.js';
import { joinRounds, type Outcome } from './figures.js';
import { describeLatencies, sendPaced, type Latencies, type PacedRequest } from './paced-load.js';
import { BENCH_PLATFORM, recordLaunches } from './seed-scores.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub, type Stub } from './stub-client.js';
import { parseWebhooksOptions, type WebhooksOptions } from './webhooks-options.js';
import { createWorkload, type BenchCourse } from './workload.js';

const SECRET = Buffer.alloc(32, 3);
const STUB_DELAY_MS = 20;
const CALLS_IN_FLIGHT = 32;
const WARM_UP_SECONDS = 4;
const PATIENCE_MS = 120_000;

/**
 * Measures how soon `POST /v1/webhooks` answers while events come at an even rate and are carried to the gradebooks at
 * the same time, between two runs of a bare route. Right when every score arrived exactly once.
 */
export async function webhooks(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const options = parseWebhooksOptions(args);
  print(`${options.events} events at ${options.rate} a second, for ${options.courses} courses`);
  const stub = await startStub({ delayMs: STUB_DELAY_MS });
  let stack: BenchStack | undefined;
  const programs: (NodeProcess | BenchApi)[] = [];
  try {
    stack = await startBenchStack({ ltiaasUrl: stub.url, say: print });
    const bare = await startBareRoute(stack.env);
    programs.push(bare);
    const api = await startApi(stack);
    programs.push(api);
    await createSource(stack);
    const urls = { bare: `http://127.0.0.1:${portOf(bare)}`, api: api.url };
    await warmUp(stack, urls.api, options);
    const rounds: Record<string, number>[] = [];
    let isRight = true;
    for (let run = 1; run <= options.runs; run += 1) {
      const measured = await measureRun(stack, stub, { options, run, urls, pids: { api: api.pid }, print });
      rounds.push(measured.figures);
      isRight &&= measured.isRight;
    }
    return { isRight, figures: joinRounds(rounds) };
  } finally {
    for (const program of programs) await program.stop();
    await stack?.stop();
    await stub.stop();
  }
}

interface RunInput {
  options: WebhooksOptions;
  run: number;
  urls: { bare: string; api: string };
  pids: { api: number };
  print: (text: string) => void;
}

async function measureRun(
  stack: BenchStack,
  stub: Stub,
  { options, run, urls, pids, print }: RunInput,
): Promise<{ figures: Record<string, number>; isRight: boolean }> {
  const { events, rate, courses: count } = options;
  const courses = createWorkload({ scores: events, courses: count, name: `webhooks-${run}` });
  await recordLaunches(stack, courses, { inFlight: CALLS_IN_FLIGHT });
  await stub.reset({ delayMs: STUB_DELAY_MS });
  const bareRequests = toRequests(courses, '/');
  const bareBefore = await measure('bare', () => sendPaced(urls.bare, bareRequests, rate), print);
  const readMeter = startCpuMeter({ ...stack.pids, ...pids, stub: stub.pid });
  const requests = toRequests(courses, '/v1/webhooks/bench');
  if (options.pauseWorker) process.kill(stack.pids.worker, 'SIGSTOP');
  const passback = await measure('passback', () => sendPaced(urls.api, requests, rate), print);
  if (options.pauseWorker) process.kill(stack.pids.worker, 'SIGCONT');
  const { cpu, otherCores } = readMeter();
  const tookMs = await untilSubmitted(stack, warmUpEvents(options) + run * events);
  const bareAfter = await measure('bare', () => sendPaced(urls.bare, bareRequests, rate), print);
  const check = checkArrivals(courses, (await stub.report()).arrivals);
  const parts = Object.entries(cpu ?? {}).map(
    ([name, seconds]) => `${name} ${((seconds * 1_000) / events).toFixed(2)}`,
  );
  print(
    `           arrived once ${check.once}, missing ${check.missing}, repeated ${check.repeated}; the last was recorded ` +
      `${(tookMs / 1_000).toFixed(1)} s after the last answer\n           CPU s per 1,000: ${parts.join(', ')}; others kept ` +
      `${otherCores?.toFixed(1) ?? '?'} cores busy`,
  );
  return {
    figures: {
      'webhooks, p99 ms': passback.p99,
      'webhooks, median ms': passback.median,
      'webhooks, p99 ÷ bare route': passback.p99 / ((bareBefore.p99 + bareAfter.p99) / 2),
    },
    isRight: passback.refused === 0 && check.once === events && check.repeated + check.foreign === 0,
  };
}

/** A program that has just been started is slower than the same a moment later. */
async function warmUp(stack: BenchStack, url: string, options: WebhooksOptions): Promise<void> {
  const courses = createWorkload({ scores: warmUpEvents(options), courses: 1, name: 'warm-up' });
  await recordLaunches(stack, courses, { inFlight: CALLS_IN_FLIGHT });
  await sendPaced(url, toRequests(courses, '/v1/webhooks/bench'), options.rate);
  await untilSubmitted(stack, warmUpEvents(options));
}

function warmUpEvents({ rate }: WebhooksOptions): number {
  return rate * WARM_UP_SECONDS;
}

async function measure(name: string, run: () => Promise<Latencies>, print: (text: string) => void): Promise<Latencies> {
  const latencies = await run();
  print(describeLatencies(name, latencies));
  return latencies;
}

/** Signed as Standard Webhooks, beforehand: the load must not compete with what it measures. */
function toRequests(courses: readonly BenchCourse[], where: string): PacedRequest[] {
  const at = new Date();
  // One of each course in turn, as events come.
  const rows = courses.flatMap(({ contextId, scores }) => scores.map((score, place) => ({ contextId, score, place })));
  return rows
    .toSorted((one, other) => one.place - other.place)
    .map(({ contextId, score: { lineItemId, userId, value } }, place) => {
      const graded = { course: contextId, column: lineItemId, student: userId, grade: value.scoreGiven };
      const body = JSON.stringify({
        type: 'graded',
        ...graded,
        at: new Date().toISOString(),
        feedback: 'x'.repeat(400),
      });
      const signed = signWebhook(SECRET, { id: `${contextId}-${place}`, at, body });
      return { path: where, headers: { 'content-type': 'application/json', ...signed }, body };
    });
}

async function createSource({ db, keyRing }: BenchStack): Promise<void> {
  await createWebhookSources(db, createVault(keyRing)).insert({
    ...{ name: 'bench', platforms: null, secret: `whsec_${SECRET.toString('base64')}`, limits: DEFAULT_SOURCE_LIMITS },
    verification: { scheme: 'standardWebhooks' },
    mapping: {
      ...{
        type: { pointer: '/type', in: ['graded'] },
        platform: { value: BENCH_PLATFORM.platformId },
        context: '/course',
      },
      ...{ student: '/student', column: { id: '/column' }, score: '/grade', maximum: { value: 10 }, time: '/at' },
    },
  });
}

/** How long it takes until all is recorded as submitted, in milliseconds. @throws Error after two minutes */
async function untilSubmitted({ db }: BenchStack, events: number): Promise<number> {
  const startedAt = performance.now();
  const isDone = async (): Promise<boolean> => {
    const [row] = await queryRows<{ waiting: number; submitted: number }>(
      db,
      `select (select count(*)::int from webhook_events where state = 'stored') as waiting,
         count(*)::int as submitted from scores where state = 'submitted'`,
    );
    return row !== undefined && row.waiting === 0 && row.submitted === events;
  };
  while (!(await isDone())) {
    if (performance.now() - startedAt > PATIENCE_MS)
      throw new Error('Not every event has become a score that was sent.');
    await delay(100);
  }
  return performance.now() - startedAt;
}

async function startBareRoute(env: NodeJS.ProcessEnv): Promise<NodeProcess> {
  return startNodeProcess({
    name: 'bare route',
    entry: path.join(import.meta.dirname, `bare-webhook${path.extname(import.meta.filename)}`),
    env: { ...process.env, ...env },
    readyPattern: /"ready":true/,
    stopTimeoutMs: 10_000,
  });
}

const readReady = Compile(Type.Object({ port: Type.Integer() }));

function portOf({ readyLine }: NodeProcess): number {
  return readReady.Parse(JSON.parse(readyLine ?? '{}')).port;
}
