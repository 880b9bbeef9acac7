import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, problemOf, textAt } from '../../helpers/app.js';
import { createBackfillRig, toCsv } from '../../helpers/backfill-rig.js';
import { eventually } from '../../helpers/database.js';
import { appliedValues, countApplied } from '../../helpers/journal.js';
import type { RigCourse } from '../../helpers/rig.js';

const rig = await createBackfillRig({ approval: { scores: 3, drop: 25 } });

async function createGraded(students: number) {
  const course = await rig.createCourse({ students });
  const column = { id: course.columns[0] ?? '' };
  await rig.accept(
    course,
    course.students.map((userId) => ({ column, userId, scoreGiven: 5 })),
  );
  await (await rig.send(course)).result();
  return course;
}

/** A correction of every student's score; gives the backfill's id. */
async function uploadForAll(course: RigCourse, scoreGiven: number): Promise<string> {
  const given = course.students.map((user): [string, number] => [user, scoreGiven]);
  return textAt((await rig.upload(toCsv(course, given))).body, 'id');
}

test('has a backfill over the threshold approved by somebody else, and keeps who it was', async () => {
  const course = await createGraded(4);
  const id = await uploadForAll(course, 6);
  const waiting = await rig.whenIn(id, 'awaitingApproval');
  assert.equal(at(waiting, 'approval', 'byAnother'), true);
  const own = await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' } });
  assert.deepEqual([own.status, problemOf(own.body)], [403, 'approval-by-author']);
  const other = await rig.call('POST', `/v1/backfills/${id}/approve`, {
    key: rig.keys.other,
    body: { reason: 'looked at it' },
  });
  assert.equal(other.status, 200, other.text);
  const done = await rig.whenIn(id, 'finished');
  assert.notEqual(at(done, 'approval', 'approvedBy'), at(done, 'apiKeyId'));
  const actions = await rig.db('audit_entries').where({ subject: id }).orderBy('id').pluck('action');
  assert.deepEqual(actions, ['backfills.start', 'backfills.approve']);
});

test('counts one sharp drop as over the threshold too', async () => {
  const course = await createGraded(1);
  const [user = ''] = course.students;
  const id = textAt((await rig.upload(toCsv(course, [[user, 2]]))).body, 'id');
  assert.equal(at(await rig.whenIn(id, 'awaitingApproval'), 'approval', 'byAnother'), true);
  await rig.call('POST', `/v1/backfills/${id}/cancel`, { body: { reason: 'a test' } });
  await rig.whenIn(id, 'cancelled');
});

test('goes on by itself after a small preview where that was asked for, and never from a dry run', async () => {
  const course = await createGraded(2);
  const [one = '', two = ''] = course.students;
  const dry = await rig.upload(toCsv(course, [[one, 6]]), { dryRun: 'true', release: 'afterPreview' });
  await rig.whenIn(textAt(dry.body, 'id'), 'finished');
  const wet = await rig.upload(toCsv(course, [[two, 6]]), { release: 'afterPreview' });
  await rig.whenIn(textAt(wet.body, 'id'), 'finished');
  const applied = await appliedValues(rig, course);
  assert.deepEqual([applied.get(one), applied.get(two)], [[5], [5, 6]]);
});

test('refuses a second backfill over the same scores by the id of the first, or queues it', async () => {
  const course = await createGraded(2);
  const [one = '', two = ''] = course.students;
  const first = textAt((await rig.upload(toCsv(course, [[one, 6]]))).body, 'id');
  await rig.whenIn(first, 'awaitingApproval');
  const refused = await rig.upload(toCsv(course, [[one, 7]]));
  assert.deepEqual([refused.status, problemOf(refused.body)], [409, 'backfill-overlaps']);
  assert.match(textAt(refused.body, 'detail'), new RegExp(first));
  const beside = textAt((await rig.upload(toCsv(course, [[two, 7]]))).body, 'id');
  await rig.whenIn(beside, 'awaitingApproval');

  const queued = textAt((await rig.upload(toCsv(course, [[one, 8]]), { queue: 'true' })).body, 'id');
  assert.equal(at(await rig.whenIn(queued, 'queued'), 'behind'), first);
  await rig.call('POST', `/v1/backfills/${first}/approve`, { body: { reason: 'a test' } });
  await rig.whenIn(first, 'finished');
  const judged = await rig.whenIn(queued, 'awaitingApproval');
  assert.deepEqual(at(judged, 'preview', 'kinds'), { raised: 1 });
  const changes = await rig.call('GET', `/v1/backfills/${queued}/changes`);
  assert.deepEqual(at(changes.body, 'changes', 0, 'before'), { scoreGiven: 6, scoreMaximum: 10 });
});

