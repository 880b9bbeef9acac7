import { setTimeout as delay } from 'node:timers/promises';
import { queryRows } from '../db/server/knex.js';
import type { SeededCourse } from './seed-scores.js';
import type { BenchStack } from './stack.js';
import type { Stub } from './stub-client.js';
import { wakeSenders } from './wake.js';
import type { BenchCourse } from './workload.js';

const PATIENCE_MS = 180_000;
const LOOK_EVERY_MS = 100;

/** When things happened in one run of Passback, in milliseconds since 1970. */
export interface PassbackRun {
  /** Before the first start of a workflow. */
  startedAtMs: number;
  /** When the statement began that recorded the last outcome. */
  recordedAtMs: number;
}

/** Wakes all courses at once and waits until every score is recorded as submitted. @throws Error when it takes minutes */
export async function runPassback(
  stack: BenchStack,
  stub: Stub,
  { courses, seeded }: { courses: readonly BenchCourse[]; seeded: readonly SeededCourse[] },
): Promise<PassbackRun> {
  const scores = courses.reduce((sum, course) => sum + course.scores.length, 0);
  const startedAtMs = Date.now();
  await wakeSenders(stack, seeded);
  await untilRecorded(stack, stub, { scores, seeded });
  return { startedAtMs, recordedAtMs: await lastSubmitted(stack, contextsOf(seeded)) };
}

/** Waits until every score has arrived and is recorded. @throws Error when it takes minutes */
export async function untilRecorded(
  stack: BenchStack,
  stub: Stub,
  { scores, seeded }: { scores: number; seeded: readonly SeededCourse[] },
): Promise<void> {
  const startedAtMs = Date.now();
  const contexts = contextsOf(seeded);
  const isDone = async (): Promise<boolean> =>
    (await stub.received()) >= scores && (await countUnfinished(stack, contexts)) === 0;
  while (!(await isDone())) {
    if (Date.now() - startedAtMs > PATIENCE_MS) throw new Error(await complaint(stack, stub, contexts, scores));
    await delay(LOOK_EVERY_MS);
  }
}

function contextsOf(seeded: readonly SeededCourse[]): string[] {
  return seeded.map(({ context }) => context);
}

async function countUnfinished({ db }: BenchStack, contexts: readonly string[]): Promise<number> {
  const [row] = await queryRows<{ unfinished: number }>(
    db,
    `select count(*)::int as unfinished from scores
     where context = any (?::uuid[]) and state in ('due', 'sending', 'unknown')`,
    [[...contexts]],
  );
  return row?.unfinished ?? 0;
}

/** When the statement began that recorded the last outcome, in milliseconds since 1970. */
export async function lastSubmitted({ db }: BenchStack, contexts: readonly string[]): Promise<number> {
  const [row] = await queryRows<{ at: Date | null }>(
    db,
    `select max(submitted_at) as at from scores where context = any (?::uuid[]) and state = 'submitted'`,
    [[...contexts]],
  );
  if (!row?.at) throw new Error('Nothing was submitted.');
  return row.at.getTime();
}

async function complaint(stack: BenchStack, stub: Stub, contexts: readonly string[], scores: number): Promise<string> {
  const [received, unfinished] = [await stub.received(), await countUnfinished(stack, contexts)];
  return `After ${PATIENCE_MS / 1000} s ${received} of ${scores} calls had come and ${unfinished} scores were unfinished.`;
}
