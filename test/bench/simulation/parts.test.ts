import assert from 'node:assert/strict';
import test from 'node:test';
import { createBacklog } from '../../../bench/simulation/backlog.js';
import { splitCosts } from '../../../bench/simulation/costs.js';
import { createEventQueue } from '../../../bench/simulation/event-queue.js';
import { createMachines } from '../../../bench/simulation/machines.js';
import { drawPopulation, spreadEvenly } from '../../../bench/simulation/population.js';
import { createRandom, drawAround } from '../../../bench/simulation/random.js';

test('gives events in the order of their times, whatever the order in which they came', () => {
  const queue = createEventQueue<number>();
  const random = createRandom(7);
  const times = Array.from({ length: 500 }, () => Math.floor(random() * 100));
  for (const time of times) queue.push(time, time);
  const popped: number[] = [];
  for (let next = queue.pop(); next; next = queue.pop()) popped.push(next.event);
  assert.deepEqual(
    popped,
    times.toSorted((one, other) => one - other),
  );
});

test('draws the same numbers for the same seed, around the median that was asked for', () => {
  const [one, same, other] = [createRandom(1), createRandom(1), createRandom(2)];
  assert.deepEqual([one(), one()], [same(), same()]);
  assert.notEqual(one(), other());
  const draws = Array.from({ length: 2_001 }, () => drawAround(one, { median: 100, spread: 0.6 }));
  const middle = draws.toSorted((first, second) => first - second)[1_000] ?? 0;
  assert.ok(Math.abs(middle - 100) < 10, `${middle}`);
  assert.equal(drawAround(one, { median: 20, spread: 0 }), 20);
});

test('does one piece of work after the other on each machine, as fast as it has cores', () => {
  const machines = createMachines([
    { cores: 2, runs: ['worker', 'postgres'] },
    { cores: 1, runs: ['temporal'] },
  ]);
  assert.equal(machines.work(0, { worker: 0.1, postgres: 0.1, temporal: 0 }), 100);
  assert.equal(machines.work(0, { worker: 0.1, postgres: 0.1, temporal: 0.5 }), 500);
  assert.equal(machines.work(1_000, { worker: 0.2, postgres: 0, temporal: 0 }), 1_100);
  assert.deepEqual(machines.busyUntil(1_000), [0.3, 0.5]);
});

test('gives a few scores of each picked course in turn, those first that have rested, and settles what is done', () => {
  const backlog = createBacklog([6, 1, 1]);
  const claim = (nowMs: number): number | undefined => backlog.claim(nowMs)?.course;
  assert.equal(claim(0), undefined);
  backlog.pick(2);
  assert.deepEqual([backlog.inLine(), backlog.underWay(), backlog.left()], [1, 2, 8]);
  assert.deepEqual([0, 0, 0, 0, 0].map(claim), [0, 0, 0, 0, 1]);
  backlog.rest({ course: 1, tries: 1 }, 50);
  assert.deepEqual([backlog.nextAtMs(), backlog.hasReady(0)], [50, true]);
  assert.deepEqual([claim(49), backlog.claim(50)?.tries, claim(50), claim(50)], [0, 1, 0, undefined]);
  backlog.finish(1);
  backlog.finish(0);
  assert.deepEqual([backlog.settle(), backlog.settle(), backlog.underWay(), backlog.left()], [1, 0, 1, 6]);
});

test('splits what two shapes cost into scores and courses', () => {
  const costOf = (scores: number, courses: number): number => scores * 0.001 + courses * 0.05;
  const shape = (courses: number) => ({
    ...{ scores: 1_000, courses },
    cpu: { worker: costOf(1_000, courses), postgres: 2, temporal: courses === 10 ? 1 : 0.5 },
  });
  const { score, course } = splitCosts(shape(10), shape(100));
  assert.ok(Math.abs(score.worker - 0.001) < 1e-9 && Math.abs(course.worker - 0.05) < 1e-9);
  assert.deepEqual([score.postgres, course.postgres], [0.002, 0]);
  // More courses cannot make it cheaper: that was noise.
  assert.deepEqual([score.temporal, course.temporal], [0.001, 0]);
});

test('spreads scores over courses evenly', () => {
  assert.deepEqual(spreadEvenly(7, 3), [3, 2, 2]);
});

test('draws platforms whose courses and scores add up, the same for the same seed', () => {
  const population = {
    ...{ students: 100_000, platforms: 50, studentsPerCourse: 25, scoresPerStudent: 2, seed: 3 },
    outages: { share: 0.5, lengthMs: 60_000, withinMs: 1_000 },
  };
  const platforms = drawPopulation(population);
  assert.deepEqual(platforms, drawPopulation(population));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  assert.ok(Math.abs(sum(platforms.map(({ courses }) => courses.length)) - 4_000) < 50);
  assert.ok(Math.abs(sum(platforms.map(({ courses }) => sum(courses))) - 200_000) < 50);
  assert.ok(platforms.some(({ outage }) => outage) && platforms.some(({ outage }) => !outage));
});
