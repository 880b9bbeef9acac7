import assert from 'node:assert/strict';
import test from 'node:test';
import { createWorkload } from '../../bench/workload.js';

test('gives the same scores to every process that asks', () => {
  const load = { scores: 25, courses: 4, name: 'run' };
  assert.deepEqual(createWorkload(load), createWorkload(load));
});

test('spreads all scores evenly over the courses', () => {
  const courses = createWorkload({ scores: 25, courses: 4, name: 'run' });
  assert.deepEqual(
    courses.map((course) => course.scores.length),
    [7, 6, 6, 6],
  );
});

test('has every cell of a gradebook once, and none of another run', () => {
  const cells = ['one', 'two'].flatMap((name) =>
    createWorkload({ scores: 500, courses: 7, name }).flatMap(({ contextId, scores }) =>
      scores.map(({ lineItemId, userId }) => `${contextId} ${lineItemId} ${userId}`),
    ),
  );
  assert.equal(cells.length, 1_000);
  assert.equal(new Set(cells).size, 1_000);
  const users = new Set(cells.map((cell) => cell.split(' ').slice(1).join(' ')));
  assert.equal(users.size, 1_000);
});

test('has keys as long as real ones and grades within their maximum', () => {
  for (const { serviceKey, scores } of createWorkload({ scores: 60, courses: 2, name: 'run' })) {
    assert.equal(serviceKey.length, 48);
    for (const { value } of scores) assert.ok((value.scoreGiven ?? -1) >= 0 && (value.scoreGiven ?? 11) <= 10);
  }
});
