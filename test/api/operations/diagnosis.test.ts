import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt, type Json } from '../../helpers/app.js';
import { insertApiKey, insertPlatform } from '../../helpers/factories.js';
import { createLtiaasClient } from '../../../ltiaas/client.js';

const api = await createTestApi();

async function check(name: string, key = api.adminKey): Promise<string> {
  const { status, body, text } = await api.call('GET', '/v1/diagnosis', { key });
  assert.equal(status, 200, text);
  const checks = at(body, 'checks');
  const found = (Array.isArray(checks) ? checks : []).find((one: Json) => at(one, 'name') === name);
  const helps = at(found, 'helps');
  return `${textAt(found, 'state')} ${textAt(found, 'says')} ${typeof helps === 'string' ? helps : ''}`;
}

test('a clock that is not the one of the database is told by how much', async (t) => {
  t.after(() => (api.clock.now = () => new Date()));
  assert.match(await check('clock'), /^ok /);
  for (const [seconds, said] of [
    [10, /^warning The clock of the API is (9|10|11) s ahead of the database's\. Have NTP/],
    [-90, /^failed The clock of the API is (89|90|91) s behind the database's\./],
  ] as const) {
    api.clock.now = () => new Date(Date.now() + seconds * 1_000);
    assert.match(await check('clock'), said);
  }
});

test('a schema of another release is told from one that lacks something', async () => {
  assert.match(await check('schema'), /^ok /);
  await api.db('migrations').insert({ name: '20990101_0000_future__come' });
  assert.match(await check('schema'), /^warning .*1 migration of a newer release: 20990101_0000_future__come\./);
  await api.db('migrations').where('name', 'like', '20261128_8300%').delete();
  assert.match(await check('schema'), /^failed The database lacks 1 migration of this release, from 20261128_8300/);
});

test('whoever sees some platforms hears of no key of others', async () => {
  const { id: platform } = await insertPlatform(api.db, { platformId: 'secret-lms' });
  await api.db.raw(
    `insert into data_keys (id, platform, wrapped_by, wrapped) values (gen_random_uuid(), ?, 'lost', decode('00', 'hex'))`,
    [platform],
  );
  assert.match(await check('keyRing'), /^failed .*secret-lms.* lacks "lost"/);
  const { secret } = await insertApiKey(api.db, { scopes: ['operate'], platforms: ['other-lms'] });
  assert.match(await check('keyRing', secret), /^ok /);
});

test('what never answers is told, and keeps nobody waiting', async () => {
  const silence = () => new Promise<never>(() => undefined);
  Object.assign(api.deps.workflows, { checkHealth: silence, listQueues: silence });
  api.ltiaas.listLineItems = silence;
  assert.match(await check('temporal'), /^failed Temporal cannot be reached/);
  assert.match(await check('queues'), /^unknown Temporal cannot be asked/);
  assert.match(await check('ltiaas'), /^failed LTIAAS does not answer within a second/);
});

test('only operators may look', async () => {
  const { secret } = await insertApiKey(api.db, { scopes: ['read', 'scores:write'] });
  assert.equal((await api.call('GET', '/v1/diagnosis', { key: secret })).status, 403);
});

test('an address of LTIAAS where something else answers is a warning with its status', async (t) => {
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const elsewhere = createLtiaasClient({ baseUrl: url, apiKey: 'key' });
  t.after(async () => {
    await elsewhere.close();
    await api.app.close();
  });
  api.ltiaas.listLineItems = (call) => elsewhere.listLineItems(call);
  assert.match(await check('ltiaas'), /^warning LTIAAS answers with 404, .* Check LTIAAS_URL/);
});
