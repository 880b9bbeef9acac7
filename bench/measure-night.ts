import { setTimeout as delay } from 'node:timers/promises';
import { queryRows } from '../db/server/knex.js';
import { NIGHTLY_SCHEDULE_ID } from '../workflows/names.js';
import { checkArrivals } from './arrivals.js';
import { startCpuMeter } from './cpu-meter.js';
import type { BenchStack } from './stack.js';
import type { Stub } from './stub-client.js';
import { actionsSince, addActions, NO_ACTIONS, sumActions, untilQuiet } from './temporal-actions.js';
import type { BenchCourse } from './workload.js';

export interface MeasuredNight {
  /** From the trigger until its row says that it ended. */
  seconds: number;
  calls: number;
  actions: number;
  /** Rows of evidence that it left, and the bytes of PostgreSQL's log. */
  attempts: number;
  walBytes: number;
  /** By process, for the whole night. */
  cpu: Record<string, number>;
  otherCores: number;
  isRight: boolean;
}

const PATIENCE_MS = 420_000;
const LOOK_EVERY_MS = 100;
const LINGERS_MS = 20_000;

/** Triggers the nightly schedule and waits until its run has ended. @throws Error when that takes more than minutes */
export async function measureNight(
  stack: BenchStack,
  stub: Stub,
  { courses, delayMs }: { courses: readonly BenchCourse[]; delayMs: number },
): Promise<MeasuredNight> {
  await stub.reset({ delayMs });
  const before = await standOf(stack);
  const readMeter = startCpuMeter({ ...stack.pids });
  const startedAtMs = Date.now();
  await stack.client.schedule.getHandle(NIGHTLY_SCHEDULE_ID).trigger();
  const seconds = await untilEnded(stack, startedAtMs);
  const { cpu = {}, otherCores = Number.NaN } = readMeter();
  const after = await standOf(stack);
  await untilQuiet(stack.client, LINGERS_MS);
  const byType = await actionsSince(stack.client, startedAtMs);
  // It comes once a minute, night or not.
  byType.delete('sweep');
  const { received, arrivals } = await stub.report();
  const scores = courses.reduce((sum, course) => sum + course.scores.length, 0);
  return {
    ...{ seconds, calls: received, cpu, otherCores },
    actions: sumActions([...byType.values()].reduce(addActions, NO_ACTIONS)),
    attempts: after.attempts - before.attempts,
    walBytes: after.walBytes - before.walBytes,
    isRight: checkArrivals(courses, arrivals).once === scores && received === scores,
  };
}

export function describeNight(name: string, night: MeasuredNight): string {
  const cpu = Object.entries(night.cpu).map(([process, seconds]) => `${process} ${seconds.toFixed(1)}`);
  return (
    `${name}: ${night.seconds.toFixed(1)} s, ${night.calls} calls, ${night.actions} Temporal actions, ${night.attempts} rows ` +
    `of evidence, ${(night.walBytes / 1e6).toFixed(1)} MB of WAL; CPU s: ${cpu.join(', ')}; others kept ` +
    `${night.otherCores.toFixed(1)} cores busy`
  );
}

async function untilEnded({ db }: BenchStack, startedAtMs: number): Promise<number> {
  const since = new Date(startedAtMs).toISOString();
  for (;;) {
    const [row] = await queryRows<{ endedAt: Date }>(
      db,
      `select ended_at as "endedAt" from runs where kind = 'nightly' and started_at >= ? and ended_at is not null`,
      [since],
    );
    if (row) return (row.endedAt.getTime() - startedAtMs) / 1_000;
    if (Date.now() - startedAtMs > PATIENCE_MS) throw new Error('The night did not end.');
    await delay(LOOK_EVERY_MS);
  }
}

async function standOf({ db }: BenchStack): Promise<{ attempts: number; walBytes: number }> {
  const [row] = await queryRows<{ attempts: string; walBytes: string }>(
    db,
    `select (select count(*) from attempts) as attempts, pg_current_wal_lsn() - '0/0' as "walBytes"`,
  );
  return { attempts: Number(row?.attempts), walBytes: Number(row?.walBytes) };
}