test('lets one that waits go on as soon as the one before it has ended, however it ended', async () => {
  const course = await createGraded(1);
  const [user = ''] = course.students;
  const upload = async (given: number, state: string): Promise<string> => {
    const id = textAt((await rig.upload(toCsv(course, [[user, given]]), { queue: 'true' })).body, 'id');
    await rig.whenIn(id, state);
    return id;
  };
  const first = await upload(6, 'awaitingApproval');
  const second = await upload(7, 'queued');
  const third = await upload(8, 'queued');
  const whenNext = (id: string): Promise<boolean> =>
    eventually('the next one is judged', async () => {
      const { body } = await rig.call('GET', `/v1/backfills/${id}`);
      return at(body, 'state') === 'awaitingApproval';
    });
  await rig.call('POST', `/v1/backfills/${first}/cancel`, { body: { reason: 'a test' } });
  await whenNext(second);
  assert.equal(at((await rig.call('GET', `/v1/backfills/${third}`)).body, 'behind'), second);
  await rig.call('POST', `/v1/backfills/${second}/approve`, { body: { reason: 'a test' } });
  await rig.whenIn(second, 'finished');
  await whenNext(third);
  await rig.call('POST', `/v1/backfills/${third}/cancel`, { body: { reason: 'a test' } });
});

test('undoes what it sent, but not what the tool changed since', async () => {
  const course = await createGraded(3);
  const [one = '', two = '', three = ''] = course.students;
  const id = textAt(
    (
      await rig.upload(
        toCsv(course, [
          [one, 6],
          [two, 7],
        ]),
      )
    ).body,
    'id',
  );
  await rig.whenIn(id, 'awaitingApproval');
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' } });
  const early = await rig.call('POST', `/v1/backfills/${id}/undo`, { body: { reason: 'no', author: 'Ada' } });
  await rig.whenIn(id, 'finished');
  await rig.accept(course, [{ column: { id: course.columns[0] ?? '' }, userId: two, scoreGiven: 9 }]);
  await (await rig.send(course)).result();
  const undo = await rig.call('POST', `/v1/backfills/${id}/undo`, { body: { reason: 'it was wrong', author: 'Ada' } });
  assert.equal(undo.status, 202, undo.text);
  const undoId = textAt(undo.body, 'id');
  assert.deepEqual(at(await rig.whenIn(undoId, 'awaitingApproval'), 'preview', 'kinds'), { lowered: 1, blocked: 1 });
  await rig.call('POST', `/v1/backfills/${undoId}/approve`, { body: { reason: 'a test' } });
  await rig.whenIn(undoId, 'finished');
  const applied = await appliedValues(rig, course);
  assert.deepEqual(
    [one, two, three].map((user) => applied.get(user)),
    [[5, 6, 5], [5, 7, 9], [5]],
  );
  assert.equal(problemOf(early.body), 'backfill-not-ready');
});

test('computes scores anew by factor, offset and cap, and sends others again as they are', async () => {
  const course = await createGraded(2);
  const { platformId, contextId } = course;
  const [one = '', two = ''] = course.students;
  const common = { reason: 'graded too hard', author: 'Ada', filter: { platformId, contextId } };
  const recompute = { recompute: { factor: 1.5, offset: 1, cap: 8 } };
  const anew = await rig.call('POST', '/v1/backfills', { body: { ...common, action: recompute } });
  assert.equal(anew.status, 202, anew.text);
  const id = textAt(anew.body, 'id');
  assert.deepEqual(at(await rig.whenIn(id, 'awaitingApproval'), 'preview', 'kinds'), { raised: 2 });
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' }, key: rig.keys.other });
  await rig.whenIn(id, 'finished');
  const again = await rig.call('POST', '/v1/backfills', {
    body: { ...common, filter: { ...common.filter, userId: one }, action: 'resend', release: 'afterPreview' },
  });
  assert.deepEqual(at(await rig.whenIn(textAt(again.body, 'id'), 'finished'), 'preview', 'kinds'), { unchanged: 1 });
  const applied = await appliedValues(rig, course);
  assert.deepEqual(
    [applied.get(one), applied.get(two)],
    [
      [5, 8, 8],
      [5, 8],
    ],
  );
});

