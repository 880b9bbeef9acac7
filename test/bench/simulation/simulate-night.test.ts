import assert from 'node:assert/strict';
import test from 'node:test';
import { LATENCY, MEASURED } from '../../../bench/simulation/measured.js';
import type { NightInput } from '../../../bench/simulation/night-state.js';
import { spreadEvenly, type SimulatedPlatform } from '../../../bench/simulation/population.js';
import { simulateNight } from '../../../bench/simulation/simulate-night.js';

const NOTHING = { worker: 0, postgres: 0, temporal: 0 };
const FREE = { score: NOTHING, course: NOTHING, wake: NOTHING, step: NOTHING, underWay: NOTHING, picked: NOTHING };

const platform = (scores: number, courses: number): SimulatedPlatform => ({
  ...{ family: 'canvas', limits: { inFlightMax: 4, ratePerSecond: null }, outage: null },
  courses: spreadEvenly(scores, courses),
});

/** Calls of 100 ms and machines that take no time, unless told otherwise. */
const nightOf = (platforms: SimulatedPlatform[], more: Partial<NightInput> = {}): NightInput => ({
  platforms,
  machines: [{ cores: 1, runs: ['worker', 'postgres', 'temporal'] }],
  costs: { ...MEASURED, ...FREE, planned: NOTHING },
  latency: { ...LATENCY, canvas: { median: 100, spread: 0 } },
  faults: { throttled: 0, retryAfterMs: 0, failed: 0 },
  ...{ actionsPerSecond: null, slots: 100, seed: 1 },
  ...more,
});

const isAbout = (actual: number | undefined, least: number, most: number): void =>
  assert.ok(actual !== undefined && actual >= least && actual <= most, `${actual} is not in ${least} to ${most}`);

test('takes as long as the calls that a platform allows at once', () => {
  // 400 calls, four at a time, a tenth of a second each.
  const { doneAt, calls, seconds } = simulateNight(nightOf([platform(400, 8), platform(40, 8)]));
  isAbout(doneAt[0], 10, 10.2);
  isAbout(doneAt[1], 1, 1.2);
  assert.equal(calls, 440);
  // The pass looks every few seconds.
  isAbout(seconds, 10, 16);
});

test('takes as long as the machine needs where that is longer', () => {
  const costs = { ...nightOf([]).costs, score: { worker: 0.06, postgres: 0.03, temporal: 0.01 } };
  const { doneAt, busy } = simulateNight(nightOf([platform(400, 8)], { costs }));
  isAbout(doneAt[0], 40, 40.4);
  isAbout(busy[0], 0.8, 1);
});

test('pays for a course once in a batch, and for a wake once for each gate and page', () => {
  const costs = { ...nightOf([]).costs, course: { ...NOTHING, worker: 0.5 }, wake: { ...NOTHING, worker: 3 } };
  const { busy, seconds, wakes } = simulateNight(nightOf([platform(80, 8)], { costs }));
  assert.equal(wakes, 1);
  isAbout((busy[0] ?? 0) * seconds, 6.99, 7.01);
});

test('lets a platform wait for a slot', () => {
  const { doneAt } = simulateNight(nightOf([platform(400, 1), platform(400, 1)], { slots: 1 }));
  isAbout(doneAt[0], 10, 10.2);
  isAbout(doneAt[1], 20, 20.5);
});

test('has no more courses of a platform under way than there is room for, and wakes its sender for the next ones', () => {
  // Room for eight: two rounds.
  const { wakes, batches, steps } = simulateNight(nightOf([platform(16, 16)]));
  assert.deepEqual([wakes, batches], [2, 2]);
  isAbout(steps, 3, 4);
});

test('sends what was refused again after its rest, and counts it', () => {
  const faults = { throttled: 0, retryAfterMs: 0, failed: 0.05 };
  const { calls, scores } = simulateNight(nightOf([platform(2_000, 10)], { faults }));
  assert.equal(scores, 2_000);
  isAbout(calls, 2_050, 2_200);
});

test('goes on where a refusal for haste is one score’s own', () => {
  const faults = { throttled: 0.002, retryAfterMs: 1_000, failed: 0 };
  const { calls, doneAt } = simulateNight(nightOf([platform(2_000, 8)], { faults }));
  assert.ok(calls > 2_000);
  isAbout(doneAt[0], 50, 52.5);
});

test('waits for a platform that is away, by a few probes', () => {
  const away = { ...platform(400, 8), outage: { fromMs: 5_000, toMs: 65_000 } };
  const { doneAt, calls } = simulateNight(nightOf([away]));
  // Rests of 15, 30 and 60 s: the third probe comes 105 s after the first failure.
  isAbout(doneAt[0], 105, 120);
  isAbout(calls, 401, 412);
});

test('counts the actions of wakes, batches, timers and beats, of steps and of the night itself', () => {
  const { actions, heartbeats, steps } = simulateNight(nightOf([platform(200, 8)]));
  // A sender that works for five seconds: start, batch, linger, and a beat every second and a half.
  assert.equal(heartbeats, 3);
  assert.equal(actions, 3 + heartbeats + 2 * steps + 6);
});

test('picks a page a step, and goes no faster than the namespace takes actions', () => {
  const many = Array.from({ length: 100 }, () => platform(8, 8));
  const quick = simulateNight(nightOf(many));
  // 800 courses, two hundred a step.
  isAbout(quick.steps, 5, 7);
  const slow = simulateNight(nightOf(many, { actionsPerSecond: 50 }));
  assert.ok(slow.seconds > quick.seconds && slow.longestActionWait > 1, `${slow.seconds}`);
});

test('is the same night for the same seed', () => {
  const input = nightOf([platform(500, 10)], {
    latency: LATENCY,
    faults: { throttled: 0.01, retryAfterMs: 1_000, failed: 0.01 },
  });
  assert.deepEqual(simulateNight(input), simulateNight(input));
  assert.notDeepEqual(simulateNight(input), simulateNight({ ...input, seed: 2 }));
});
