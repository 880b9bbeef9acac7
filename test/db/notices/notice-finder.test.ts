import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createNoticeFinder } from '../../../db/notices/notice-finder.js';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, type Json } from '../../helpers/app.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';
import { insertNoticeEndpoint, listTold } from '../../helpers/notice-endpoints.js';

const api = await createTestApi();
const { db, call } = api;
const finder = createNoticeFinder(db);
/** What endpoints of earlier tests would hear, they do not hear any more. */
const alone = async (change: Parameters<typeof insertNoticeEndpoint>[1] = {}): Promise<string> => {
  await db.raw('delete from notice_endpoints');
  return insertNoticeEndpoint(db, change);
};
const tell = async (endpoint: string) => {
  await finder.find();
  return (await listTold(db, endpoint)).map(({ kind, status }) => `${kind} ${status}`);
};
let made = 0;
async function createCourse(platformId = `lms-${(made += 1)}`) {
  const platform = await insertPlatform(db, { platformId });
  const context = await insertContext(db, { deployment: platform.deployment, contextId: `course of ${platformId}` });
  await insertServiceKey(db, { context: context.id });
  const line = await insertLineItem(db, { context: context.id });
  return {
    platformId,
    platform: platform.id,
    gate: context.gate,
    context: context.id,
    contextId: `course of ${platformId}`,
    lineItem: line.id,
  };
}
const park = (table: 'contexts' | 'line_items', id: string, type: string | null) =>
  db(table)
    .where({ id })
    .update({ parked_type: type, parked_at: type && new Date(), parked_until: null });

test('tells once that a course is set aside, and once that it is not any more, and pairs the two', async () => {
  const endpoint = await alone();
  const course = await createCourse();
  await park('contexts', course.context, 'ContextConcluded');
  assert.deepEqual(await tell(endpoint), ['contextParked needsAttention']);
  assert.deepEqual(await tell(endpoint), ['contextParked needsAttention']);
  await park('contexts', course.context, null);
  assert.deepEqual(await tell(endpoint), ['contextParked needsAttention', 'contextParked recovered']);
  await tell(endpoint);
  const [begun, over, ...more] = await listTold(db, endpoint);
  assert.deepEqual(more, []);
  assert.ok(begun?.incident && begun.incident === over?.incident);
  assert.deepEqual(begun.facts['context'], course.context);
  await park('contexts', course.context, 'ContextConcluded');
  await tell(endpoint);
  const again = (await listTold(db, endpoint)).at(-1);
  assert.ok(again && again.status === 'needsAttention' && again.incident !== begun.incident);
  await park('contexts', course.context, null);
});

test('finds what health finds, and says the same', async () => {
  const course = await createCourse();
  const keyless = await createCourse();
  await db.raw('delete from service_keys where context = ?', [keyless.context]);
  await insertScore(db, { context: keyless.context, lineItem: keyless.lineItem, userId: 'ada' });
  await park('contexts', course.context, 'ContextConcluded');
  await park('line_items', course.lineItem, 'LineItemNotFound');
  await db('gates').where({ id: course.gate }).update({ breaker: 'open', breaker_type: 'PlatformUnavailable', breaker_opened_at: new Date() }); // prettier-ignore
  const run = { id: randomUUID(), kind: 'nightly', trigger: 'schedule', state: 'incomplete', trouble: ['timeLimit'] };
  await db('runs').insert({ ...run, started_at: new Date(), ends_by: new Date(), ended_at: new Date() });
  const endpoint = await alone();
  await finder.find();
  const told = await listTold(db, endpoint);
  const health = (await call('GET', '/v1/health/operations')).body;
  const sentences = [at(health, 'findings')].flat().map((finding: Json | undefined) => at(finding, 'sentence'));
  const kinds = ['breakerOpen', 'contextParked', 'launchNeeded', 'lineItemParked', 'nightIncomplete'];
  assert.deepEqual(told.map(({ kind }) => kind).toSorted(), kinds);
  for (const { sentence, kind } of told) assert.ok(sentences.includes(sentence), `${kind}: ${sentence}`);

  await park('contexts', course.context, null);
  await park('line_items', course.lineItem, null);
  await db('gates').where({ id: course.gate }).update({ breaker: 'halfOpen' });
  await insertServiceKey(db, { context: keyless.context });
  const next = { ...run, id: randomUUID(), state: 'running', trouble: [], started_at: new Date(), ended_at: null };
  await db('runs').insert({ ...next, ends_by: new Date(Date.now() + 60_000) });
  assert.equal((await tell(endpoint)).filter((line) => line.endsWith('recovered')).length, 3);
  await db('gates').where({ id: course.gate }).update({ breaker: 'closed' });
  await db('runs').where({ id: next.id }).update({ state: 'completed', ended_at: new Date() });
  const recovered = (await tell(endpoint)).filter((line) => line.endsWith('recovered'));
  assert.deepEqual(recovered.map((line) => line.split(' ')[0]).toSorted(), kinds);
  await db('scores').where({ context: keyless.context }).update({ state: 'submitted', submitted_revision: 1 });
});

