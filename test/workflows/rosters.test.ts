import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, type RigCourse } from '../helpers/rig.js';

const rig = await createRig();

test('keeps the score of a student who left, and sends it by itself when he is back', async () => {
  const course = await rig.createCourse({ family: 'openedx', students: 2 });
  // Staff of Open edX are learners too.
  const [stays = '', leaves = ''] = course.students.slice(1);
  await readRoster(course);
  await rig.control.unenroll({ contextId: course.contextId }, leaves);
  await readRoster(course);
  await accept(course, 5);
  await sync(course);
  assert.deepEqual(await shown(course), { [stays]: 5, [leaves]: 5 }, 'one miss proves nothing');
  await readRoster(course);
  await accept(course, 8);
  await sync(course);
  assert.deepEqual(await shown(course), { [stays]: 8, [leaves]: 5 });
  assert.deepEqual(await heldOf(course), [{ user_id: leaves, failure_type: 'MemberLeft' }]);
  await rig.control.updateMember({ contextId: course.contextId }, leaves, { status: 'Active' });
  await readRoster(course);
  assert.deepEqual(await shown(course), { [stays]: 8, [leaves]: 8 });
});

test('sends nothing for test users and observers, and leaves staff and strangers to the LMS', async () => {
  const course = await rig.createCourse({
    family: 'openedx',
    context: { students: 1, testUser: true, observers: 1, members: [{ userId: 'aide', roles: ['Instructor'] }] },
  });
  const { members } = await rig.control.getContext({ contextId: course.contextId });
  const observer = members.find(({ roles }) => roles.some((role) => role.endsWith('#Mentor')))?.userId ?? '';
  const tester = members.find(({ roles }) => roles.some((role) => role.endsWith('#TestUser')))?.userId ?? '';
  const [student = ''] = course.students.filter((userId) => userId !== tester);
  await readRoster(course);
  const [id = ''] = course.columns;
  const users = [student, observer, tester, 'aide'];
  await rig.accept(
    course,
    users.map((userId) => ({ column: { id }, userId, scoreGiven: 4 })),
  );
  await sync(course);
  assert.deepEqual(await shown(course), { [student]: 4, aide: 4 });
  assert.deepEqual(
    (await heldOf(course)).map(({ failure_type }) => failure_type),
    ['MemberHasNoGrades', 'MemberHasNoGrades'],
  );
});

test('reads a roster whose next pages come without a host', async () => {
  const settings = { rosterPageSize: 2, relativeNext: true };
  const course = await rig.createCourse({ family: 'canvas', students: 5, settings });
  await readRoster(course);
  assert.equal((await rig.db('memberships').where({ context: course.context })).length, 6);
});

test('reads a roster whose next pages nobody can find as incomplete, and stops nobody else', async () => {
  const course = await rig.createCourse({ family: 'canvas', students: 2 });
  const beside = await rig.createCourse({ beside: course, students: 2 });
  const body = { members: [{ userId: course.students[0], roles: ['Learner'] }], next: '/courses/7?page=2' };
  const match = { route: 'memberships', contextId: course.contextId } as const;
  const fault = await rig.control.addFault({ match, action: { kind: 'status', status: 200, body } });
  await readRoster(course);
  await rig.control.removeFault(fault.id);
  assert.equal((await rig.db('memberships').where({ context: course.context })).length, 1);
  const [gate] = await rig.db<{ id: string; breaker: string }>('gates').where({ id: course.gate });
  assert.equal(gate?.breaker, 'closed');
  await accept(beside, 5);
  await sync(beside);
  assert.deepEqual(await shown(beside), { [beside.students[1] ?? '']: 5 });
});

test('reads a roster of several pages whole, or takes nothing over', async () => {
  const course = await rig.createCourse({ family: 'openedx', students: 120 });
  const match = { route: 'memberships', contextId: course.contextId } as const;
  const tooLarge = { kind: 'lmsStatus', status: 403, body: { error: 'above_response_limit' } } as const;
  await rig.control.addFault({ match, skip: 1, times: 1, action: tooLarge });
  await readRoster(course);
  assert.equal((await rig.db('memberships').where({ context: course.context })).length, 0);
  await readRoster(course);
  assert.equal((await rig.db('memberships').where({ context: course.context })).length, 121);
});

test('does not take an empty list for a roster', async () => {
  const course = await rig.createCourse({ students: 2 });
  await readRoster(course);
  const { members } = await rig.control.getContext({ contextId: course.contextId });
  for (const { userId } of members) await rig.control.unenroll({ contextId: course.contextId }, userId);
  for (let times = 0; times < 3; times += 1) await readRoster(course);
  const left = await rig.db('memberships').where({ context: course.context, status: 'Inactive' });
  assert.equal(left.length, 0);
});

test('sends what an LMS had refused for want of an enrolment once the roster shows the student', async () => {
  const course = await rig.createCourse({ students: 1 });
  const [id = ''] = course.columns;
  await readRoster(course);
  await rig.accept(course, [{ column: { id }, userId: 'late', scoreGiven: 6 }]);
  await sync(course);
  const rejected = await rig.db('scores').where({ context: course.context, state: 'rejected' });
  assert.equal(rejected.length, 1);
  await rig.control.addMember({ contextId: course.contextId }, { userId: 'late' });
  await readRoster(course);
  assert.deepEqual(await shown(course), { late: 6 });
});

test('does not wait for a platform that rests for long', async () => {
  const course = await rig.createCourse({ students: 1 });
  await rig.db.raw(
    `update gates set breaker = 'open', breaker_type = 'PlatformUnavailable',
       blocked_until = now() + interval '1 hour' where id = ?`,
    [course.gate],
  );
  await readRoster(course);
  assert.deepEqual(await rig.control.journalEntries({ route: 'memberships', contextId: course.contextId }), []);
});

const readRoster = async (course: RigCourse): Promise<void> => {
  await (await rig.sync(course, { roster: true })).result();
  await rig.settle(course);
};
const sync = async (course: RigCourse): Promise<void> => void (await (await rig.send(course)).result());

async function accept(course: RigCourse, scoreGiven: number): Promise<void> {
  const [id = ''] = course.columns;
  await rig.accept(
    course,
    course.students.slice(1).map((userId) => ({ column: { id }, userId, scoreGiven })),
  );
  await rig.db.raw('update scores set not_before = now() where context = ?', [course.context]);
}

async function shown({ contextId }: RigCourse): Promise<Record<string, number | null>> {
  const grades = await rig.control.gradebook({ contextId });
  return Object.fromEntries(grades.map(({ userId, resultScore }) => [userId, resultScore]));
}

async function heldOf({ context }: RigCourse): Promise<{ user_id: string; failure_type: string | null }[]> {
  return rig.db('scores').select('user_id', 'failure_type').where({ context, state: 'held' });
}
