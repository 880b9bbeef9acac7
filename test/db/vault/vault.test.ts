import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { queryRows } from '../../../db/server/knex.js';
import type { KeyWrap } from '../../../db/vault/key-wrap.js';
import { createVault, type Sealed, type SealedPlace } from '../../../db/vault/vault.js';
import { createTestDatabase } from '../../helpers/database.js';
import { createTestVault, insertPlatform, testKeyRing } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const vault = createTestVault();
const place: SealedPlace = { column: 'table.column', row: 'row' };

const seal = async (text: string, platform: string | null = null): Promise<Sealed> =>
  (await vault.lockSealer(db, platform)).seal(text, place);
const open = async (sealed: Sealed, at = place): Promise<string> =>
  (await createTestVault().opener(db, [sealed.dataKey])).open(sealed, at);

/** A ring that counts what it is asked. */
function createCountingRing(): { ring: KeyWrap; unwrapped: () => number } {
  let count = 0;
  const unwrap: KeyWrap['unwrap'] = (key, boundTo) => {
    count += 1;
    return testKeyRing.unwrap(key, boundTo);
  };
  return { ring: { ...testKeyRing, unwrap }, unwrapped: () => count };
}

test('opens what it sealed, whatever the text', async () => {
  const sealer = await vault.lockSealer(db, null);
  const { dataKey } = sealer.seal('', place);
  const opener = await vault.opener(db, [dataKey]);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, row) => {
      assert.equal(opener.open(sealer.seal(text, { ...place, row }), { ...place, row }), text);
    }),
  );
});

test('nothing of the text shows, and the same text never looks the same twice', async () => {
  const text = 'a service key of a course';
  const [one, other] = [await seal(text), await seal(text)];
  assert.notDeepEqual(one.ciphertext, other.ciphertext);
  assert.equal(one.ciphertext.includes(text.slice(0, 8)), false);
});

test('gives each platform one data key, and the installation one, made once by all who need it at once', async () => {
  const [one, other] = [await insertPlatform(db), await insertPlatform(db)];
  const owners = [one.id, other.id, null, one.id, other.id, null];
  const sealed = await Promise.all(owners.map((owner) => seal('text', owner)));
  const keys = sealed.map(({ dataKey }) => dataKey);
  assert.deepEqual(keys.slice(0, 3), keys.slice(3));
  assert.equal(new Set(keys).size, 3);
  assert.deepEqual(await Promise.all(sealed.map((value) => open(value))), Array(6).fill('text'));
});

test('a value opens in its own row and column only, and under its own data key', async () => {
  const { id } = await insertPlatform(db);
  const [sealed, other] = [await seal('text'), await seal('text', id)];
  const altered = { name: 'DecryptionError', fault: 'altered' };
  await assert.rejects(open(sealed, { ...place, row: 'another' }), altered);
  await assert.rejects(open(sealed, { ...place, column: 'table.another' }), altered);
  await assert.rejects(open({ ...sealed, dataKey: other.dataKey }), altered);
});

test('a wrapped data key opens nothing in the place of another platform’s', async () => {
  const [one, other] = [await insertPlatform(db), await insertPlatform(db)];
  const sealed = await seal('text', one.id);
  await db.raw('update data_keys set platform = ? where platform = ?', [other.id, one.id]);
  await assert.rejects(open(sealed), { name: 'DecryptionError', fault: 'keyWrong' });
});

test('a data key that is gone is told as that', async () => {
  const { id } = await insertPlatform(db);
  const sealed = await seal('text', id);
  await db.raw('delete from data_keys where id = ?', [sealed.dataKey]);
  await assert.rejects(open(sealed), { name: 'DecryptionError', fault: 'dataKeyGone', keyId: sealed.dataKey });
});

test('asks for a data key once in a while, and for no more of them at once than it may remember', async () => {
  const platforms = [await insertPlatform(db), await insertPlatform(db), await insertPlatform(db)];
  const sealed = await Promise.all(platforms.map(({ id }) => seal('text', id)));
  const read = async (reader: ReturnType<typeof createVault>): Promise<void> => {
    for (const value of sealed) {
      (await reader.opener(db, [value.dataKey])).open(value, place);
      (await reader.opener(db, [value.dataKey])).open(value, place);
    }
  };
  const { ring, unwrapped } = createCountingRing();
  const patient = createVault(ring);
  await read(patient);
  await read(patient);
  assert.equal(unwrapped(), 3);
  const small = createVault(ring, { most: 1 });
  await read(small);
  await read(small);
  assert.equal(unwrapped(), 9);
  const forgetful = createVault(ring, { rememberMs: 0 });
  await read(forgetful);
  assert.equal(unwrapped(), 15);
});

test('a KMS that is away is no fault of the value, and is asked again', async () => {
  const sealed = await seal('text');
  let isAway = true;
  const unwrap: KeyWrap['unwrap'] = (key, boundTo) =>
    isAway ? Promise.reject(new Error('away')) : testKeyRing.unwrap(key, boundTo);
  const far = createVault({ ...testKeyRing, unwrap });
  await assert.rejects(far.opener(db, [sealed.dataKey]), { message: 'away' });
  isAway = false;
  assert.equal((await far.opener(db, [sealed.dataKey])).open(sealed, place), 'text');
});

test('a data key is not deleted while somebody encrypts under it', async () => {
  const { id } = await insertPlatform(db);
  await seal('text', id);
  const holder = await db.transaction();
  try {
    await vault.lockSealer(holder, id);
    const taken = queryRows(db, 'select from data_keys where platform = ? for update nowait', [id]);
    await assert.rejects(taken, { code: '55P03' });
  } finally {
    await holder.rollback();
  }
});
