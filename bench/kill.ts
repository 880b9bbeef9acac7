import { setTimeout as delay } from 'node:timers/promises';
import { checkArrivals } from './arrivals.js';
import { joinRounds, type Outcome } from './figures.js';
import { readLoad } from './flags.js';
import { untilRecorded } from './passback-run.js';
import { seedScores } from './seed-scores.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub, type Stub } from './stub-client.js';
import { wakeSenders } from './wake.js';
import { createWorkload } from './workload.js';

export const KILL_USAGE = 'kill [--scores 10000] [--courses 50] [--runs 1]';

const BEHAVIOUR = { delayMs: 20 };
const IN_FLIGHT = 64;
const LOOK_EVERY_MS = 5;

interface Load {
  scores: number;
  courses: number;
  name: string;
}

/** Kills the worker in the middle of its work and starts another at once. Right when every score has arrived. */
export async function kill(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { runs, ...load } = readLoad(args, { scores: '10000', courses: '50', runs: '1' });
  const stub = await startStub(BEHAVIOUR);
  let stack: BenchStack | undefined;
  try {
    stack = await startBenchStack({ ltiaasUrl: stub.url, say: print });
    const rounds: Record<string, number>[] = [];
    let isRight = true;
    for (let run = 1; run <= runs; run += 1) {
      const { missing, figures } = await measure(stack, stub, { ...load, name: `kill-${run}` }, print);
      isRight &&= missing === 0;
      rounds.push(figures);
    }
    return { isRight, figures: joinRounds(rounds) };
  } finally {
    await stack?.stop();
    await stub.stop();
  }
}

async function measure(
  stack: BenchStack,
  stub: Stub,
  load: Load,
  print: (text: string) => void,
): Promise<{ missing: number; figures: Record<string, number> }> {
  const courses = createWorkload(load);
  const seeded = await seedScores(stack, courses, { inFlight: IN_FLIGHT });
  await stub.reset(BEHAVIOUR);
  await wakeSenders(stack, seeded);
  while ((await stub.received()) < load.scores / 2) await delay(LOOK_EVERY_MS);
  const killedAtMs = performance.now();
  const before = await stub.received();
  await stack.replaceWorker();
  const startedMs = performance.now() - killedAtMs;
  await untilRecorded(stack, stub, { scores: load.scores, seeded });
  const tookMs = performance.now() - killedAtMs;
  const { missing, repeated, foreign } = checkArrivals(courses, (await stub.report()).arrivals);
  print(
    `killed after ${before} of ${load.scores} calls; the new worker took ${(startedMs / 1_000).toFixed(1)} s to start, and ` +
      `${((tookMs - startedMs) / 1_000).toFixed(1)} s later all were recorded; missing ${missing}, repeated ${repeated}`,
  );
  const figures = {
    'kill -9: calls repeated': repeated + foreign,
    'kill -9: s from restart until all recorded': (tookMs - startedMs) / 1_000,
    '… before which the new worker started for, s': startedMs / 1_000,
  };
  return { missing, figures };
}
