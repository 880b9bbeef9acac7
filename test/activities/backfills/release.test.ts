import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, textAt } from '../../helpers/app.js';
import { createBackfillRig, toCsv } from '../../helpers/backfill-rig.js';
import { eventually } from '../../helpers/database.js';
import { appliedValues, countApplied } from '../../helpers/journal.js';

const rig = await createBackfillRig();

test('shows what would change, changes nothing before it is approved, and then changes that', async () => {
  const course = await rig.createCourse({ students: 5 });
  const [one = '', two = '', three = '', four = ''] = course.students;
  const column = { id: course.columns[0] ?? '' };
  await rig.accept(course, [
    { column, userId: one, scoreGiven: 5 },
    { column, userId: two, scoreGiven: 5 },
    { column, userId: three, scoreGiven: 5 },
  ]);
  await (await rig.send(course)).result();
  const answer = await rig.upload(
    toCsv(course, [
      [one, 8],
      [two, 5],
      [three, 3],
      [four, 7],
    ]),
  );
  assert.equal(answer.status, 202, answer.text);
  const id = textAt(answer.body, 'id');
  const previewed = await rig.whenIn(id, 'awaitingApproval');
  assert.deepEqual(at(previewed, 'preview', 'kinds'), { raised: 1, unchanged: 1, lowered: 1, given: 1 });
  assert.equal(at(previewed, 'preview', 'largestDrop'), 20);
  assert.equal(at(previewed, 'preview', 'estimate', 'calls'), 3);
  assert.equal(await countApplied(rig, course), 3);

  const approved = await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'looks right' } });
  assert.equal(approved.status, 200, approved.text);
  const done = await rig.whenIn(id, 'finished');
  assert.equal(at(done, 'progress', 'sent'), 3);
  const applied = await appliedValues(rig, course);
  assert.deepEqual(
    [one, two, three, four].map((userId) => applied.get(userId)),
    [[5, 8], [5], [5, 3], [7]],
  );
  const changes = await rig.call('GET', `/v1/backfills/${id}/changes?outcome=sent`);
  assert.deepEqual(at(changes.body, 'changes', 0, 'before'), { scoreGiven: 5, scoreMaximum: 10 });
  assert.deepEqual(at(changes.body, 'changes', 0, 'after'), { scoreGiven: 8, scoreMaximum: 10 });
});

test('is silent within seconds of a pause, and takes back on cancel what had not gone out', async () => {
  const course = await rig.createCourse({ students: 300, inFlightMax: 4 });
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 40 }]);
  const answer = await rig.upload(
    toCsv(
      course,
      course.students.map((userId) => [userId, 6]),
    ),
  );
  const id = textAt(answer.body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' } });
  await eventually('some are sent', async () => (await countApplied(rig, course)) >= 40, 20_000);
  const pausedAt = performance.now();
  const paused = await rig.call('POST', `/v1/backfills/${id}/pause`, { body: { reason: 'wait' } });
  assert.equal(paused.status, 200, paused.text);
  const { rows } = await rig.db.raw<{ rows: { key: string; at: Date }[] }>(
    `select api_key as key, at from audit_entries where subject = ? and action = 'backfills.pause'`,
    [id],
  );
  assert.deepEqual(at(paused.body, 'paused'), {
    ...{ reason: 'wait', apiKeyId: rows[0]?.key, since: rows[0]?.at.toISOString(), until: null },
  });
  await eventually('no score of it is under way', async () => (await countOpen()) === 0, 5_000);
  const silentAfterMs = performance.now() - pausedAt;
  const atPause = await countApplied(rig, course);
  assert.ok(atPause < 300, `${atPause} sent`);
  assert.ok(silentAfterMs < 5_000);

  const resumed = await rig.call('POST', `/v1/backfills/${id}/resume`, { body: { reason: 'a test' } });
  assert.deepEqual([resumed.status, at(resumed.body, 'paused')], [200, null], resumed.text);
  await eventually('it goes on', async () => (await countApplied(rig, course)) >= atPause + 20, 20_000);
  const cancelled = await rig.call('POST', `/v1/backfills/${id}/cancel`, { body: { reason: 'stop' } });
  assert.equal(cancelled.status, 200, cancelled.text);
  await rig.whenIn(id, 'cancelled');
  const sent = (await rig.call('GET', `/v1/backfills/${id}/changes?outcome=sent&limit=500`)).body;
  const users = Array.isArray(at(sent, 'changes')) ? at(sent, 'changes') : [];
  const applied = await appliedValues(rig, course);
  assert.deepEqual(
    (Array.isArray(users) ? users : []).map((change) => at(change, 'userId')).toSorted(),
    [...applied.keys()].toSorted(),
  );
  assert.ok(applied.size < 300);
  const left = await rig.db('scores').where({ context: course.context }).whereNot({ state: 'submitted' });
  assert.deepEqual(left, []);

  async function countOpen(): Promise<number> {
    const rows = await rig
      .db('scores')
      .where({ context: course.context })
      .whereIn('state', ['due', 'sending', 'unknown']);
    return rows.length;
  }
});