test('an endpoint hears of its platforms, its platform, its course, and of the kinds that it wants', async () => {
  const [one, other] = [await createCourse(), await createCourse()];
  for (const { context } of [one, other]) await park('contexts', context, 'ContextConcluded');
  await alone();
  const heard = async (change: Parameters<typeof insertNoticeEndpoint>[1]) => {
    const endpoint = await insertNoticeEndpoint(db, change);
    await finder.find();
    return (await listTold(db, endpoint)).map(({ facts }) => facts['platformId']).toSorted();
  };
  const both = [one.platformId, other.platformId].toSorted();
  assert.deepEqual(await heard({}), both);
  assert.deepEqual(await heard({ platforms: [one.platformId] }), [one.platformId]);
  assert.deepEqual(await heard({ platforms: ['none'] }), []);
  assert.deepEqual(await heard({ platformId: other.platformId }), [other.platformId]);
  assert.deepEqual(await heard({ platforms: [one.platformId], platformId: other.platformId }), []);
  assert.deepEqual(await heard({ platformId: one.platformId, contextId: one.contextId }), [one.platformId]);
  assert.deepEqual(await heard({ platformId: one.platformId, contextId: other.contextId }), []);
  assert.deepEqual(await heard({ kinds: ['breakerOpen'] }), []);
  for (const { context } of [one, other]) await park('contexts', context, null);
});

test('tells the others that an endpoint is switched off, and not those of other tenants', async () => {
  const endpoint = await alone();
  const limited = await insertNoticeEndpoint(db, { platforms: ['mine'] });
  const off = await insertNoticeEndpoint(db, { url: 'https://gone.example/secret' });
  await db('notice_endpoints').where({ id: off }).update({ disabled_at: new Date(), disabled_by: 'gone' });
  assert.deepEqual(await tell(endpoint), ['endpointDisabled needsAttention']);
  assert.deepEqual(await tell(limited), []);
  assert.deepEqual(await tell(off), []);
  const [{ sentence = '', facts = {} } = {}] = await listTold(db, endpoint);
  assert.match(sentence, /https:\/\/gone\.example is switched off/);
  assert.ok(!JSON.stringify(facts).includes('/secret'));
  await db('notice_endpoints').where({ id: off }).update({ disabled_at: null, disabled_by: null });
  assert.deepEqual(await tell(endpoint), ['endpointDisabled needsAttention', 'endpointDisabled recovered']);
});

test('sums up rejected scores when the time has come, and says nothing of none', async () => {
  const course = await createCourse();
  const other = await createCourse();
  const endpoint = await alone({ kinds: ['scoresRejected'], platformId: course.platformId });
  const pass = () => db.raw(`update notice_endpoints set digest_from = digest_from - interval '1 day'`);
  await pass();
  assert.deepEqual(await tell(endpoint), []);
  for (const userId of ['canary-ada', 'canary-ben']) {
    await insertScore(db, { context: course.context, lineItem: course.lineItem, userId, state: 'rejected' });
    await insertScore(db, { context: other.context, lineItem: other.lineItem, userId, state: 'rejected' });
  }
  assert.deepEqual(await tell(endpoint), [], 'it is not due');
  await pass();
  assert.deepEqual(await tell(endpoint), ['scoresRejected told']);
  const [told] = await listTold(db, endpoint);
  assert.equal(told?.facts['count'], 2);
  assert.ok(!JSON.stringify(told).includes('canary'));
  assert.deepEqual(await tell(endpoint), ['scoresRejected told']);
});

test('tells what became of each score once, by our ids only, in messages of a hundred', async () => {
  const course = await createCourse();
  const endpoint = await alone({ kinds: ['scoreOutcome'] });
  const scores: string[] = [];
  for (let index = 0; index < 120; index += 1) {
    const state = index % 2 === 0 ? 'submitted' : 'due';
    const of = { context: course.context, lineItem: course.lineItem, userId: `canary-${index}` };
    scores.push((await insertScore(db, { ...of, state })).id);
  }
  await settle();
  assert.equal((await tell(endpoint)).length, 60);
  await db('scores').whereIn('id', scores).where({ state: 'due' }).update({ state: 'rejected', failure_type: 'ScoreRejected', updated_at: db.fn.now() }); // prettier-ignore
  await settle();
  assert.equal((await tell(endpoint)).length, 120);
  await db('scores').whereIn('id', scores).where({ state: 'submitted' }).update({ updated_at: db.fn.now() });
  await settle();
  assert.equal((await tell(endpoint)).length, 120, 'nothing new became of any');
  const told = await listTold(db, endpoint);
  assert.deepEqual(told.map(({ facts }) => facts['score']).toSorted(), scores.toSorted());
  assert.ok(!JSON.stringify(told).includes('canary'));
  const sizes = await queryRows<{ count: number }>(db, 'select count(*)::int as count from notices where endpoint = ? group by delivery order by 1', [endpoint]); // prettier-ignore
  assert.deepEqual(sizes.map(({ count }) => count), [60, 60]); // prettier-ignore
});

test('two that look at once tell it once', async () => {
  const endpoint = await alone();
  const course = await createCourse();
  await park('contexts', course.context, 'ContextConcluded');
  await Promise.all([finder.find(), finder.find(), finder.find()]);
  assert.deepEqual(await tell(endpoint), ['contextParked needsAttention']);
  await park('contexts', course.context, null);
});

/** Changes are read some two seconds after they were made: as if that had passed. */
async function settle(): Promise<void> {
  await db.raw('alter table scores disable trigger user');
  await db.raw(`update scores set updated_at = updated_at - interval '3 seconds'`);
  await db.raw('alter table scores enable trigger user');
  await db.raw(`update notice_endpoints set outcomes_at = outcomes_at - interval '3 seconds'`);
}
