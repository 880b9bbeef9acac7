import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { call, db } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms' });
const course = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const other = await insertContext(db, { deployment: platform.deployment, contextId: 'other' });
const quiz = await insertLineItem(db, { context: course.id });
const gone = await insertLineItem(db, {
  context: other.id,
  columns: { parked_type: 'LineItemGone', parked_at: new Date() },
});
for (const state of ['due', 'due', 'rejected', 'submitted'] as const) {
  await insertScore(db, { context: course.id, lineItem: quiz.id, state });
}
await insertScore(db, { context: other.id, lineItem: gone.id, state: 'submitted' });

const uuidsIn = async (query: string, key?: string): Promise<unknown[]> => {
  const { body } = await call('GET', `/v1/line-items${query}`, key === undefined ? {} : { key });
  const listed = at(body, 'lineItems');
  return Array.isArray(listed) ? listed.map((row) => at(row, 'uuid')) : [];
};

test('lists columns over all courses, of one course, and those set aside', async () => {
  assert.deepEqual((await uuidsIn('')).toSorted(), [quiz.id, gone.id].toSorted());
  assert.deepEqual(await uuidsIn(`?context=${course.id}`), [quiz.id]);
  assert.deepEqual(await uuidsIn('?parked=true'), [gone.id]);
  assert.deepEqual(await uuidsIn('?parked=false&platformId=lms'), [quiz.id]);
  assert.deepEqual(await uuidsIn('?platformId=lms&contextId=other'), [gone.id]);
  assert.deepEqual(await uuidsIn('?deploymentId=none-such'), []);
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['elsewhere'] });
  assert.deepEqual(await uuidsIn('', secret), []);
  assert.equal((await call('GET', `/v1/line-items/${quiz.id}`, { key: secret })).status, 404);
});

test('shows a column with its course and the number of its scores in each state', async () => {
  const { body } = await call('GET', `/v1/line-items/${quiz.id}`);
  assert.equal(at(body, 'context'), course.id);
  assert.equal(at(body, 'contextId'), 'course');
  assert.deepEqual(at(body, 'scores'), { due: 2, rejected: 1, submitted: 1 });
  assert.equal(at((await call('GET', `/v1/line-items/${gone.id}`)).body, 'parked', 'type'), 'LineItemGone');
});

test('shows a course with the number of its scores in each state', async () => {
  const { body } = await call('GET', `/v1/contexts/${other.id}`);
  assert.deepEqual(at(body, 'scores'), { submitted: 1 });
});
