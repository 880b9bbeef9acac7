import { queryRows } from '../db/server/knex.js';
import { checkArrivals } from './arrivals.js';
import { runBareLoop } from './bare-run.js';
import { startCpuMeter } from './cpu-meter.js';
import type { FaultPlan } from './fault-plan.js';
import { runPassback } from './passback-run.js';
import { seedScores } from './seed-scores.js';
import type { BenchStack } from './stack.js';
import type { Stub } from './stub-client.js';
import { describeBare, describePassback, type Measured } from './submit-report.js';
import { actionsSince, addActions, NO_ACTIONS, untilQuiet, type ActionCounts } from './temporal-actions.js';
import { createWorkload } from './workload.js';

/** One measurement: Passback between two runs of the bare loop. */
export interface Round {
  scores: number;
  courses: number;
  inFlight: number;
  delayMs: number;
  /** Refusals by the stub, of the bare loop's calls too. */
  faults?: Omit<FaultPlan, 'seed'>;
  /** Waits until all workflows have ended and counts their actions. */
  countsActions?: boolean;
  /** Sets rounds apart. */
  name: string;
}

/** Actors stay for ten seconds after their last score; what is still open then would cost nothing more soon. */
const LINGERS_MS = 20_000;

export async function measureRound(
  stack: BenchStack,
  stub: Stub,
  round: Round,
  print: (text: string) => void,
): Promise<Measured> {
  const bareBefore = await measureBare(stub, round, 'before');
  print(describeBare(bareBefore));
  const passback = await measurePassback(stack, stub, round);
  print(describePassback(passback));
  const bareAfter = await measureBare(stub, round, 'after');
  print(describeBare(bareAfter));
  return { bare: [bareBefore, bareAfter], passback };
}

async function measureBare(stub: Stub, round: Round, place: string): Promise<Measured['bare'][number]> {
  const { scores, courses, inFlight, faults } = round;
  const name = `${place}-${round.name}`;
  await resetStub(stub, round, name);
  const { startedAtMs, cpu, otherCores } = await runBareLoop({
    ...{ url: stub.url, stubPid: stub.pid, scores, courses, inFlight, name, meetsFaults: faults !== undefined },
  });
  const { lastAtMs, received } = await stub.report();
  if (received !== scores) throw new Error(`The bare loop brought ${received} of ${scores} scores.`);
  return { scores, tookMs: lastAtMs - startedAtMs, cpu, otherCores };
}

export async function measurePassback(stack: BenchStack, stub: Stub, round: Round): Promise<Measured['passback']> {
  const { scores, inFlight } = round;
  const name = `passback-${round.name}`;
  const courses = createWorkload({ scores, courses: round.courses, name });
  const seeded = await seedScores(stack, courses, { inFlight });
  await resetStub(stub, round, name);
  const readMeter = startCpuMeter({ ...stack.pids, stub: stub.pid });
  const walBefore = await walPosition(stack);
  const { startedAtMs, recordedAtMs } = await runPassback(stack, stub, { courses, seeded });
  const { cpu, otherCores } = readMeter();
  const walBytes = (await walPosition(stack)) - walBefore;
  const { arrivals, firstAtMs, lastAtMs, mostInFlight, refused, tooSoon } = await stub.report();
  const actions = round.countsActions ? await countActionsOf(stack, startedAtMs) : undefined;
  return {
    scores,
    tookMs: lastAtMs - startedAtMs,
    firstAfterMs: firstAtMs - startedAtMs,
    recordedAfterMs: recordedAtMs - startedAtMs,
    ...{ mostInFlight, refused, tooSoon, check: checkArrivals(courses, arrivals) },
    ...{ cpu, otherCores, walBytes, actions },
  };
}

async function resetStub(stub: Stub, { delayMs, faults }: Round, seed: string): Promise<void> {
  await stub.reset({ delayMs, ...(faults && { faults: { ...faults, seed } }) });
}

/** All but the sweep's, which comes once a minute whatever there is to do. */
async function countActionsOf({ client }: BenchStack, sinceMs: number): Promise<ActionCounts> {
  await untilQuiet(client, LINGERS_MS);
  const byType = await actionsSince(client, sinceMs);
  byType.delete('sweep');
  return [...byType.values()].reduce(addActions, NO_ACTIONS);
}

async function walPosition({ db }: BenchStack): Promise<number> {
  const [row] = await queryRows<{ bytes: string }>(db, `select pg_current_wal_lsn() - '0/0' as bytes`);
  return Number(row?.bytes ?? Number.NaN);
}
