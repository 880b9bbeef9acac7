/** What PostgreSQL refuses for good ends as a failure that says so: nothing is tried for ever, and no row is quoted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { breakDatabase } from '../helpers/database-faults.js';
import { eventually } from '../helpers/database.js';
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

test('a course that a night cannot put in line, or let go, waits alone', async (t) => {
  const courses: RigCourse[] = [];
  for (let made = 0; made < 4; made += 1) {
    const course = await rig.createCourse({ students: 1 });
    courses.push(course);
    const [id = ''] = course.columns;
    await rig.accept(course, [
      { column: { id }, userId: course.students[0] ?? '', scoreGiven: 7, awaitsNightly: true },
    ]);
  }
  const [notInLine, notLetGo, ...others] = courses;
  const when = `new.context = '${notInLine?.context ?? ''}'`;
  t.after(await breakDatabase(rig.db, { table: 'run_contexts', on: 'insert', when, code: '23514' }));
  const isLetGo = `new.context = '${notLetGo?.context ?? ''}' and not new.awaits_nightly`;
  t.after(await breakDatabase(rig.db, { table: 'scores', on: 'update', when: isLetGo, code: '23514' }));
  const handle = await rig.client.workflow.start('nightlySync', {
    ...{ workflowId: 'night-of-four', taskQueue: 'passback-workflows', args: [{ limitMs: 40_000 }] },
  });
  await handle.result();
  const of = (some: readonly (RigCourse | undefined)[]): string[] => some.map((course) => course?.context ?? '');
  const waiting = await rig.db('scores').where({ awaits_nightly: true }).pluck('context');
  assert.deepEqual(waiting.toSorted(), of([notInLine, notLetGo]).toSorted());
  const rows = await rig.db('run_contexts').whereIn('context', of(courses)).select('context', 'failure', 'submitted');
  const told = rows.map(({ context, failure, submitted }) => `${context} ${failure} ${submitted}`);
  const expected = [...of(others).map((id) => `${id} null 1`), `${of([notLetGo]).join()} RefusedByDatabase 0`];
  assert.deepEqual(told.toSorted(), expected.toSorted());
});

test('columns that cannot be stored rest longer each time, as after any failure', async (t) => {
  const course = await rig.createCourse({ students: 1 });
  const column = { resourceId: 'essay', label: 'Essay', scoreMaximum: 10 };
  await rig.accept(course, [{ column, userId: course.students[0] ?? '', scoreGiven: 5 }]);
  const when = `new.id = '${course.context}' and new.line_items_read_at is distinct from old.line_items_read_at`;
  t.after(await breakDatabase(rig.db, { table: 'contexts', on: 'update', when, code: '23514' }));
  const handle = await rig.sync(course, { lineItems: true });
  const rest: unknown = await eventually('the columns rest', () =>
    rig
      .db('contexts')
      .where({ id: course.context, columns_failure: 'RefusedByDatabase' })
      .first('columns_failed_times'),
  );
  assert.deepEqual(rest, { columns_failed_times: 1 });
  assert.deepEqual(await failuresOf(handle), []);
  await handle.terminate();
  await rig.db('contexts').where({ id: course.context }).update({ columns_rest_until: new Date() });
  const next = await rig.sync(course, { lineItems: true });
  const longer: unknown = await eventually('they rest longer', () =>
    rig
      .db('contexts')
      .where({ id: course.context, columns_failed_times: 2 })
      .first(rig.db.raw("columns_rest_until > now() + interval '20 seconds' as longer")),
  );
  assert.deepEqual(longer, { longer: true });
  await next.terminate();
});

test('a night whose page cannot be noted ends as failed, and says so', async (t) => {
  const course = await createSent();
  const [id = ''] = course.columns;
  await rig.accept(course, [{ column: { id }, userId: course.students[0] ?? '', scoreGiven: 7, awaitsNightly: true }]);
  const when = `new.workflow_id = 'refused-night' and new.planned_at is not null`;
  t.after(await breakDatabase(rig.db, { table: 'runs', on: 'update', when, code: '23514' }));
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
