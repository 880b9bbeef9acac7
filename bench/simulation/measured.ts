import type { LmsFamily } from '../../domain/platform.js';
import { ACTIONS_OF_COURSE, ACTIONS_OF_NIGHT, ACTIONS_OF_STEP, type Costs } from './costs.js';

/**
 * Measured on 2026-11-27 with `npm run bench`, on two cores shared by everything (docs/performance.md). A change to the
 * core that is measured anew is written here.
 */
export const MEASURED: Costs = {
  unit: 'course',
  score: { worker: 0.00019, postgres: 0.00027, temporal: 0.00002 },
  course: { worker: 0.02, postgres: 0.01, temporal: 0.032 },
  step: { ms: 20, msPerThousandWaiting: 2.3 },
  actions: { unit: ACTIONS_OF_COURSE, step: ACTIONS_OF_STEP, night: ACTIONS_OF_NIGHT },
  bytes: { attempt: 240, wal: 2_600 },
};

/**
 * How long LTIAAS and an LMS behind it take for one score, in milliseconds: assumed, since we have met none yet. A real
 * installation has its own in `attempts.duration_ms`.
 */
export const LATENCY: Readonly<Record<LmsFamily, { median: number; spread: number }>> = {
  canvas: { median: 300, spread: 0.6 },
  moodle: { median: 400, spread: 0.8 },
  blackboard: { median: 350, spread: 0.6 },
  d2l: { median: 250, spread: 0.5 },
  schoology: { median: 350, spread: 0.6 },
  sakai: { median: 400, spread: 0.8 },
  openedx: { median: 400, spread: 0.8 },
  unknown: { median: 400, spread: 0.8 },
};
