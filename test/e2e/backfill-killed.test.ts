import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { at, textAt } from '../helpers/app.js';
import { createBackfillRig, toCsv } from '../helpers/backfill-rig.js';
import { createBackfillsOfTest } from '../helpers/backfills.js';
import { eventually } from '../helpers/database.js';
import { appliedValues, countApplied } from '../helpers/journal.js';
import { sized } from '../helpers/size.js';
import { startWorkerProcess } from '../helpers/worker-process.js';

const rig = await createBackfillRig({ withWorkers: false });

test('loses nothing and repeats nothing when a worker is killed during a release', async () => {
  const course = await rig.createCourse({ students: 200, inFlightMax: 8 });
  await rig.control.setLatency([{ platformId: course.platformId, fixedMs: 40 }]);
  const worker = await startWorkerProcess(rig);
  const file = toCsv(
    course,
    course.students.map((user, place) => [user, place % 11]),
  );
  const id = textAt((await rig.upload(file)).body, 'id');
  await rig.whenIn(id, 'awaitingApproval');
  await rig.call('POST', `/v1/backfills/${id}/approve`, { body: { reason: 'a test' } });
  await eventually('some are sent', async () => (await countApplied(rig, course)) >= 50, 20_000);
  await worker.signal('SIGKILL');
  const atKill = await countApplied(rig, course);
  assert.ok(atKill < 200, 'the kill came in the middle');
  const revived = await startWorkerProcess(rig);
  const done = await eventually(
    'it has finished',
    async () => {
      const { body } = await rig.call('GET', `/v1/backfills/${id}`);
      return at(body, 'state') === 'finished' ? body : undefined;
    },
    60_000,
  );
  assert.equal(at(done, 'progress', 'sent'), 200);
  const applied = await appliedValues(rig, course);
  assert.deepEqual(
    course.students.map((user) => applied.get(user)),
    course.students.map((_, place) => [place % 11]),
  );
  await revived.signal('SIGTERM');
});

test('goes on with a preview where a killed worker had left it, and judges each line once', async () => {
  const LINES = sized({ full: 60_000, quick: 20_000 });
  const course = await rig.createCourse({ students: 1 });
  const users = Array.from({ length: LINES }, (_, n) => `user-${n}`);
  const answer = await rig.upload(
    toCsv(
      course,
      users.map((user, n) => [user, n % 11]),
    ),
    { dryRun: 'true' },
  );
  const id = textAt(answer.body, 'id');
  const worker = await startWorkerProcess(rig);
  await eventually('the first pages are judged', async () => (await stepOf(id)) === 'classify', 20_000);
  await worker.signal('SIGKILL');
  const revived = await startWorkerProcess(rig);
  const done = await rig.whenIn(id, 'finished');
  assert.deepEqual(at(done, 'preview', 'kinds'), { given: LINES });
  assert.equal(at(done, 'lines'), LINES);
  await revived.signal('SIGTERM');
});

test('finds by the sweep a backfill whose API died before it had started the workflow', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [user = ''] = course.students;
  const backfills = await createBackfillsOfTest(rig.db);
  const { platformId, contextId, columns } = course;
  const id = await backfills.upload([
    { column: { platformId, contextId, lineItemId: columns[0] ?? '' }, userId: user, scoreGiven: 4, scoreMaximum: 10 },
  ]);
  await rig.db.raw(`update backfills set updated_at = now() - interval '1 minute' where id = ?`, [id]);
  const worker = await startWorkerProcess(rig);
  await rig.activities.wakeUntended({ after: null });
  await rig.whenIn(id, 'awaitingApproval');
  await worker.signal('SIGTERM');
});

test('halts without Temporal', async () => {
  const course = await rig.createCourse({ students: 2 });
  const file = toCsv(
    course,
    course.students.map((user) => [user, 6]),
  );
  const id = textAt((await rig.upload(file, { release: 'afterPreview' })).body, 'id');
  await rig.db('backfills').where({ id }).update({ state: 'releasing', released_at: new Date() });
  // No worker answers, as when Temporal itself is away.
  const startedAt = performance.now();
  const paused = await rig.call('POST', `/v1/backfills/${id}/pause`, { body: { reason: 'halt' } });
  assert.ok(performance.now() - startedAt < 5_000);
  assert.deepEqual([paused.status, at(paused.body, 'state')], [200, 'paused'], paused.text);
});

async function stepOf(id: string): Promise<string | undefined> {
  const sql = `select preview_step ->> 'name' as step from backfills where id = ?`;
  return (await queryRows<{ step: string }>(rig.db, sql, [id]))[0]?.step;
}
