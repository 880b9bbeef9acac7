import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyRing, DecryptionError } from '../../../db/server/key-ring.js';
import { createUsableKeys } from '../../../db/courses/usable-keys.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertResourceLink, insertServiceKey, testKeyRing } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const keys = createUsableKeys(db, testKeyRing);

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
  (await keys.listUsable(context)).map(({ serviceKey }) => serviceKey);

test('gives the keys of the course readable, the freshest launch first, with what each may do', async () => {
  const { context, ids } = await createCourse(2, 3, 1);
  await createCourse(9);
  const listed = await keys.listUsable(context);
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
  const [fresh, old] = await keys.listUsable(context);
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
  const [before] = await keys.listUsable(context);
  assert.ok(before);
  const { ciphertext } = testKeyRing.encrypt('fresh', ids[0] ?? '');
  await db('service_keys').where({ id: ids[0] }).update({ ciphertext });
  assert.equal(await keys.markRejected(before), false);
  assert.deepEqual(await db('service_keys').where({ context }).pluck('rejected_at'), [null]);
});

test('a course without keys has none', async () => {
  assert.deepEqual(await keys.listUsable((await insertContext(db)).id), []);
});

test('a key whose encryption key is gone says which one', async () => {
  const { context } = await createCourse(1);
  const other = createUsableKeys(db, createKeyRing([{ id: 'other', key: Buffer.alloc(32, 1) }]));
  await assert.rejects(other.listUsable(context), (error) => {
    assert.ok(error instanceof DecryptionError);
    assert.equal(error.keyId, 'test');
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});
