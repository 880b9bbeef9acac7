import { mkdirSync } from 'node:fs';
import { checkArrivals } from './arrivals.js';
import { runBareLoop } from './bare-run.js';
import { startCpuMeter } from './cpu-meter.js';
import { runPassback } from './passback-run.js';
import { seedScores } from './seed-scores.js';
import { startBenchStack, type BenchStack } from './stack.js';
import { startStub, type Stub } from './stub-client.js';
import { parseSubmitOptions, type SubmitOptions } from './submit-options.js';
import { describeBare, describeConclusion, describePassback, type Measured } from './submit-report.js';
import { createWorkload } from './workload.js';

/**
 * Measures how fast Passback submits scores, between two runs of a bare loop that sends the same requests to the same
 * stub. @returns whether every score arrived exactly once, whatever the speed
 */
export async function submit(args: readonly string[], print: (text: string) => void): Promise<boolean> {
  const options = parseSubmitOptions(args);
  const { scores, courses, inFlight, delayMs, runs } = options;
  print(`${scores} scores, ${courses} courses, ${inFlight} calls in flight, ${delayMs} ms an answer`);
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const stub = await startStub(options);
  let stack: BenchStack | undefined;
  try {
    stack = await startBenchStack({ ltiaasUrl: stub.url, profile: options.profile, say: print });
    const measured: Measured[] = [];
    for (let run = 1; run <= runs; run += 1) measured.push(await measureRun(stack, stub, { options, run, print }));
    print(describeConclusion(measured));
    return measured.every(({ passback: { check } }) => check.once === scores && check.foreign + check.repeated === 0);
  } finally {
    await stack?.stop();
    await stub.stop();
  }
}

interface RunInput {
  options: SubmitOptions;
  run: number;
  print: (text: string) => void;
}

async function measureRun(stack: BenchStack, stub: Stub, input: RunInput): Promise<Measured> {
  const bareBefore = await measureBare(stub, input, 'before');
  const passback = await measurePassback(stack, stub, input);
  const bareAfter = await measureBare(stub, input, 'after');
  return { bare: [bareBefore, bareAfter], passback };
}

async function measureBare(
  stub: Stub,
  { options: { scores, courses, inFlight }, run, print }: RunInput,
  place: string,
): Promise<Measured['bare'][number]> {
  await stub.reset();
  const { startedAtMs, cpu, otherCores } = await runBareLoop({
    ...{ url: stub.url, stubPid: stub.pid, scores, courses, inFlight, name: `bare-${place}-${run}` },
  });
  const { lastAtMs, received } = await stub.report();
  if (received !== scores) throw new Error(`The bare loop made ${received} calls for ${scores} scores.`);
  const bare = { scores, tookMs: lastAtMs - startedAtMs, cpu, otherCores };
  print(describeBare(bare));
  return bare;
}

async function measurePassback(
  stack: BenchStack,
  stub: Stub,
  { options: { scores, courses: count, inFlight }, run, print }: RunInput,
): Promise<Measured['passback']> {
  const courses = createWorkload({ scores, courses: count, name: `passback-${run}` });
  const seeded = await seedScores(stack, courses, { inFlight });
  await stub.reset();
  const readMeter = startCpuMeter({ ...stack.pids, stub: stub.pid });
  const { startedAtMs, recordedAtMs } = await runPassback(stack, stub, { courses, seeded });
  const { cpu, otherCores } = readMeter();
  const { arrivals, firstAtMs, lastAtMs, mostInFlight } = await stub.report();
  const passback = {
    scores,
    tookMs: lastAtMs - startedAtMs,
    firstAfterMs: firstAtMs - startedAtMs,
    recordedAfterMs: recordedAtMs - startedAtMs,
    mostInFlight,
    check: checkArrivals(courses, arrivals),
    cpu,
    otherCores,
  };
  print(describePassback(passback));
  return passback;
}
