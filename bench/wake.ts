import { createWorkflowWaker } from '../waking/workflow-waker.js';
import type { SeededCourse } from './seed-scores.js';
import type { BenchStack } from './stack.js';

/** As in production. */
const LINGER_MS = 10_000;

/** Wakes whoever sends, once for each course, as the API does after it has taken scores. */
export async function wakeSenders({ client }: BenchStack, courses: readonly SeededCourse[]): Promise<void> {
  const waker = createWorkflowWaker(client.workflow, { lingerMs: LINGER_MS });
  await Promise.all(courses.map((course) => waker.wakeCourse({ ...course, trigger: 'api' })));
}
