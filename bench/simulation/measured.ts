import type { LmsFamily } from '../../domain/platform.js';
import type { Costs } from './costs.js';

/**
 * Seconds of one core for each piece. `score` is measured with `npm run bench` on two cores shared by everything, and `wake` is
 * what an actor cost there that started, ran one batch, lingered and ended (docs/performance.md). The others are reckoned
 * from their statements: a look into an index takes some 0.01 ms, a row that is written with its indexes some 0.05 ms, and a
 * picked course lets 25 scores go. A change to the core that is measured anew is written here.
 */
export const MEASURED: Costs = {
  score: { worker: 0.00015, postgres: 0.00013, temporal: 0.000005 },
  course: { worker: 0.00001, postgres: 0.0001, temporal: 0 },
  wake: { worker: 0.02, postgres: 0.01, temporal: 0.032 },
  step: { worker: 0.005, postgres: 0.02, temporal: 0.01 },
  underWay: { worker: 0, postgres: 0.0001, temporal: 0 },
  picked: { worker: 0.00002, postgres: 0.0015, temporal: 0 },
  planned: { worker: 0, postgres: 0.0002, temporal: 0 },
  bytes: { attempt: 240, wal: 1_030 },
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
