import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig } from '../helpers/rig.js';

const rig = await createRig();

test('carries scores through an LTIAAS that speaks its older dialect, into columns that are there and new ones', async () => {
  const course = await rig.createCourse({ family: 'moodle', students: 3, settings: { olderDialect: true } });
  const [id = ''] = course.columns;
  const columns = [{ id }, { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 }];
  for (const column of columns) {
    await rig.accept(
      course,
      course.students.map((userId) => ({ column, userId, scoreGiven: 8 })),
    );
  }
  await (await rig.send(course)).result();
  await rig.settle(course);
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  assert.deepEqual(
    grades.map(({ resultScore }) => resultScore),
    Array.from({ length: columns.length * course.students.length }, () => 8),
  );
  const calls = await rig.control.journalEntries({ route: 'submitScore', contextId: course.contextId });
  assert.deepEqual([...new Set(calls.map(({ status }) => status))], [201]);
});
