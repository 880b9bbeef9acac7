import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGradePolicies } from '../../db/courses/grade-policies.js';
import { queryRows } from '../../db/server/knex.js';
import { createRig, type CourseOptions, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const policies = createGradePolicies(rig.db);

test('finds what is missing, changed and rescaled, and sends it again where that was chosen', async () => {
  const course = await newCourse({ students: 4, context: TWO_COLUMNS });
  const [quiz = '', essay = ''] = course.columns;
  const [lost = '', changed = '', ...others] = course.students;
  await send(course, quiz, 5);
  await send(course, essay, 5);
  await rig.control.editGrade({ lineItemId: quiz, userId: lost, score: null });
  await rig.control.editGrade({ lineItemId: quiz, userId: changed, score: 3 });
  await rig.control.updateLineItem(essay, { scoreMaximum: 20 });
  await reconcile(course);
  assert.deepEqual(await drifts(course, quiz), [`${lost} missing`, `${changed} changed`].toSorted());
  assert.deepEqual(await drifts(course, essay), course.students.map((userId) => `${userId} rescaled`).toSorted());
  assert.equal(await countPosts(course), 8, 'comparing sends nothing');
  await reconcile(course, { resend: true });
  assert.equal(await countPosts(course), 8 + 2 + 4);
  assert.deepEqual(new Set(Object.values(await shown(course, quiz))), new Set([5]));
  assert.deepEqual(new Set(Object.values(await shown(course, essay))), new Set([10]));
  await reconcile(course, { resend: true });
  assert.deepEqual([await drifts(course, quiz), await drifts(course, essay)], [[], []]);
  assert.equal(await countPosts(course), 14);
  assert.equal(others.length, 2);
});

test('sends each finding again once, and not each night what an LMS will always show otherwise', async () => {
  const course = await newCourse({ family: 'moodle', students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await send(course, id, 5);
  await rig.control.editGrade({ lineItemId: id, userId, score: 2, overridden: true });
  for (let times = 0; times < 3; times += 1) {
    await rig.db.raw(`update scores set submitted_at = submitted_at - interval '3 seconds' where context = ?`, [
      course.context,
    ]);
    await reconcile(course, { resend: true });
  }
  assert.deepEqual(await drifts(course, id), [`${userId} changed`]);
  assert.equal(await countPosts(course), 2);
});

test('calls a capped score capped, and leaves it', async () => {
  const course = await newCourse({ family: 'd2l', students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await send(course, id, 12);
  await reconcile(course, { resend: true });
  assert.deepEqual(await drifts(course, id), [`${userId} capped`]);
  assert.equal(await countPosts(course), 1);
});

test('knows who is gone from who has lost a grade', async () => {
  const course = await newCourse({ family: 'moodle', students: 2 });
  const [id = ''] = course.columns;
  const [, gone = ''] = course.students;
  await send(course, id, 5);
  await readRoster(course);
  await rig.control.unenroll({ contextId: course.contextId }, gone);
  await reconcile(course);
  assert.deepEqual(await drifts(course, id), [`${gone} missing`]);
  await readRoster(course);
  await readRoster(course);
  await reconcile(course, { resend: true });
  assert.deepEqual(await drifts(course, id), [`${gone} userGone`]);
  assert.equal(await countPosts(course), 2);
});

test('keeps what a person changed where people win, and asks where the course asks', async () => {
  for (const [policy, state] of [
    ['humanWins', 'submitted'],
    ['ask', 'held'],
  ] as const) {
    const course = await newCourse({ students: 1 });
    const [id = ''] = course.columns;
    const [userId = ''] = course.students;
    await send(course, id, 5);
    await rig.control.editGrade({ lineItemId: id, userId, score: 9 });
    await policies.setOfContext({ id: course.context, platforms: null, policy });
    await reconcile(course, { resend: true });
    assert.deepEqual(await shown(course, id), { [userId]: 9 });
    assert.deepEqual(await drifts(course, id), [`${userId} changed`]);
    const rows = await rig.db('scores').select('state').where({ context: course.context });
    assert.deepEqual(rows, [{ state }], policy);
  }
});

for (const family of ['canvas', 'moodle', 'blackboard', 'd2l', 'openedx'] as const) {
  test(`reads all results of a large course on ${family}`, async () => {
    const course = await newCourse({ family, students: 210 });
    const [id = ''] = course.columns;
    await send(course, id, 5);
    const lost = course.students[207] ?? '';
    await rig.control.editGrade({ lineItemId: id, userId: lost, score: null });
    await reconcile(course);
    assert.deepEqual(await drifts(course, id), [`${lost} missing`]);
  });
}

test('believes no list of results that leaves out whom the LMS knows when asked by name', async () => {
  const course = await newCourse({ students: 3 });
  const [id = ''] = course.columns;
  await send(course, id, 5);
  const cut = { kind: 'status', status: 200, body: { scores: [] } } as const;
  await rig.control.addFault({ match: { route: 'results', contextId: course.contextId }, times: 1, action: cut });
  await reconcile(course, { resend: true });
  assert.deepEqual(await drifts(course, id), []);
  assert.equal(await countPosts(course), 3);
});

test('goes on with the other columns when one is gone', async () => {
  const course = await newCourse({ students: 1, context: TWO_COLUMNS });
  const [quiz = '', essay = ''] = course.columns;
  const [userId = ''] = course.students;
  await send(course, quiz, 5);
  await send(course, essay, 5);
  await rig.control.updateLineItem(quiz, { deleted: true });
  await rig.control.editGrade({ lineItemId: essay, userId, score: 1 });
  await reconcile(course);
  assert.deepEqual(await drifts(course, essay), [`${userId} changed`]);
});

const TWO_COLUMNS: NonNullable<CourseOptions['context']> = {
  lineItems: [
    { label: 'Quiz', scoreMaximum: 10, resourceId: 'quiz' },
    { label: 'Essay', scoreMaximum: 10, resourceId: 'essay' },
  ],
};

async function newCourse(options: CourseOptions): Promise<RigCourse> {
  const course = await rig.createCourse({ inFlightMax: 64, ...options });
  await (await rig.sync(course, { lineItems: true })).result();
  return course;
}

async function send(course: RigCourse, id: string, scoreGiven: number): Promise<void> {
  await rig.accept(
    course,
    course.students.map((userId) => ({ column: { id }, userId, scoreGiven })),
  );
  await (await rig.send(course)).result();
}

async function reconcile(course: RigCourse, request: { resend?: boolean } = {}): Promise<void> {
  await (await rig.sync(course, { reconcile: true, ...request })).result();
  await rig.settle(course);
}

async function readRoster(course: RigCourse): Promise<void> {
  await (await rig.sync(course, { roster: true })).result();
}

async function drifts({ context }: RigCourse, lineItemId: string): Promise<string[]> {
  const rows = await queryRows<{ user_id: string; kind: string }>(
    rig.db,
    `select d.user_id, d.kind from drifts d join line_items l on l.id = d.line_item
     where d.context = ? and l.line_item_id = ? and d.ended_at is null`,
    [context, lineItemId],
  );
  return rows.map(({ user_id, kind }) => `${user_id} ${kind}`).toSorted();
}

async function countPosts({ contextId }: RigCourse): Promise<number> {
  return (await rig.control.journalEntries({ route: 'submitScore', contextId, applied: true })).length;
}

async function shown({ contextId }: RigCourse, lineItem: string): Promise<Record<string, number | null>> {
  const grades = await rig.control.gradebook({ contextId });
  return Object.fromEntries(
    grades.filter(({ lineItemId }) => lineItemId === lineItem).map(({ userId, resultScore }) => [userId, resultScore]),
  );
}
