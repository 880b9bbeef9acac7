import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt } from '../../helpers/app.js';
import { anyErased } from '../../helpers/any-erased.js';
import { createBackfills } from '../../../db/backfills/backfills.js';
import { createBackfillRig, toCsv } from '../../helpers/backfill-rig.js';
import { eventually } from '../../helpers/database.js';
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

const BREAKS = [
  { named: 'note what became of lines', table: 'backfill_items', when: "new.state = 'sent'" },
  { named: 'end', table: 'backfills', when: "new.state = 'finished'" },
] as const;
for (const { named, table, when } of BREAKS) {
  test(`a backfill that PostgreSQL does not let ${named} ends as failed, and health tells of it`, async (t) => {
    const course = await rig.createCourse({ students: 2 });
    const file = toCsv(
      course,
      course.students.map((userId) => [userId, 6]),
    );
    const id = textAt((await rig.upload(file)).body, 'id');
    await rig.whenIn(id, 'awaitingApproval');
    const which = table === 'backfills' ? `new.id = '${id}'` : `new.backfill = '${id}'`;
    t.after(await breakDatabase(rig.db, { table, on: 'update', when: `${which} and ${when}`, code: '23514' }));
    await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'looks right' } });
    const failed = await rig.whenIn(id, 'failed');
    assert.equal(at(failed, 'failure', 'type'), 'RefusedByDatabase');
    assert.match(textAt(failed, 'failure', 'detail'), /23514.*sent all the same/);
    assert.equal((await rig.db('backfill_items').where({ backfill: id })).length, 2);
    await rig
      .db('backfills')
      .where({ id })
      .update({ updated_at: new Date(0) });
    assert.ok(!(await createBackfills(rig.db, { erased: anyErased() }).listForgotten()).includes(id));
    const health = (await rig.call('GET', '/v1/health/operations')).body;
    const findings = at(health, 'findings');
    const finding = Array.isArray(findings) ? findings.find((one) => at(one, 'type') === 'backfillsFailed') : undefined;
    assert.equal(at(finding, 'severity'), 'warning', JSON.stringify(health));
  });
}

test('a cancelled backfill that PostgreSQL does not let take back ends as failed', async (t) => {
  const course = await rig.createCourse({ students: 2 });
  const file = toCsv(
    course,
    course.students.map((userId) => [userId, 6]),
  );
  const id = textAt((await rig.upload(file)).body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  await rig
    .db('gates')
    .where({ id: course.gate })
    .update({ blocked_until: new Date(Date.now() + 3_600_000) });
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'looks right' } });
  await eventually('lines are released', async () => {
    const released = await rig.db('backfill_items').where({ backfill: id, state: 'released' });
    return released.length === 2 ? true : undefined;
  });
  const when = `new.backfill = '${id}' and new.state = 'pending'`;
  t.after(await breakDatabase(rig.db, { table: 'backfill_items', on: 'update', when, code: '23514' }));
  await rig.call('POST', `/v1/backfills/${id}/cancel`, { body: { reason: 'it was wrong' } });
  const failed = await rig.whenIn(id, 'failed');
  assert.match(textAt(failed, 'failure', 'detail'), /23514/);
});

test('a cancelled backfill takes back all that PostgreSQL lets it, and says how much of it is sent all the same', async (t) => {
  const course = await rig.createCourse({ students: 5 });
  const file = toCsv(
    course,
    course.students.map((userId) => [userId, 6]),
  );
  const id = textAt((await rig.upload(file)).body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  const block = (until: Date) => rig.db('gates').where({ id: course.gate }).update({ blocked_until: until });
  await block(new Date(Date.now() + 3_600_000));
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'looks right' } });
  await eventually('lines are released', async () => {
    const released = await rig.db('backfill_items').where({ backfill: id, state: 'released' });
    return released.length === 5 ? true : undefined;
  });
  const unlucky = course.students[3] ?? '';
  const when = `new.backfill = '${id}' and new.state = 'pending' and new.user_id = '${unlucky}'`;
  t.after(await breakDatabase(rig.db, { table: 'backfill_items', on: 'update', when, code: '23514' }));
  const cancelled = await rig.call('POST', `/v1/backfills/${id}/cancel`, { body: { reason: 'it was wrong' } });
  assert.deepEqual([cancelled.status, at(cancelled.body, 'state')], [200, 'failed'], cancelled.text);
  assert.match(textAt(cancelled.body, 'failure', 'detail'), /23514.*\(1 line\).* sent all the same, the rest is not/);
  const released = await rig.call('GET', `/v1/backfills/${id}/changes?outcome=released`);
  assert.deepEqual([at(released.body, 'changes', 0, 'userId'), at(released.body, 'changes', 1)], [unlucky, undefined]);
  await block(new Date());
  const due = await rig.db('scores').where({ context: course.context }).pluck('user_id');
  assert.deepEqual(due, [unlucky]);
});
