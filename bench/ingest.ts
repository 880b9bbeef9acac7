import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { startApi, type BenchApi } from './api-process.js';
import { startCpuMeter } from './cpu-meter.js';
import { joinRounds, type Outcome } from './figures.js';
import { readLoad } from './flags.js';
import { BENCH_PLATFORM, recordLaunches } from './seed-scores.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { createWorkload, type BenchCourse } from './workload.js';

export const INGEST_USAGE = 'ingest [--scores 100000] [--courses 50] [--runs 1]';

/** What a row is made of; the rest has defaults, with COPY as with us. */
const COLUMNS = 'context, line_item, user_id, value, changed_at, priority, awaits_nightly, forced';
const CHUNK_BYTES = 64_000;

/**
 * Hands in scores as one stream of NDJSON through the API, against COPY of the same rows into a table of the same shape,
 * with the same indexes. The server reads the rows from a file of its own: no client can be faster. There is no worker, so
 * that nothing is sent meanwhile; courses are woken. Right when every line was accepted.
 */
export async function ingest(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { runs, ...load } = readLoad(args, { scores: '100000', courses: '50', runs: '1' });
  const stack = await startBenchStack({ ltiaasUrl: 'http://127.0.0.1:9', hasWorker: false, say: print });
  let api: BenchApi | undefined;
  try {
    api = await startApi(stack);
    const rounds: Record<string, number>[] = [];
    let isRight = true;
    for (let run = 1; run <= runs; run += 1) {
      const courses = createWorkload({ ...load, name: `ingest-${run}` });
      const { accepted, figures } = await measure(stack, api, courses, print);
      isRight &&= accepted === load.scores;
      rounds.push(figures);
    }
    return { isRight, figures: joinRounds(rounds) };
  } finally {
    await api?.stop();
    await stack.stop();
  }
}

async function measure(
  stack: BenchStack,
  api: BenchApi,
  courses: readonly BenchCourse[],
  print: (text: string) => void,
): Promise<{ accepted: number; figures: Record<string, number> }> {
  const { db } = stack;
  // As empty as the table for COPY.
  await db.raw('truncate scores cascade');
  await recordLaunches(stack, courses);
  const readMeter = startCpuMeter({ postgres: stack.pids.postgres, temporal: stack.pids.temporal, api: api.pid });
  const startedAtMs = performance.now();
  const accepted = await handIn(api, courses);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { cpu = {}, otherCores } = readMeter();
  const copies = [await timeCopy(stack), await timeCopy(stack)];
  const copySeconds = copies.reduce((sum, one) => sum + one, 0) / copies.length;
  const parts = Object.entries(cpu).map(([name, spent]) => `${name} ${spent.toFixed(1)}`);
  print(
    `${accepted} accepted in ${seconds.toFixed(1)} s, COPY ${copies.map((one) => one.toFixed(1)).join(' and ')} s; CPU s: ` +
      `${parts.join(', ')}; others kept ${otherCores?.toFixed(1) ?? '?'} cores busy`,
  );
  return { accepted, figures: { 'ingest ÷ COPY': copySeconds / seconds, 'ingest, scores/s': accepted / seconds } };
}

/** Gives the number of accepted lines, from the last line of the answer. */
async function handIn(api: BenchApi, courses: readonly BenchCourse[]): Promise<number> {
  const answer = await request(`${api.url}/v1/scores`, {
    method: 'POST',
    headers: { ...api.headers, 'content-type': 'application/x-ndjson' },
    body: Readable.from(toChunks(courses)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let end = '';
  for await (const chunk of answer.body) end = `${end}${String(chunk)}`.slice(-100_000);
  const [, accepted] = /"accepted":(\d+)/.exec(end.slice(end.lastIndexOf('\n', end.length - 2))) ?? [];
  if (answer.statusCode !== 202 || accepted === undefined) throw new Error(`${answer.statusCode}: ${end.slice(-500)}`);
  return Number(accepted);
}

function* toChunks(courses: readonly BenchCourse[]): Generator<Buffer> {
  const { platformId, deploymentId } = BENCH_PLATFORM;
  let text = '';
  for (const { contextId, scores } of courses) {
    for (const { lineItemId, userId, value } of scores) {
      const { scoreGiven, scoreMaximum } = value;
      const score = {
        platformId,
        deploymentId,
        contextId,
        lineItem: { id: lineItemId },
        userId,
        scoreGiven,
        scoreMaximum,
      };
      text += `${JSON.stringify(score)}\n`;
      if (text.length < CHUNK_BYTES) continue;
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

/** Seconds for all rows of `scores`, into a new table. */
async function timeCopy({ db, folder }: BenchStack): Promise<number> {
  const rows = path.join(folder, 'rows');
  mkdirSync(rows, { recursive: true });
  // The server writes there under its own account.
  chmodSync(rows, 0o777);
  const file = path.join(rows, 'scores');
  await db.raw(`copy (select ${COLUMNS} from scores) to '${file}'`);
  await db.raw('drop table if exists copied_scores');
  await db.raw('create table copied_scores (like scores including all)');
  const startedAtMs = performance.now();
  await db.raw(`copy copied_scores (${COLUMNS}) from '${file}'`);
  return (performance.now() - startedAtMs) / 1_000;
}
