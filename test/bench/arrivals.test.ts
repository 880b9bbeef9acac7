import assert from 'node:assert/strict';
import test from 'node:test';
import { checkArrivals, readArrival } from '../../bench/arrivals.js';
import { createWorkload } from '../../bench/workload.js';

const courses = createWorkload({ scores: 10, courses: 3, name: 'test' });
const scores = courses.flatMap((course) => course.scores);

test('counts each score that arrived once', () => {
  assert.deepEqual(checkArrivals(courses, scores), { once: 10, missing: 0, repeated: 0, foreign: 0 });
});

test('tells lost, doubled and foreign scores apart', () => {
  const [first, second, , ...others] = scores;
  assert.ok(first && second);
  const arrivals = [first, second, second, ...others, { ...first, userId: 'nobody' }];
  assert.deepEqual(checkArrivals(courses, arrivals), { once: 8, missing: 1, repeated: 1, foreign: 1 });
});

test('takes a student in another column for another score', () => {
  const [first, second] = scores;
  assert.ok(first && second);
  assert.equal(first.userId, second.userId);
  assert.equal(checkArrivals(courses, [first, first, second]).repeated, 1);
});

test('reads column and student from a call', () => {
  const lineItemId = 'https://lms.example.edu/line_items/1?type=a/b';
  const path = `/api/lineitems/${encodeURIComponent(lineItemId)}/scores`;
  assert.deepEqual(readArrival(path, '{"userId":"u 1","scoreGiven":7}'), { lineItemId, userId: 'u 1', given: 7 });
});

for (const [path, body] of [
  ['/api/lineitems', '{"userId":"u"}'],
  ['/api/lineitems/a/b/scores', '{"userId":"u"}'],
  ['/api/lineitems/a/scores', '{"userId":7}'],
  ['/api/lineitems/a/scores', 'null'],
] as const) {
  test(`takes a call to ${path} with ${body} for none of a score`, () => {
    assert.equal(readArrival(path, body), undefined);
  });
}
