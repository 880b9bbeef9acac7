import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLikeASecret } from '../../api/bearer-secret.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../helpers/app.js';
import { createVisitor } from '../helpers/console.js';
import { eventually } from '../helpers/database.js';
import { insertApiKey } from '../helpers/factories.js';

const api = await createTestApi();
const { app, db, call } = api;

const reason = 'a test';
const idOf = (made: Json): string => textAt(made, 'id');
const keyOf = (made: Json): string => textAt(made, 'key');

async function make(change: object = {}, key = api.adminKey): Promise<Json> {
  const body = { name: 'x', scopes: ['admin'], reason, ...change };
  const made = await call('POST', '/v1/api-keys', { key, body });
  assert.equal(made.status, 201, made.text);
  return made.body;
}
const rotate = (id: string, change: object = {}, key = api.adminKey) =>
  call('POST', `/v1/api-keys/${id}/rotate`, { key, body: { reason, ...change } });
const statusOf = async (key: string): Promise<number> => (await call('GET', '/v1/whoami', { key })).status;
const soon = (ms: number): string => new Date(Date.now() + ms).toISOString();

test('tells any key who it is', async () => {
  const made = await make({ name: 'the tool', scopes: ['scores:write'], platforms: ['lms'] });
  const { body, text } = await call('GET', '/v1/whoami', { key: keyOf(made) });
  assert.deepEqual(
    [at(body, 'id'), at(body, 'name'), at(body, 'scopes'), at(body, 'platforms'), at(body, 'expiresAt')],
    [idOf(made), 'the tool', ['scores:write'], ['lms'], null],
    text,
  );
  assert.equal(at(body, 'lineage'), at((await call('GET', '/v1/whoami')).body, 'lineage'));
  assert.ok(!text.includes(keyOf(made)));
  assert.equal((await call('GET', '/v1/whoami', { key: null })).status, 401);
});

test('makes keys that scanners find, and that end when they are told to', async () => {
  const made = await make({ scopes: ['read'], expiresAt: soon(60_000) });
  const key = keyOf(made);
  assert.ok(isLikeASecret(key), key);
  assert.equal(await statusOf(key), 200);
  await db('api_keys')
    .where({ id: idOf(made) })
    .update({ expires_at: new Date(Date.now() + 300) });
  await eventually('the key is over', async () => (await statusOf(key)) === 401);
});

test('makes no key that has ended already, or that outlives the one that makes it', async () => {
  const past = { name: 'x', scopes: ['read'], reason, expiresAt: '2026-01-01T00:00:00Z' };
  const refused = await call('POST', '/v1/api-keys', { body: past });
  assert.deepEqual([refused.status, at(refused.body, 'pointer')], [400, '/expiresAt'], refused.text);
  const short = await make({ expiresAt: soon(60_000) });
  const inherits = await make({ scopes: ['read'] }, keyOf(short));
  assert.equal(at(inherits, 'expiresAt'), at(short, 'expiresAt'));
  const long = await call('POST', '/v1/api-keys', {
    key: keyOf(short),
    body: { name: 'x', scopes: ['read'], reason, expiresAt: soon(120_000) },
  });
  assert.deepEqual([long.status, problemOf(long.body)], [403, 'forbidden']);
});

test('ends a remembered key on time', async (t) => {
  const remembering = await createTestApi({ cleanup: t, db, settings: { callerCacheMs: 60_000 } });
  const key = keyOf(await make({ expiresAt: soon(60_000) }));
  assert.equal((await remembering.call('GET', '/v1/whoami', { key })).status, 200);
  remembering.clock.now = () => new Date(Date.now() + 60_001);
  await db.raw(`update api_keys set expires_at = now() where expires_at < now() + interval '61 seconds'`);
  assert.equal((await remembering.call('GET', '/v1/whoami', { key })).status, 401);
});

test('gives a key another secret, and takes the one before for as long as was asked', async () => {
  const made = await make({ scopes: ['read'], platforms: ['lms'] });
  const rotated = await rotate(idOf(made), { overlapHours: 2 });
  assert.equal(rotated.status, 200, rotated.text);
  const [old, fresh] = [keyOf(made), keyOf(rotated.body)];
  for (const name of ['id', 'name', 'scopes', 'platforms', 'lineage', 'createdBy', 'expiresAt']) {
    assert.deepEqual(at(rotated.body, name), at(made, name), name);
  }
  const [before, after] = [
    await call('GET', '/v1/whoami', { key: old }),
    await call('GET', '/v1/whoami', { key: fresh }),
  ];
  assert.equal(at(before.body, 'id'), at(after.body, 'id'));
  const left = Date.parse(textAt(before.body, 'secretExpiresAt')) - Date.now();
  assert.ok(left > 7_190_000 && left <= 7_200_000, `${left} ms`);
  assert.equal(at(after.body, 'secretExpiresAt'), null);
  await db.raw(`update former_api_secrets set expires_at = now()`);
  assert.deepEqual([await statusOf(old), await statusOf(fresh)], [401, 200]);
  const [entry] = await db('audit_entries')
    .where({ subject: idOf(made), action: 'api-keys.rotate' })
    .select<{ reason: string; details: object }[]>('reason', 'details');
  assert.deepEqual(entry, { reason, details: { overlapHours: 2 } });
});

