import { createGateWakes } from '../db/platforms/gate-wakes.js';
import { createWorkflowWaker, wakeAll } from '../waking/workflow-waker.js';
import type { SeededCourse } from './seed-scores.js';
import type { BenchStack } from './stack.js';

/** As in production. */
const LINGER_MS = 10_000;

/** Wakes the sender of the courses, as the API does after it has taken their scores. */
export async function wakeSenders({ client, db }: BenchStack, courses: readonly SeededCourse[]): Promise<void> {
  const waker = createWorkflowWaker(client.workflow, { gateWakes: createGateWakes(db), lingerMs: LINGER_MS });
  await wakeAll(
    courses.map((course) => ({ ...course, trigger: 'api' })),
    waker,
  );
}
