import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt } from '../../helpers/app.js';
import { createBackfillRig, toCsv } from '../../helpers/backfill-rig.js';
import { breakDatabase } from '../../helpers/database-faults.js';

const rig = await createBackfillRig();

test('ends a backfill as failed, and says so, when PostgreSQL refuses what comes of it', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [column = ''] = course.columns;
  const [userId = ''] = course.students;
  await rig.accept(course, [{ column: { id: column }, userId, scoreGiven: 1.5e308 }]);
  const body = {
    ...{ reason: 'a bug was fixed', author: 'Ada Lovelace', filter: { userId } },
    action: { recompute: { factor: 1_000_000 } },
  };
  const started = await rig.call('POST', '/v1/backfills', { body });
  assert.equal(started.status, 202, started.text);
  const failed = await rig.whenIn(textAt(started.body, 'id'), 'failed');
  assert.equal(at(failed, 'failure', 'type'), 'RefusedByDatabase');
  assert.match(textAt(failed, 'failure', 'detail'), /22003/);
});

test('a line that PostgreSQL refuses is not sent, for that reason, and takes no other with it', async (t) => {
  const course = await rig.createCourse({ students: 5 });
  const unlucky = course.students[2] ?? '';
  const when = `new.user_id = '${unlucky}' and new.state = 'due'`;
  t.after(await breakDatabase(rig.db, { table: 'scores', on: 'insert or update', when, code: '23514' }));
  const answer = await rig.upload(
    toCsv(
      course,
      course.students.map((userId) => [userId, 6]),
    ),
  );
  const id = textAt(answer.body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  const approved = await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'looks right' } });
  assert.equal(approved.status, 200, approved.text);
  const done = await rig.whenIn(id, 'finished');
  assert.deepEqual([at(done, 'progress', 'sent'), at(done, 'progress', 'rejected')], [4, 1]);
  const lines = await rig.db('backfill_items').where({ backfill: id, user_id: unlucky }).select('state', 'reason');
  assert.deepEqual(lines, [{ state: 'unsent', reason: 'RefusedByDatabase' }]);
});
