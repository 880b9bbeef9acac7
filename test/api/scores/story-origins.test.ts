/** Stories of scores that nobody sent yet: where they came from, and who may read that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineItems } from '../../../db/courses/line-items.js';
import { queryRows } from '../../../db/server/knex.js';
import { createWebhookStore } from '../../../db/webhooks/webhook-store.js';
import { DEFAULT_SOURCE_LIMITS } from '../../../domain/webhook-source.js';
import { at, createTestApi, textAt, type Json } from '../../helpers/app.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
  createTestVault,
} from '../../helpers/factories.js';
import { kindsOf } from '../../helpers/stories.js';
import { namingMapping, STANDARD_SECRET } from '../../helpers/webhooks.js';

const { db, call } = await createTestApi();
const { platform_id: platformId, deployment } = await insertPlatform(db);
const { id: context, context_id: contextId } = await insertContext(db, { deployment });
await insertServiceKey(db, { context });
const { id: lineItem, line_item_id } = await insertLineItem(db, { context });
const lineItemId = line_item_id ?? '';

async function handIn(userId: string, scoreGiven: number, column: object = { id: lineItemId }): Promise<string> {
  const body = { platformId, contextId, userId, scoreGiven, scoreMaximum: 10, lineItem: column };
  return textAt((await call('POST', '/v1/scores', { body })).body, 'scores', 0, 'id');
}

async function storyOf(id: string, key?: string): Promise<Json> {
  const { status, body, text } = await call('GET', `/v1/scores/${id}/story`, key === undefined ? {} : { key });
  assert.equal(status, 200, text);
  return body;
}

test('names the webhook event that brought a value, but not to a key of some platforms', async () => {
  const store = createWebhookStore(db, createTestVault());
  const made = await store.sources.insert({
    ...{ name: 'grader', platforms: null, secret: STANDARD_SECRET, limits: DEFAULT_SOURCE_LIMITS },
    verification: { scheme: 'standardWebhooks' },
    mapping: namingMapping(platformId, { column: { id: { value: lineItemId } } }),
  });
  const graded = { type: 'graded', student: 'ada', course: contextId, grade: 7, max: 10, at: '2026-11-20T10:00:00Z' };
  const event = { source: made?.id ?? '', eventId: 'msg_1', digest: Buffer.alloc(32), body: JSON.stringify(graded) };
  const { id: eventUuid } = await store.events.store(event);
  await store.processor.process({ limit: 10 });
  const [score = ''] = await db('scores').where({ user_id: 'ada', context }).pluck<string[]>('id');
  const origin = { source: 'event', id: eventUuid, requestId: null };
  assert.deepEqual(at(await storyOf(score), 'timeline', 0, 'origin'), { ...origin, name: 'grader: msg_1' });
  const { secret: key } = await insertApiKey(db, { scopes: ['read'], platforms: [platformId] });
  assert.deepEqual(at(await storyOf(score, key), 'timeline', 0, 'origin'), { ...origin, name: null });
});

test('is not there for a key that may not see the platform', async () => {
  const id = await handIn('bob', 5);
  const { secret: key } = await insertApiKey(db, { scopes: ['read'], platforms: ['another'] });
  assert.equal((await call('GET', `/v1/scores/${id}/story`, { key })).status, 404);
  const { secret: writer } = await insertApiKey(db, { scopes: ['scores:write'] });
  assert.equal((await call('GET', `/v1/scores/${id}/story`, { key: writer })).status, 403);
});

test('tells the newest revisions and calls only, and how many are left out', async () => {
  const id = await handIn('cyd', 5);
  await db.raw(
    `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
     select ?, 1, 'submit', 'retryable', now() + n * interval '1 second', 1, 1 from generate_series(1, 80) as n`,
    [id],
  );
  await db.raw(
    `insert into score_revisions (score, revision, changed_at, source)
     select ?, n, now(), 'unknown' from generate_series(2, 70) as n`,
    [id],
  );
  const story = await storyOf(id);
  assert.deepEqual(at(story, 'leftOut'), { revisions: 20, attempts: 30 });
  for (const kind of ['sent', 'received']) assert.equal(kindsOf(story).filter((one) => one === kind).length, 50);
});

test('says so where it is not kept from whom a score came', async () => {
  const { id } = await insertScore(db, { context, lineItem, userId: 'dan' });
  const story = await storyOf(id);
  assert.deepEqual(kindsOf(story), ['received', 'waiting']);
  assert.match(textAt(story, 'timeline', 0, 'sentence'), /from whom was not kept/);
});

test('tells that another score took its place, and where that is', async () => {
  const resourceId = 'essay';
  const column = await insertLineItem(db, { context });
  const ids = [
    await handIn('eve', 5, { id: column.line_item_id }),
    await handIn('eve', 6, { resourceId, label: 'Essay', scoreMaximum: 10 }),
  ];
  await createLineItems(db).storeListed(context, [{ id: column.line_item_id ?? '', resourceId }]);
  const [ended, winner] = await queryRows<{ id: string; superseded_by: string | null }>(
    db,
    'select id, superseded_by from scores where id = any (?::uuid[]) order by superseded_by nulls last',
    [ids],
  );
  assert.ok(ended && winner && ended.superseded_by === winner.id);
  const story = await storyOf(ended.id);
  assert.match(textAt(story, 'verdict'), /^At its end: its column turned out to be the same as another/);
  const path = `/v1/scores/${winner.id}/story`;
  assert.deepEqual(at(story, 'help'), [
    { sentence: 'Look at the score that counts.', call: { method: 'GET', path, body: null } },
  ]);
  assert.match(textAt(story, 'forStudent'), /There is a newer grade of yours/);
});