test('ends secrets before one another at once where no overlap is left, even a remembered one', async (t) => {
  const remembering = await createTestApi({ cleanup: t, db, settings: { callerCacheMs: 60_000 } });
  const admin = keyOf(await make());
  const first = await make({ scopes: ['read'] }, admin);
  const id = idOf(first);
  const ask = async (key: string) => (await remembering.call('GET', '/v1/whoami', { key })).status;
  const turn = async (overlapHours?: number): Promise<string> => {
    const body = { reason, ...(overlapHours !== undefined && { overlapHours }) };
    return keyOf((await remembering.call('POST', `/v1/api-keys/${id}/rotate`, { key: admin, body })).body);
  };
  const second = await turn();
  assert.deepEqual([await ask(keyOf(first)), await ask(second)], [200, 200]);
  const third = await turn();
  assert.deepEqual([await ask(keyOf(first)), await ask(second), await ask(third)], [200, 200, 200]);
  const fourth = await turn(0);
  assert.deepEqual([await ask(keyOf(first)), await ask(second), await ask(third)], [401, 401, 401]);
  assert.equal(await ask(fourth), 200);
  for (const overlapHours of [-1, 721, 1.5]) assert.equal((await rotate(id, { overlapHours })).status, 400);
});

test('ends sessions with the secret that they were opened with', async () => {
  const made = await make();
  const visitor = createVisitor(app);
  await visitor.signIn(keyOf(made));
  assert.equal((await visitor.get('/console')).status, 200);
  const rotated = await rotate(idOf(made), { overlapHours: 1 });
  assert.equal((await visitor.get('/console')).status, 200);
  const late = createVisitor(app);
  await late.signIn(keyOf(made));
  const ends = await db('console_sessions')
    .where({ api_key: idOf(made) })
    .pluck<Date[]>('expires_at');
  for (const end of ends) assert.ok(end.getTime() <= Date.now() + 3_600_000, end.toISOString());
  await rotate(idOf(made), { overlapHours: 0 }, keyOf(rotated.body));
  for (const one of [visitor, late]) assert.equal((await one.get('/console')).status, 303);
});

test('lets nobody rotate a key that they have not made, for who rotates it holds it', async () => {
  const { secret: root } = await insertApiKey(db);
  const [ada, grace] = [await make({}, root), await make({}, root)];
  const refused = await rotate(idOf(grace), {}, keyOf(ada));
  assert.deepEqual([refused.status, problemOf(refused.body)], [403, 'forbidden']);
  assert.equal((await rotate(idOf(grace), {}, keyOf(grace))).status, 200);
  assert.equal((await rotate(idOf(ada), {}, root)).status, 200);
  const { secret: elsewhere } = await insertApiKey(db, { scopes: ['admin'], platforms: ['another'] });
  assert.equal((await rotate(idOf(ada), {}, elsewhere)).status, 404);
  await db('api_keys')
    .where({ id: idOf(ada) })
    .update({ is_bootstrap: true });
  const configured = await rotate(idOf(ada), {}, keyOf(ada));
  assert.deepEqual([configured.status, problemOf(configured.body)], [409, 'configured-elsewhere']);
  await db('api_keys')
    .where({ id: idOf(ada) })
    .update({ is_bootstrap: false });
});

test('revokes with a key all that was made with it, their sessions and kept answers, and nothing else', async () => {
  const root = await make();
  const child = await make({}, keyOf(root));
  const rotated = await rotate(idOf(child), {}, keyOf(root));
  const grandchild = await make({}, keyOf(rotated.body));
  const visitor = createVisitor(app);
  await visitor.signIn(keyOf(grandchild));
  const headers = { 'idempotency-key': 'kept' };
  await call('POST', '/v1/scores/retry', {
    key: keyOf(grandchild),
    headers,
    body: { filter: { contextId: 'none' }, reason },
  });
  assert.equal((await db('idempotency_keys').where({ api_key: idOf(grandchild) })).length, 1);
  const [beside, other] = [await make({}, keyOf(root)), await make()];
  await call('DELETE', `/v1/api-keys/${idOf(beside)}?reason=before`);

  assert.equal((await call('DELETE', `/v1/api-keys/${idOf(root)}?reason=stolen`)).status, 204);
  for (const made of [root, child, rotated.body, grandchild]) assert.equal(await statusOf(keyOf(made)), 401);
  assert.equal(await statusOf(keyOf(other)), 200);
  assert.equal((await visitor.get('/console')).status, 303);
  const [session] = await db('console_sessions')
    .where({ api_key: idOf(grandchild) })
    .pluck<Date[]>('revoked_at');
  assert.ok(session instanceof Date);
  assert.equal((await db('idempotency_keys').where({ api_key: idOf(grandchild) })).length, 0);
  const told = await db('audit_entries')
    .where({ action: 'api-keys.revoke', reason: 'stolen' })
    .pluck<string[]>('subject');
  assert.deepEqual(told.toSorted(), [root, child, grandchild].map(idOf).toSorted());
  const [detail] = await db('audit_entries')
    .where({ subject: idOf(root), reason: 'stolen' })
    .pluck<object[]>('details');
  assert.deepEqual(detail, { alsoRevoked: 2 });
  assert.equal((await call('DELETE', `/v1/api-keys/${idOf(child)}?reason=again`)).status, 404);
});

test('makes no key with one that is being revoked, whichever comes first', async () => {
  for (let round = 0; round < 10; round += 1) {
    const root = await make();
    const child = await make({}, keyOf(root));
    const body = { name: `late ${round}`, scopes: ['read'], reason };
    const [made] = await Promise.all([
      call('POST', '/v1/api-keys', { key: keyOf(child), body }),
      call('DELETE', `/v1/api-keys/${idOf(root)}?reason=stolen`),
    ]);
    assert.ok([201, 401].includes(made.status), made.text);
    if (made.status === 201) assert.equal(await statusOf(keyOf(made.body)), 401);
  }
});