test('lets a change by the tool during the release win', async () => {
  const course = await createGraded(3);
  const [one = ''] = course.students;
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 300 }]);
  const file = toCsv(
    course,
    course.students.map((user) => [user, 6]),
  );
  const id = textAt((await rig.upload(file, { perSecond: '1' })).body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' } });
  await rig.accept(course, [{ column: { id: course.columns[0] ?? '' }, userId: one, scoreGiven: 10 }]);
  await rig.whenIn(id, 'finished');
  await (await rig.send(course)).result();
  const grades = await rig.control.gradebook({ contextId: course.contextId });
  assert.equal(grades.find(({ userId }) => userId === one)?.scoreGiven, 10);
});

test('tells its progress as events until its end, and as a query of the workflow', async () => {
  const course = await createGraded(3);
  const id = await uploadForAll(course, 6);
  await rig.whenIn(id, 'awaitingApproval');
  const events = rig.call('GET', `/v1/backfills/${id}/events`);
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' } });
  const { text, headers } = await events;
  assert.match(String(headers['content-type']), /text\/event-stream/);
  assert.match(text, /^event: progress\ndata: \{"state":"(awaitingApproval|releasing)"/);
  assert.match(text, /event: end\ndata: \{"state":"finished","toSend":3,"sent":3,/);
  const handle = rig.client.workflow.getHandle(`backfill/${id}`);
  // The end is in the database, and told as an event, before the activity that brought it tells the workflow.
  await handle.result();
  assert.deepEqual(await handle.query('progress'), {
    ...{ state: 'finished', lines: 3, toSend: 3, sent: 3, rejected: 0, overtaken: 0, unsent: 0, open: 0 },
  });
});

test('leaves nothing of scores, students and reasons in the history, which stays short', async () => {
  const course = await createGraded(2);
  const [user = ''] = course.students;
  const file = toCsv(course, [[user, 6.28318]]);
  const id = textAt((await rig.upload(file, { release: 'afterPreview', reason: 'secret reason' })).body, 'id');
  await rig.whenIn(id, 'finished');
  const handle = rig.client.workflow.getHandle(`backfill/${id}`);
  await handle.result();
  const fetched = await handle.fetchHistory();
  const history = JSON.stringify(fetched);
  for (const word of ['6.28318', user, course.contextId, 'secret reason', 'Ada Lovelace']) {
    assert.ok(!history.includes(word) && !history.includes(Buffer.from(word).toString('base64').slice(0, -4)), word);
  }
  assert.ok((fetched.events?.length ?? 0) < 60);
});

test('refuses decisions that do not fit, and takes repeated ones', async () => {
  const course = await createGraded(1);
  const [user = ''] = course.students;
  const id = textAt((await rig.upload(toCsv(course, [[user, 6]]))).body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  const pause = await rig.call('POST', `/v1/backfills/${id}/pause`, { body: { reason: 'a test' } });
  assert.deepEqual([pause.status, problemOf(pause.body)], [409, 'backfill-not-ready']);
  const handle = rig.client.workflow.getHandle(`backfill/${id}`);
  const told = new RegExp(`POST /v1/backfills/${id}/….: approve, cancel$`, 'm');
  // The workflow hears of the state a moment after it is stored.
  await eventually('its page says what may be decided', async () =>
    told.test((await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails),
  );
  await rig.call('POST', `/v1/backfills/${id}/cancel`, { body: { reason: 'a test' } });
  await rig.whenIn(id, 'cancelled');
  const again = await rig.call('POST', `/v1/backfills/${id}/cancel`, { body: { reason: 'a test' } });
  assert.deepEqual([again.status, at(again.body, 'state')], [200, 'cancelled']);
  await eventually('the workflow has ended', async () => (await handle.describe()).status.name === 'COMPLETED');
  assert.equal(await countApplied(rig, course), 1);
});
