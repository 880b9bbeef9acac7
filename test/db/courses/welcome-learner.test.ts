import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createLaunches, type LaunchToRecord } from '../../../db/courses/launches.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertScore,
  createTestVault,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const launches = createLaunches(db, { vault: createTestVault() });

interface Course {
  context: string;
  lineItem: string;
  launch: Omit<LaunchToRecord, 'launchedAt'>;
}

async function newCourse(): Promise<Course> {
  const platform = await insertPlatform(db);
  const { id: context, context_id: contextId } = await insertContext(db, { deployment: platform.deployment });
  const launch = { platformId: platform.platform_id, deploymentId: platform.deployment_id, contextId };
  const lineItem = (await insertLineItem(db, { context })).id;
  return { context, lineItem, launch: { ...launch, family: 'canvas', learnerId: 'ann' } };
}

const insertWaiting = async (
  { context, lineItem }: Course,
  state: 'held' | 'rejected',
  failure_type: string,
  userId = 'ann',
): Promise<string> => (await insertScore(db, { context, lineItem, userId, state, columns: { failure_type } })).id;

const stateOf = async (id: string): Promise<string | undefined> =>
  (await queryRows<{ state: string }>(db, 'select state from scores where id = ?', [id]))[0]?.state;

const inAMinute = (): Date => new Date(Date.now() + 60_000);

test('a learner who had left and launches is back, with what waited', async () => {
  const course = await newCourse();
  await insertMembership(db, { context: course.context, userId: 'ann', columns: { status: 'Inactive' } });
  const id = await insertWaiting(course, 'held', 'MemberLeft');
  const other = await insertWaiting(course, 'held', 'MemberLeft', 'bob');
  const recorded = await launches.record({ ...course.launch, launchedAt: inAMinute() });
  assert.deepEqual([recorded.resumed, recorded.changed], [1, true]);
  assert.deepEqual([await stateOf(id), await stateOf(other)], ['due', 'held']);
  assert.deepEqual(
    await queryRows(db, 'select status, missed_reads from memberships where context = ?', [course.context]),
    [{ status: 'Active', missed_reads: 0 }],
  );
  assert.deepEqual(
    await queryRows(db, 'select user_id, change from membership_changes where context = ?', [course.context]),
    [{ user_id: 'ann', change: 'returned' }],
  );
});

test('a launch that is older than the roster proves nothing', async () => {
  const course = await newCourse();
  await insertMembership(db, { context: course.context, userId: 'ann', columns: { status: 'Inactive' } });
  const id = await insertWaiting(course, 'held', 'MemberLeft');
  await db.raw('update contexts set roster_read_at = ? where id = ?', [inAMinute(), course.context]);
  await db.raw(`update scores set updated_at = now() - interval '1 hour' where id = ?`, [id]);
  assert.equal((await launches.record({ ...course.launch, launchedAt: new Date() })).resumed, 0);
  assert.equal(await stateOf(id), 'held');
});

test('what the LMS refused for want of an enrolment goes again, and what it refused for another reason does not', async () => {
  const course = await newCourse();
  const id = await insertWaiting(course, 'rejected', 'MemberNotInContext');
  const [row] = [await insertLineItem(db, { context: course.context })];
  const other = await insertWaiting({ ...course, lineItem: row.id }, 'rejected', 'AttemptsUsedUp');
  assert.equal((await launches.record({ ...course.launch, launchedAt: inAMinute() })).resumed, 1);
  assert.deepEqual([await stateOf(id), await stateOf(other)], ['due', 'rejected']);
});

test('a launch from before the refusal changes nothing, and neither does one by nobody in particular', async () => {
  const course = await newCourse();
  const id = await insertWaiting(course, 'rejected', 'MemberNotInContext');
  await launches.record({ ...course.launch, launchedAt: new Date(Date.now() - 60_000) });
  await launches.record({ ...course.launch, learnerId: undefined, launchedAt: inAMinute() });
  assert.equal(await stateOf(id), 'rejected');
});
