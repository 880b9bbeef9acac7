/** What PostgreSQL refuses for good ends as a failure that says so: nothing is tried for ever, and no row is quoted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { breakDatabase } from '../helpers/database-faults.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const WORDS = 'a fault of the test';

interface Failure {
  type: string;
  isRaw: boolean;
}

/** The failed activities of a workflow, as its history tells of them. */
async function failuresOf(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<Failure[]> {
  const { events } = await handle.fetchHistory();
  const isRaw = JSON.stringify(events).includes(WORDS);
  return (events ?? []).flatMap(({ activityTaskFailedEventAttributes: failed }) =>
    failed ? [{ type: failed.failure?.applicationFailureInfo?.type ?? '', isRaw }] : [],
  );
}

async function createSent(): Promise<RigCourse> {
  const course = await rig.createCourse({ students: 2 });
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven: 5 })),
  );
  await (await rig.send(course)).result();
  return course;
}

test('a roster that cannot be stored ends its reading, and the actor of the course lives on', async (t) => {
  const course = await createSent();
  const when = `new.id = '${course.context}' and new.roster_read > old.roster_read`;
  const mend = await breakDatabase(rig.db, { table: 'contexts', on: 'update', when, code: '23514' });
  t.after(() => mend().catch(() => undefined));
  const handle = await rig.sync(course, { roster: true });
  assert.equal((await handle.result()).roster, 1);
  assert.deepEqual(await failuresOf(handle), [{ type: 'RefusedByDatabase', isRaw: false }]);
  await mend();
  await (await rig.sync(course, { roster: true })).result();
  assert.ok((await rig.db('memberships').where({ context: course.context })).length > 0);
});

test('a comparison that cannot be stored ends, and the actor of the course lives on', async (t) => {
  const course = await createSent();
  const [lineItemId = ''] = course.columns;
  await rig.control.editGrade({ lineItemId, userId: course.students[0] ?? '', score: 1 });
  const when = `new.context = '${course.context}'`;
  t.after(await breakDatabase(rig.db, { table: 'drifts', on: 'insert', when, code: '23514' }));
  const handle = await rig.sync(course, { reconcile: true });
  assert.equal((await handle.result()).reconcile, 1);
  assert.deepEqual(await failuresOf(handle), [{ type: 'RefusedByDatabase', isRaw: false }]);
});

test('a night whose page cannot be stored ends as failed, and says so', async (t) => {
  const course = await createSent();
  const [id = ''] = course.columns;
  await rig.accept(course, [{ column: { id }, userId: course.students[0] ?? '', scoreGiven: 7, awaitsNightly: true }]);
  const when = `new.context = '${course.context}'`;
  t.after(await breakDatabase(rig.db, { table: 'run_contexts', on: 'insert', when, code: '23514' }));
  const handle = await rig.client.workflow.start('nightlySync', {
    ...{ workflowId: 'refused-night', taskQueue: 'passback-workflows', args: [{ limitMs: 40_000 }] },
  });
  await assert.rejects(handle.result());
  assert.deepEqual(await failuresOf(handle), [{ type: 'RefusedByDatabase', isRaw: false }]);
  const runs = await rig.db('runs').where({ workflow_id: 'refused-night' }).select('state', 'trouble');
  assert.deepEqual(runs, [{ state: 'failed', trouble: ['workflowFailed'] }]);
});

test('a sender is not ended by what one batch meets, and quotes nothing', async (t) => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  await rig.accept(course, [{ column: { id }, userId: course.students[0] ?? '', scoreGiven: 5 }]);
  const when = `new.id = '${course.gate}' and new.lane_token > old.lane_token`;
  t.after(await breakDatabase(rig.db, { table: 'gates', on: 'update', when, code: '23514', times: 2 }));
  const handle = await rig.send(course);
  assert.equal((await handle.result()).submitted, 1);
  assert.ok(!JSON.stringify((await handle.fetchHistory()).events).includes(WORDS));
});
