import assert from 'node:assert/strict';
import test from 'node:test';
import { LATENCY, MEASURED } from '../../../bench/simulation/measured.js';
import type { NightInput } from '../../../bench/simulation/night-state.js';
import { spreadEvenly, type SimulatedPlatform } from '../../../bench/simulation/population.js';
import { simulateNight } from '../../../bench/simulation/simulate-night.js';

const NOTHING = { worker: 0, postgres: 0, temporal: 0 };

const platform = (scores: number, courses: number): SimulatedPlatform => ({
  ...{ family: 'canvas', limits: { inFlightMax: 4, ratePerSecond: null }, outage: null },
  courses: spreadEvenly(scores, courses),
});

/** Calls of 100 ms and machines that take no time, unless told otherwise; one sender for each platform. */
const nightOf = (platforms: SimulatedPlatform[], more: Partial<NightInput> = {}): NightInput => ({
  platforms,
  machines: [{ cores: 1, runs: ['worker', 'postgres', 'temporal'] }],
  costs: { ...MEASURED, unit: 'platform', score: NOTHING, course: NOTHING, step: { ms: 0, msPerThousandWaiting: 0 } },
  latency: { ...LATENCY, canvas: { median: 100, spread: 0 } },
  faults: { throttled: 0, retryAfterMs: 0, failed: 0 },
  ...{ actionsPerSecond: null, slots: 100, seed: 1 },
  ...more,
});

test('takes as long as the calls that a platform allows at once', () => {
  // 400 calls, four at a time, a tenth of a second each.
  const { doneAt, calls, seconds } = simulateNight(nightOf([platform(400, 10), platform(40, 10)]));
  assert.deepEqual(doneAt, [10, 1]);
  assert.equal(calls, 440);
  // The pass looks every few seconds.
  assert.ok(seconds >= 10 && seconds <= 15, `${seconds}`);
});

test('takes as long as the machine needs where that is longer', () => {
  const costs = { ...nightOf([]).costs, score: { worker: 0.06, postgres: 0.03, temporal: 0.01 } };
  const { doneAt, busy } = simulateNight(nightOf([platform(400, 10)], { costs }));
  assert.ok(Math.abs((doneAt[0] ?? 0) - 40) < 0.2, `${doneAt[0]}`);
  assert.ok((busy[0] ?? 0) > 0.9);
});

test('lets a platform wait for a slot, whatever else it might do', () => {
  const { doneAt, heartbeats } = simulateNight(nightOf([platform(400, 1), platform(400, 1)], { slots: 1 }));
  assert.deepEqual(doneAt, [10, 20]);
  // After 2, 5 and 8 s of each: who waits does not beat.
  assert.equal(heartbeats, 6);
});

test('sends what was refused again after its rest, and counts it', () => {
  const faults = { throttled: 0, retryAfterMs: 0, failed: 0.05 };
  const { calls, scores } = simulateNight(nightOf([platform(2_000, 10)], { faults }));
  assert.equal(scores, 2_000);
  assert.ok(calls > 2_050 && calls < 2_200, `${calls}`);
});

test('waits for a platform that is away, by a few probes', () => {
  const away = { ...platform(400, 10), outage: { fromMs: 5_000, toMs: 65_000 } };
  const { doneAt, calls } = simulateNight(nightOf([away]));
  // Rests of 15, 30 and 60 s: the third probe comes 105 s after the first failure.
  assert.ok((doneAt[0] ?? 0) > 105 && (doneAt[0] ?? 0) < 120, `${doneAt[0]}`);
  assert.ok(calls > 400 && calls < 412, `${calls}`);
});

test('gives each course its turn where courses send for themselves, a page a step', () => {
  const costs = { ...nightOf([]).costs, unit: 'course' as const };
  const many = Array.from({ length: 100 }, () => platform(8, 8));
  const { steps, actions, heartbeats } = simulateNight(nightOf(many, { costs, slots: 1_000 }));
  // 800 courses, two hundred a step, and a last step that finds nothing.
  assert.ok(steps >= 5 && steps <= 7, `${steps}`);
  assert.equal(actions, 800 * costs.actions.unit + steps * costs.actions.step + heartbeats + costs.actions.night);
});

test('goes no faster than the namespace takes actions', () => {
  const costs = { ...nightOf([]).costs, unit: 'course' as const };
  const many = Array.from({ length: 100 }, () => platform(8, 8));
  const { seconds } = simulateNight(nightOf(many, { costs, slots: 1_000, actionsPerSecond: 100 }));
  assert.ok(seconds > (800 * costs.actions.unit) / 100, `${seconds}`);
});

test('is the same night for the same seed', () => {
  const input = nightOf([platform(500, 10)], {
    latency: LATENCY,
    faults: { throttled: 0.01, retryAfterMs: 1_000, failed: 0.01 },
  });
  assert.deepEqual(simulateNight(input), simulateNight(input));
  assert.notDeepEqual(simulateNight(input), simulateNight({ ...input, seed: 2 }));
});
