import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt } from '../../helpers/app.js';
import { createBackfillRig } from '../../helpers/backfill-rig.js';

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
