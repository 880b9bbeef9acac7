import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/database.js';
import { appliedValues } from '../helpers/journal.js';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

test('keeps two values of one student apart on Moodle, which compares whole seconds', async () => {
  const course = await rig.createCourse({ family: 'moodle', students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  for (const scoreGiven of [3, 4]) {
    await rig.accept(course, [{ column: { id }, userId, scoreGiven }]);
    await eventually('it is sent', async () => {
      await rig.send(course);
      return (await appliedValues(rig, course)).get(userId)?.includes(scoreGiven);
    });
  }
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.deepEqual(
    calls.map(({ status }) => status),
    [204, 204],
  );
});
