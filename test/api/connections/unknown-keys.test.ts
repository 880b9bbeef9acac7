import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { hashSecret, makeSecret } from '../../../api/bearer-secret.js';
import { createTestApi, textAt } from '../../helpers/app.js';
import { insertApiKey } from '../../helpers/factories.js';

/** Any shape that the configuration takes. */
const CONFIGURED = 'a-key-of-the-configuration';
const clock = { at: Date.parse('2026-11-27T10:00:00Z') };
const api = await createTestApi({
  settings: { trustProxy: 1, bootstrapHashes: [hashSecret(CONFIGURED).toString('base64')] },
});
api.clock.now = () => new Date(clock.at);
const { db, call } = api;

async function countStatements(run: () => Promise<unknown>): Promise<number> {
  let statements = 0;
  const count = ({ sql }: { sql: string }): void => void (/api_keys/.test(sql) && (statements += 1));
  db.on('query', count);
  await run();
  db.off('query', count);
  return statements;
}

const ask = async (key: string, address = '10.0.0.1'): Promise<number> =>
  (await call('GET', '/v1/api-keys', { key, headers: { 'x-forwarded-for': address } })).status;

test('refuses what is no key without a statement, and an unknown one again', async () => {
  const statements = await countStatements(async () => {
    const real = makeSecret();
    const mistyped = `${real.slice(0, -1)}${real.endsWith('x') ? 'y' : 'x'}`;
    for (const key of ['short', 'x'.repeat(201), 'sch\u00f6n-und-lang', 'like-any-key', mistyped, real.toUpperCase()]) {
      assert.equal(await ask(key), 401);
    }
  });
  assert.equal(statements, 0);
  const unknown = makeSecret();
  assert.equal(await countStatements(() => ask(unknown)), 1);
  assert.equal(await countStatements(() => ask(unknown)), 0);
  assert.equal(await ask(unknown), 401);
});

test('looks up so many unknown keys of an address in a minute, and right ones always', async () => {
  clock.at += 60_000;
  const tried = await countStatements(async () => {
    const statuses = new Set<number>();
    for (let index = 0; index < 300; index += 1) statuses.add(await ask(makeSecret()));
    assert.deepEqual([...statuses], [401, 429]);
  });
  assert.ok(tried <= 21, `${tried} statements`);
  const refused = await call('GET', '/v1/contexts', { key: makeSecret(), headers: { 'x-forwarded-for': '10.0.0.1' } });
  assert.equal(refused.headers['retry-after'], '60');

  assert.equal(await ask(makeSecret(), '10.0.0.2'), 401);
  assert.equal(await ask(api.adminKey), 200);
  const made = await call('POST', '/v1/api-keys', { body: { name: 'new', scopes: ['admin'], reason: 'a test' } });
  clock.at += 1_000;
  assert.equal(await ask(textAt(made.body, 'key')), 200, 'a key that was made since');
  const { secret: revoked } = await insertApiKey(db, { columns: { revoked_at: new Date() } });
  assert.equal(await ask(revoked), 429);

  clock.at += 60_000;
  assert.equal(await ask(makeSecret()), 401);
});

test('counts a whole network of IPv6 as one address, and what comes from everywhere together', async () => {
  clock.at += 60_000;
  const statuses: number[] = [];
  for (let host = 1; host <= 25; host += 1) statuses.push(await ask(makeSecret(), `2001:db8::${host.toString(16)}`));
  assert.deepEqual(statuses.slice(18, 22), [401, 401, 429, 429]);
  assert.equal(await ask(makeSecret(), '2001:db8:0:1::1'), 401);

  const tried = await countStatements(async () => {
    for (let host = 0; host < 1_200; host += 1) await ask(makeSecret(), [...randomBytes(4)].join('.'));
  });
  assert.ok(tried <= 1_001, `${tried} statements`);
  assert.equal(await ask(api.adminKey, '10.9.9.9'), 200);
});

test('takes a key of the configuration, whatever its shape', async () => {
  clock.at += 60_000;
  await api.deps.store.apiKeys.setBootstrapKey(hashSecret(CONFIGURED), 'tion');
  assert.equal(await ask(CONFIGURED), 200);
});

test('counts what has no shape of a key for its address alone, and never looks it up', async () => {
  clock.at += 60_000;
  const statuses = new Set<number>();
  const statements = await countStatements(async () => {
    for (let tried = 0; tried < 40; tried += 1) statuses.add(await ask(`not-a-key-${tried}`, '10.1.1.1'));
  });
  assert.deepEqual([[...statuses], statements], [[401, 429], 0]);
  const refused = await call('GET', '/v1/whoami', { key: 'not-a-key', headers: { 'x-forwarded-for': '10.1.1.1' } });
  assert.equal(refused.headers['retry-after'], '60');
  assert.equal(await ask(api.adminKey, '10.1.1.1'), 200);
  assert.equal(await ask('not-a-key', '10.1.1.2'), 401);
});
