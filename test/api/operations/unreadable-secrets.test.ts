import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, problemOf } from '../../helpers/app.js';
import { createTestVault, insertApiKey, insertPlatform } from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call } = api;

const findingsOf = async (key?: string): Promise<string[]> => {
  const { body } = await call('GET', '/v1/health/operations', key === undefined ? {} : { key });
  const found = at(body, 'findings');
  return (Array.isArray(found) ? found : [])
    .filter((finding) => at(finding, 'type') === 'secretsUnreadable')
    .map((finding) => JSON.stringify(at(finding, 'sentence')));
};

test('health tells of data keys that cannot be unwrapped, to those who see their platform, and of nothing else', async () => {
  const { id, platform_id: platformId } = await insertPlatform(db);
  const vault = createTestVault();
  for (const owner of [id, null]) await vault.lockSealer(db, owner);
  assert.deepEqual(await findingsOf(), []);
  await db('data_keys').where({ platform: id }).update({ wrapped_by: 'gone' });
  await db('data_keys')
    .whereNull('platform')
    .update({ wrapped: Buffer.alloc(60) });
  const ofPlatform = `The service keys of ${platformId} cannot be decrypted: ENCRYPTION_KEYS lacks "gone".`;
  const other = await createTestApi({ db });
  const { body } = await other.call('GET', '/v1/health/operations');
  const text = JSON.stringify(body);
  assert.ok(text.includes(JSON.stringify(ofPlatform).slice(1, -1)), text);
  assert.match(
    text,
    /Webhook secrets and notice endpoints cannot be decrypted: ENCRYPTION_KEYS has another key as \\"test/,
  );
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: [platformId] });
  const limited = JSON.stringify((await other.call('GET', '/v1/health/operations', { key: secret })).body);
  assert.ok(limited.includes(platformId) && !limited.includes('Webhook secrets'), limited);
});

test('what cannot be decrypted is answered with 503, and never as if it were not there', async () => {
  const headers = { 'idempotency-key': 'kept' };
  const body = { name: 'x', scopes: ['read'], reason: 'x' };
  await db('data_keys').whereNull('platform').delete();
  await call('POST', '/v1/api-keys', { body, headers });
  await db('idempotency_keys')
    .where({ key: 'kept' })
    .update({ body: Buffer.alloc(40) });
  const again = await call('POST', '/v1/api-keys', { body, headers });
  assert.deepEqual([again.status, problemOf(again.body)], [503, 'secrets-unreadable']);
});
