import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt } from '../../helpers/app.js';
import { createBackfillRig, toCsv } from '../../helpers/backfill-rig.js';

const rig = await createBackfillRig();

test('compares with what the LMS shows, where asked, and leaves a person’s grade alone where the course says so', async () => {
  for (const policy of ['toolWins', 'humanWins']) {
    const course = await rig.createCourse({ students: 3 });
    const [column = ''] = course.columns;
    const [one = '', two = '', three = ''] = course.students;
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id: column }, userId, scoreGiven: 5 })),
    );
    await (await rig.send(course)).result();
    await rig.db('contexts').where({ id: course.context }).update({ grade_policy: policy });
    await rig.control.editGrade({ lineItemId: column, userId: two, score: 9 });
    const file = toCsv(course, [
      [one, 6],
      [two, 5],
      [three, 5],
    ]);
    const blind = textAt((await rig.upload(file, { dryRun: 'true' })).body, 'id');
    assert.deepEqual(at(await rig.whenIn(blind, 'finished'), 'preview', 'kinds'), { raised: 1, unchanged: 2 });
    const seeing = textAt((await rig.upload(file, { dryRun: 'true', checkGradebook: 'true' })).body, 'id');
    const preview = at(await rig.whenIn(seeing, 'finished'), 'preview');
    assert.equal(at(preview, 'checkedColumns'), 1);
    assert.deepEqual(
      at(preview, 'kinds'),
      policy === 'toolWins' ? { raised: 1, lowered: 1, unchanged: 1 } : { raised: 1, blocked: 1, unchanged: 1 },
    );
  }
});
