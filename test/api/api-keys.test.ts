import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { at, createTestApi, textAt } from '../helpers/app.js';
import { insertApiKey } from '../helpers/factories.js';

const { db, call } = await createTestApi();

const makeKey = (change: object, key: string) =>
  call('POST', '/v1/api-keys', { key, body: { name: 'x', scopes: ['read'], reason: 'x', ...change } });

test('shows a new API key once, takes it, and refuses it when it is revoked', async () => {
  const made = await call('POST', '/v1/api-keys', { body: { name: 'tool', scopes: ['read'], reason: 'for the tool' } });
  assert.equal(made.status, 201, made.text);
  const key = textAt(made.body, 'key');
  assert.equal((await call('GET', '/v1/contexts', { key })).status, 200);
  assert.equal((await makeKey({ scopes: ['admin'] }, key)).status, 403);
  const listed = await call('GET', '/v1/api-keys');
  assert.ok(!listed.text.includes(key));
  const [admin = ''] = await db('api_keys')
    .where({ id: textAt(made.body, 'createdBy') })
    .pluck<string[]>('name');
  assert.equal(textAt(listed.body, 'apiKeys', 0, 'createdByName'), admin);
  const revoked = await call('DELETE', `/v1/api-keys/${textAt(made.body, 'id')}?reason=done`);
  assert.equal(revoked.status, 204, revoked.text);
  assert.equal((await call('GET', '/v1/contexts', { key })).status, 401);
  const audit = await queryRows<{ action: string; reason: string | null }>(
    db,
    'select action, reason from audit_entries order by id',
  );
  assert.deepEqual(audit.slice(-2), [
    { action: 'api-keys.create', reason: 'for the tool' },
    { action: 'api-keys.revoke', reason: 'done' },
  ]);
});

test('lets a limited admin make no key that reaches further, and see no such key', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['admin'], platforms: ['one'] });
  const wide = await makeKey({ platforms: ['two'] }, secret);
  assert.equal(wide.status, 403);
  const narrow = await makeKey({}, secret);
  assert.deepEqual(at(narrow.body, 'platforms'), ['one']);
  const listed = at((await call('GET', '/v1/api-keys', { key: secret })).body, 'apiKeys');
  assert.equal(Array.isArray(listed) && listed.length, 2);
  const { id, secret: madeByAll } = await insertApiKey(db, { platforms: ['one'], scopes: ['admin'] });
  await db('api_keys')
    .where({ id })
    .update({ created_by: (await insertApiKey(db)).id });
  const [newest] = [at((await call('GET', '/v1/api-keys?limit=1', { key: madeByAll })).body, 'apiKeys', 0)];
  assert.deepEqual([at(newest, 'id'), at(newest, 'createdByName')], [id, null]);
});

test('lists API keys page by page, newest first, and by whether they live', async () => {
  for (let made = 0; made < 5; made += 1) await insertApiKey(db, { platforms: ['paged'] });
  const { secret: key } = await insertApiKey(db, { scopes: ['admin'], platforms: ['paged'] });
  const { id: revoked } = await insertApiKey(db, { platforms: ['paged'], columns: { revoked_at: new Date() } });
  const seen: string[] = [];
  for (let query: string | null = '?limit=2'; query !== null;) {
    const { body } = await call('GET', `/v1/api-keys${query}`, { key });
    const page = at(body, 'apiKeys');
    assert.ok(Array.isArray(page));
    seen.push(...page.map((one) => textAt(one, 'id')));
    const next = at(body, 'nextCursor');
    query = typeof next === 'string' ? `?limit=2&cursor=${next}` : null;
  }
  assert.equal(seen.length, 7);
  assert.equal(seen[0], revoked);
  assert.equal(new Set(seen).size, 7);

  const dead = at((await call('GET', '/v1/api-keys?revoked=true', { key })).body, 'apiKeys');
  assert.deepEqual(Array.isArray(dead) && dead.map((one) => at(one, 'id')), [revoked]);
  const living = at((await call('GET', '/v1/api-keys?revoked=false', { key })).body, 'apiKeys');
  assert.equal(Array.isArray(living) && living.length, 6);
});
