import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGradePolicies } from '../../db/courses/grade-policies.js';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();
const policies = createGradePolicies(rig.db);

test('replaces what a teacher changed where the tool wins', async () => {
  const course = await withTeachersChange('toolWins');
  assert.deepEqual(await shown(course), [9, 9]);
});

test('leaves what a teacher changed where people win, and shows the score as held', async () => {
  const course = await withTeachersChange('humanWins');
  assert.deepEqual(await shown(course), [2, 9]);
  assert.deepEqual(await heldTypes(course), ['HumanGradeStands']);
  const applied = await rig.control.journalEntries({
    route: 'submitScore',
    contextId: course.contextId,
    applied: true,
  });
  assert.equal(applied.length, 3);
});

test('asks, and sends over the change once somebody has decided so', async () => {
  const course = await withTeachersChange('ask');
  assert.deepEqual(await heldTypes(course), ['HumanGradeUndecided']);
  const [id = ''] = (await heldScores(course)).map((score) => score.id);
  const decided = await policies.decide({ id, platforms: null, decision: 'send' });
  assert.equal(decided?.wasHeld, true);
  await (await rig.send(course)).result();
  assert.deepEqual(await shown(course), [9, 9]);
  const again = await policies.decide({ id, platforms: null, decision: 'keep' });
  assert.equal(again?.wasHeld, false);
});

test('keeps a grade that somebody gave before the tool ever sent one', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await policies.setOfContext({ id: course.context, platforms: null, policy: 'humanWins' });
  await rig.control.editGrade({ lineItemId: id, userId, score: 7 });
  await rig.accept(course, [{ column: { id }, userId, scoreGiven: 3 }]);
  await (await rig.send(course)).result();
  assert.deepEqual(await shown(course), [7]);
});

test('lets a column go by a policy of its own', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  const [userId = ''] = course.students;
  await rig.control.editGrade({ lineItemId: id, userId, score: 7 });
  await rig.accept(course, [{ column: { id }, userId, scoreGiven: 3 }]);
  const [row] = await rig.db<{ id: string; context: string }>('line_items').where({ context: course.context });
  const column = row?.id ?? '';
  await policies.setOfContext({ id: course.context, platforms: null, policy: 'humanWins' });
  await policies.setOfLineItem({ id: column, platforms: null, policy: 'toolWins' });
  await (await rig.send(course)).result();
  assert.deepEqual(await shown(course), [3]);
});

/** Two students got 5 from the tool; a teacher made it 2 for the first; then the tool says 9 for both. */
async function withTeachersChange(policy: 'toolWins' | 'humanWins' | 'ask'): Promise<RigCourse> {
  const course = await rig.createCourse({ students: 2 });
  const [id = ''] = course.columns;
  const [changed = ''] = course.students;
  await policies.setOfContext({ id: course.context, platforms: null, policy });
  for (const scoreGiven of [5, 9]) {
    await rig.accept(
      course,
      course.students.map((userId) => ({ column: { id }, userId, scoreGiven })),
    );
    await rig.db.raw('update scores set not_before = now() where context = ? and state = ?', [course.context, 'due']);
    await (await rig.send(course)).result();
    if (scoreGiven === 5) await rig.control.editGrade({ lineItemId: id, userId: changed, score: 2 });
  }
  return course;
}

async function shown({ contextId, students }: RigCourse): Promise<(number | null | undefined)[]> {
  const grades = await rig.control.gradebook({ contextId });
  return students.map((userId) => grades.find((grade) => grade.userId === userId)?.resultScore);
}

interface HeldScore {
  id: string;
  context: string;
  state: string;
  failure_type: string | null;
}

async function heldScores({ context }: RigCourse): Promise<HeldScore[]> {
  return rig.db<HeldScore>('scores').where({ context, state: 'held' });
}

async function heldTypes(course: RigCourse): Promise<(string | null)[]> {
  return (await heldScores(course)).map(({ failure_type }) => failure_type);
}

test('tells progress where no grade stands, and never takes one away by it', async () => {
  const course = await rig.createCourse({ students: 2 });
  const [id = ''] = course.columns;
  const [graded = '', fresh = ''] = course.students;
  await rig.control.editGrade({ lineItemId: id, userId: graded, score: 7 });
  const value = { scoreGiven: null, activityProgress: 'Started', gradingProgress: 'NotReady' } as const;
  await rig.accept(
    course,
    [graded, fresh].map((userId) => ({ column: { id }, userId, scoreGiven: 0, value })),
  );
  await (await rig.send(course)).result();
  assert.deepEqual(await shown(course), [7, null]);
  assert.deepEqual(await heldTypes(course), ['GradeStands']);
});
