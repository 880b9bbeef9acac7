import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertApiKey, insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { call, db } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms' });
const { id: context } = await insertContext(db, { deployment: platform.deployment });
const { id: lineItem } = await insertLineItem(db, { context });
for (const userId of ['ada', 'bob', 'cy']) await insertScore(db, { context, lineItem, userId });

async function read(query: string, key?: string) {
  const { status, body } = await call('GET', `/v1/scores?${query}`, key === undefined ? {} : { key });
  assert.equal(status, 200, JSON.stringify(body));
  const scores = at(body, 'scores');
  const users = Array.isArray(scores) ? scores.map((score) => textAt(score, 'userId')) : [];
  return { users, cursor: textAt(body, 'nextCursor'), readUntil: textAt(body, 'readUntil') };
}

/** Polls as a tool does, until it has met that many scores. */
async function poll(begin: string, count: number, rest = ''): Promise<{ users: string[]; cursor: string }> {
  const met: string[] = [];
  let query = begin;
  await eventually('scores that changed', async () => {
    const { users, cursor } = await read(`${query}${rest}`);
    met.push(...users);
    query = `cursor=${encodeURIComponent(cursor)}`;
    return met.length >= count;
  });
  return { users: met, cursor: query };
}

test('hands a tool that polls what changed, by the cursor of the page before', async () => {
  const first = await poll('updatedAfter=2020-01-01T00:00:00Z', 3, '&limit=2');
  assert.deepEqual(first.users, ['ada', 'bob', 'cy']);
  await db.raw(`update scores set tries = 1, updated_at = now() where user_id = 'ada'`);
  const next = await poll(first.cursor, 1, '&platformId=lms');
  assert.deepEqual(next.users, ['ada']);
  const idle = await read(next.cursor);
  assert.deepEqual(idle.users, []);
  assert.match(idle.readUntil, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  // What was read until is a time to begin at, too.
  assert.deepEqual((await read(`updatedAfter=${encodeURIComponent(idle.readUntil)}`)).users, []);
});

test('shows a limited key its platforms only', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['elsewhere'] });
  await poll('updatedAfter=2020-01-01T00:00:00Z', 3);
  assert.deepEqual((await read('updatedAfter=2020-01-01T00:00:00Z', secret)).users, []);
});

test('refuses a time that is none, and a cursor of the other order beside one', async () => {
  const other = textAt((await call('GET', '/v1/scores?limit=1')).body, 'nextCursor');
  for (const query of [
    'updatedAfter=yesterday',
    'updatedAfter=0000-01-01T00:00:00Z',
    'updatedAfter=2026-02-30T00:00:00Z',
    'updatedAfter=2026-11-27T00:00:00',
    `updatedAfter=2026-11-27T00:00:00Z&cursor=${other}`,
  ]) {
    assert.equal((await call('GET', `/v1/scores?${query}`)).status, 400, query);
  }
  assert.equal(at((await call('GET', `/v1/scores?limit=1&cursor=${other}`)).body, 'readUntil'), null);
});
