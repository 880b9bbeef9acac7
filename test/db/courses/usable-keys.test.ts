import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecryptionError } from '../../../db/vault/decryption-error.js';
import { createKeyRing } from '../../../db/vault/key-ring.js';
import { createVault } from '../../../db/vault/vault.js';
import { createUsableKeys } from '../../../db/courses/usable-keys.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  createTestVault,
  insertContext,
  insertResourceLink,
  insertServiceKey,
  sealServiceKey,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const keys = createUsableKeys(db, createTestVault());

/** A course with a key for each of the days of January, from its own launch each. */
async function createCourse(...days: number[]): Promise<{ context: string; ids: string[] }> {
  const { id: context } = await insertContext(db);
  const ids: string[] = [];
  for (const day of days) {
    const link = await insertResourceLink(db, { context });
    const launchedAt = new Date(Date.UTC(2026, 0, day));
    const { id } = await insertServiceKey(db, {
      ...{ context, resourceLink: link.id, serviceKey: `secret ${day}`, launchedAt },
      columns: { names_and_roles: day !== 2 },
    });
    ids.push(id);
  }
  return { context, ids };
}

const listSecrets = async (context: string): Promise<string[]> =>
  (await keys.listUsable([context])).keys.map(({ serviceKey }) => serviceKey);

test('gives the keys of the course readable, the freshest launch first, with what each may do', async () => {
  const { context, ids } = await createCourse(2, 3, 1);
  await createCourse(9);
  const { keys: listed } = await keys.listUsable([context]);
  assert.deepEqual(
    listed.map(({ version, ...key }) => (assert.ok(version), key)),
    [
      { id: ids[1], context, serviceKey: 'secret 3', assignmentAndGrades: true, namesAndRoles: true },
      { id: ids[0], context, serviceKey: 'secret 2', assignmentAndGrades: true, namesAndRoles: false },
      { id: ids[2], context, serviceKey: 'secret 1', assignmentAndGrades: true, namesAndRoles: true },
    ],
  );
});

test('a refused key comes only where no other is left, and counts again after a success', async () => {
  const { context, ids } = await createCourse(1, 2);
  const [, freshId = ''] = ids;
  const [fresh, old] = (await keys.listUsable([context])).keys;
  assert.ok(fresh && old);
  assert.equal(await keys.markRejected(fresh), true);
  assert.deepEqual(await listSecrets(context), ['secret 1']);
  await keys.markRejected(old);
  assert.deepEqual(await listSecrets(context), ['secret 2', 'secret 1']);
  await keys.markOk([freshId]);
  assert.deepEqual(await listSecrets(context), ['secret 2']);
});

test('a refusal that comes late says nothing of the secret that a launch has brought since', async () => {
  const { context, ids } = await createCourse(1);
  const [before] = (await keys.listUsable([context])).keys;
  assert.ok(before);
  const { ciphertext } = await sealServiceKey(db, { id: ids[0] ?? '', context, serviceKey: 'fresh' });
  await db('service_keys').where({ id: ids[0] }).update({ ciphertext });
  assert.equal(await keys.markRejected(before), false);
  assert.deepEqual(await db('service_keys').where({ context }).pluck('rejected_at'), [null]);
});

test('a course without keys has none', async () => {
  assert.deepEqual((await keys.listUsable([(await insertContext(db)).id])).keys, []);
});

test('a key whose data key cannot be unwrapped says under which key that is', async () => {
  const { context } = await createCourse(1);
  const other = createUsableKeys(db, createVault(createKeyRing([{ id: 'other', key: Buffer.alloc(32, 1) }])));
  await assert.rejects(other.listUsable([context]), (error) => {
    assert.ok(error instanceof DecryptionError);
    assert.equal(error.keyId, 'test');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('a key that was altered, or moved to another course, is told apart from none, and leaves the others', async () => {
  const [altered, moved, whole] = [await createCourse(1, 3), await createCourse(1), await createCourse(1)];
  const flip = 'set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1)';
  await db.raw(`update service_keys set ciphertext = ${flip} where id = ?`, [altered.ids[0] ?? '']);
  const elsewhere = await insertContext(db);
  await db('service_keys').where({ context: moved.context }).update({ context: elsewhere.id, resource_link: null });
  const listed = await keys.listUsable([altered.context, elsewhere.id, whole.context, moved.context]);
  assert.deepEqual(listed.keys.map(({ id }) => id).toSorted(), [altered.ids[1], whole.ids[0]].toSorted());
  assert.deepEqual(listed.damaged, new Set([altered.context, elsewhere.id]));
});
