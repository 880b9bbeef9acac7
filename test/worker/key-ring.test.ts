/** What programs say of a ring that does not fit the database. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKnex } from '../../db/server/knex.js';
import { createKeyRing } from '../../db/vault/key-ring.js';
import { findRingProblems } from '../../db/vault/check-ring.js';
import { createTestDatabase } from '../helpers/database.js';
import { endOfProgram, type EndOfProgram } from '../helpers/end-of-program.js';
import { createTestVault, insertPlatform, testKeyRing } from '../helpers/factories.js';

const { db, url } = await createTestDatabase();
const ringOf = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;

const endOf = (entry: string, more: Record<string, string>): Promise<EndOfProgram> =>
  endOfProgram(entry, { DATABASE_URL: url, TEMPORAL_ADDRESS: '127.0.0.1:9', ...more });

test('a ring fits the database that it was the first to open, with older keys behind others too', async () => {
  assert.deepEqual(await findRingProblems(db, testKeyRing), []);
  assert.deepEqual(await findRingProblems(db, testKeyRing), []);
  const rotated = createKeyRing([
    { id: 'new', key: Buffer.alloc(32, 1) },
    { id: 'test', key: Buffer.alloc(32, 7) },
  ]);
  assert.deepEqual(await findRingProblems(db, rotated), []);
  assert.equal((await db('data_keys')).length, 1);
});

for (const entry of ['api/server.ts', 'worker/main.ts']) {
  test(`${entry} ends where its ring lacks a key or has another one of its name, and shows neither`, async () => {
    const { id } = await insertPlatform(db);
    await createTestVault().lockSealer(db, id);
    const missing = await endOf(entry, { ENCRYPTION_KEYS: ringOf('new', 9) });
    assert.equal(missing.code, 1, missing.output);
    assert.match(missing.output, /- ENCRYPTION_KEYS must have the key "test": \d+ data keys are encrypted under it/);
    const wrong = await endOf(entry, { ENCRYPTION_KEYS: `${ringOf('new', 9)},${ringOf('test', 9)}` });
    assert.equal(wrong.code, 1, wrong.output);
    assert.match(wrong.output, /- ENCRYPTION_KEYS must have the right key "test": \d+ data keys/);
    const none = await endOf(entry, {});
    assert.match(none.output, /- ENCRYPTION_KEYS is not set/);
    for (const { output } of [missing, wrong, none]) assert.doesNotMatch(output, /[A-Za-z0-9+/]{43}=| {4}at .*\n/);
  });
}

test('a database of a former release is refused in one sentence, and nothing of it is lost', async (t) => {
  const former = await createTestDatabase(t);
  await former.db.raw(`
    drop table key_rotations, person_hmac_keys, person_export_parts, person_request_columns, person_tombstones, person_requests;
    alter table idempotency_keys drop column data_key, drop column body, add column body text;
    alter table notice_endpoints drop column url_data_key, add column url_key_id text;
    alter table notice_secrets drop column data_key, add column encryption_key_id text;
    alter table webhook_events drop column data_key, add column encryption_key_id text;
    alter table webhook_secrets drop column data_key, add column encryption_key_id text;
    alter table service_keys drop column data_key, add column encryption_key_id text;
    drop table data_keys;
    delete from migrations where name like '20261128_2000_%' or name like '20261128_8000_%';
    insert into webhook_sources (name, verification, mapping, limits) values ('former', '{}', '{}', '{}');
    insert into webhook_secrets (source, ciphertext, encryption_key_id) select id, '', 'k1' from webhook_sources`);
  const { code, output } = await endOf('worker/migrate.ts', { DATABASE_URL: former.url });
  assert.equal(code, 1, output);
  assert.match(output, /- DATABASE_URL must name an empty database: .*--reset/);
  assert.doesNotMatch(output, /create table/);
  const look = createKnex({ url: former.url, poolMax: 1 });
  t.after(() => look.destroy());
  assert.equal((await look('webhook_secrets')).length, 1);
});
