import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { call, db } = await createTestApi();
const platform = await insertPlatform(db);
const course = await insertContext(db, { deployment: platform.deployment });
const elsewhere = await insertContext(db, { deployment: platform.deployment });
for (const [userId, context, columns] of [
  ['final', course.id, { resource_id: 'quiz', tag: 'final' }],
  ['draft', course.id, { resource_id: 'quiz', tag: 'draft' }],
  ['essay', course.id, { resource_id: 'essay' }],
  ['other', elsewhere.id, { resource_id: 'quiz', tag: 'final' }],
] as const) {
  const lineItem = await insertLineItem(db, { context, columns });
  await insertScore(db, { context, lineItem: lineItem.id, userId });
}

async function usersFor(query: string): Promise<string[]> {
  const scores = at((await call('GET', `/v1/scores?${query}`)).body, 'scores');
  return Array.isArray(scores) ? scores.map((score) => textAt(score, 'userId')).toSorted() : [];
}

test('finds scores by our course, and by the resource and tag of their column', async () => {
  assert.deepEqual(await usersFor(`context=${course.id}`), ['draft', 'essay', 'final']);
  assert.deepEqual(await usersFor(`context=${course.id}&resourceId=quiz`), ['draft', 'final']);
  assert.deepEqual(await usersFor(`context=${course.id}&resourceId=quiz&tag=final`), ['final']);
  assert.deepEqual(await usersFor('tag=final'), ['final', 'other']);
});

test('finds scores in any of several states, by what they wait for, and by a failure without a state', async () => {
  const lineItem = await insertLineItem(db, { context: course.id, columns: { resource_id: 'states' } });
  const insert = (userId: string, change: object) =>
    insertScore(db, { context: course.id, lineItem: lineItem.id, userId, ...change });
  await insert('rejected', { state: 'rejected', columns: { failure_type: 'UserNotInContext' } });
  await insert('held', { state: 'held', columns: { failure_type: 'MemberLeft' } });
  await insert('done', { state: 'submitted' });
  await insert('night', { columns: { awaits_nightly: true } });
  await insert('resting', { columns: { not_before: '2100-01-01', failure_type: 'UserNotInContext' } });
  const at = 'resourceId=states';
  assert.deepEqual(await usersFor(`${at}&state=rejected&state=held`), ['held', 'rejected']);
  assert.deepEqual(await usersFor(`${at}&state=rejected&state=submitted`), ['done', 'rejected']);
  assert.deepEqual(await usersFor(`${at}&state=held`), ['held']);
  assert.deepEqual(await usersFor(`${at}&waitingFor=nightlyRun&waitingFor=enrolment`), ['held', 'night']);
  assert.deepEqual(await usersFor(`${at}&failureType=UserNotInContext`), ['rejected', 'resting']);
  for (const query of ['state=rejected,held', 'waitingFor=godot']) {
    assert.equal((await call('GET', `/v1/scores?${query}`)).status, 400, query);
  }
});
