import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

test('carries every accepted score into the gradebook once', async () => {
  const course = await rig.createCourse({ students: 40 });
  const [column = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId, place) => ({ column: { id: column }, userId, scoreGiven: place % 11 })),
  );
  const handle = await rig.sync(course);
  const counts = await handle.result();
  assert.deepEqual(counts, { submitted: 40, rejected: 0, retrying: 0, unknown: 0, confirmed: 0 });
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  assert.deepEqual(
    grades.map(({ userId, scoreGiven }) => [userId, scoreGiven]).toSorted(),
    course.students.map((userId, place) => [userId, place % 11]).toSorted(),
  );
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.equal(calls.length, 40);
});
