import { randomUUID } from 'node:crypto';
import { createErasedPeople, type ErasedPeople } from '../db/privacy/erased-people.js';
import { createLaunches } from '../db/courses/launches.js';
import { takeScores } from '../db/scores/take-scores.js';
import { createVault } from '../db/vault/vault.js';
import { DEFAULT_LIMITS } from '../domain/platform.js';
import type { ScoreOrigin } from '../domain/score-origin.js';
import { PRIORITY } from '../domain/score.js';
import type { BenchStack } from './stack.js';
import type { BenchCourse } from './workload.js';

const origin: ScoreOrigin = { source: 'apiKey', id: randomUUID(), requestId: null };

/** Our uuids of a course that has scores due. */
export interface SeededCourse {
  context: string;
  deployment: string;
  gate: string;
}

export const BENCH_PLATFORM = { platformId: 'bench-platform', deploymentId: '1', family: 'unknown' } as const;

/** Stores launches and scores of all courses as the API would, on one platform that allows so many calls at once. */
export async function seedScores(
  stack: Pick<BenchStack, 'db' | 'keyRing'>,
  courses: readonly BenchCourse[],
  { inFlight }: { inFlight: number },
): Promise<SeededCourse[]> {
  const { db } = stack;
  const seeded = await recordLaunches(stack, courses, { inFlight });
  const erased = createErasedPeople(createVault(stack.keyRing));
  for (const course of courses) await acceptCourse(db, erased, course);
  // Fresh statistics, which autovacuum would bring at some moment of the measured time.
  await db.raw('analyze scores, line_items, contexts, service_keys');
  return seeded;
}

/** The launches alone, for those who hand scores in by another way. */
export async function recordLaunches(
  { db, keyRing }: Pick<BenchStack, 'db' | 'keyRing'>,
  courses: readonly BenchCourse[],
  { inFlight }: { inFlight: number } = { inFlight: 64 },
): Promise<SeededCourse[]> {
  const limits = { ...DEFAULT_LIMITS, unknown: { inFlightMax: inFlight, ratePerSecond: null } };
  const launches = createLaunches(db, { vault: createVault(keyRing), limits });
  const seeded: SeededCourse[] = [];
  for (const course of courses) {
    const { context, deployment, gate } = await launches.record({
      ...{ ...BENCH_PLATFORM, contextId: course.contextId, launchedAt: new Date() },
      serviceKey: { secret: course.serviceKey, assignmentAndGrades: true, namesAndRoles: false },
    });
    seeded.push({ context, deployment, gate });
  }
  return seeded;
}

async function acceptCourse(
  db: BenchStack['db'],
  erased: ErasedPeople,
  { contextId, scores }: BenchCourse,
): Promise<void> {
  const { platformId, deploymentId } = BENCH_PLATFORM;
  const changedAt = new Date();
  const taken = await takeScores(
    db,
    scores.map(({ lineItemId, userId, value }) => ({
      ...{ target: { platformId, deploymentId, contextId, lineItem: { id: lineItemId } }, userId, value, changedAt },
      ...{ priority: PRIORITY.interactive, awaitsNightly: false, force: false },
    })),
    { platforms: null, origin, erased },
  );
  if (taken.some((score) => 'problem' in score)) {
    throw new Error(`A course that was launched is not known: ${contextId}`);
  }
}
