import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret } from '../../../api/bearer-secret.js';
import { createApiKeys } from '../../../db/access/api-keys.js';
import { createTestDatabase, type Cleanup } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';

const hash = hashSecret;

async function open(cleanup: Cleanup) {
  const { db } = await createTestDatabase(cleanup);
  const apiKeys = createApiKeys(db);
  const configure = (secret: string) => apiKeys.setBootstrapKey(hash(secret), secret.slice(-4));
  const idOf = async (secret: string): Promise<string> => (await apiKeys.findByHash(hash(secret)))?.id ?? '';
  const make = async (createdBy: string, secret: string): Promise<string> => {
    const key = { name: 'bootstrap', hint: 'x', scopes: ['admin'], platforms: null, expiresAt: null };
    const audit = { apiKey: createdBy, action: 'api-keys.create', reason: 'a test' };
    const made = await apiKeys.insert({ ...key, hash: hash(secret), createdBy, audit });
    assert.ok(made.kind === 'made');
    return made.key.id;
  };
  const revoke = async (id: string) => {
    const { id: apiKey } = await insertApiKey(db);
    return apiKeys.revoke({ id, platforms: null, audit: { apiKey, action: 'api-keys.revoke', reason: 'stolen' } });
  };
  const deeds = async (subject: string): Promise<string[]> =>
    db('audit_entries').where({ subject }).orderBy('id').pluck<string[]>('action');
  return { db, apiKeys, configure, idOf, make, revoke, deeds };
}

test('keeps one living bootstrap key, and what was made with the one before', async (t) => {
  const { apiKeys, configure, idOf, make, deeds } = await open(t);
  assert.equal(await configure('first'), 'made');
  assert.equal(await configure('first'), 'kept');
  const first = await idOf('first');
  await make(first, 'made with the first');
  assert.equal(await configure('second'), 'made');
  assert.equal(await apiKeys.findByHash(hash('first')), undefined);
  assert.deepEqual((await apiKeys.findByHash(hash('second')))?.scopes, ['admin']);
  assert.ok(await apiKeys.findByHash(hash('made with the first')), 'it is over, not revoked');
  assert.deepEqual(await apiKeys.listBootstrapHashes(), [hash('second').toString('base64')]);
  assert.equal(await configure('first'), 'revived');
  assert.ok(await apiKeys.findByHash(hash('first')), 'an earlier key may come back');
  assert.equal(await apiKeys.findByHash(hash('second')), undefined);
  assert.deepEqual(await deeds(first), ['api-keys.create', 'api-keys.replace', 'api-keys.revive']);
});

test('leaves a bootstrap key revoked that was revoked, whatever the configuration says', async (t) => {
  const { apiKeys, configure, idOf, make, revoke } = await open(t);
  await configure('stolen');
  const stolen = await idOf('stolen');
  const made = await make(stolen, 'made with it');
  assert.deepEqual((await revoke(stolen)).toSorted(), [stolen, made].toSorted());
  for (let start = 0; start < 2; start += 1) assert.equal(await configure('stolen'), 'revoked');
  assert.equal(await apiKeys.findByHash(hash('stolen')), undefined);
  assert.equal(await apiKeys.findByHash(hash('made with it')), undefined);
  assert.equal(await configure('another'), 'made');
  assert.ok(await apiKeys.findByHash(hash('another')));
  assert.equal(await configure('stolen'), 'revoked');
  assert.ok(await apiKeys.findByHash(hash('another')), 'a revoked key replaces none');
});

test('leaves one revoked that was replaced before', async (t) => {
  const { apiKeys, configure, idOf, revoke } = await open(t);
  await configure('first');
  const first = await idOf('first');
  await configure('second');
  assert.deepEqual(await revoke(first), [first]);
  assert.equal(await configure('first'), 'revoked');
  assert.ok(await apiKeys.findByHash(hash('second')));
});

test('makes no admin of a key that somebody made through the API', async (t) => {
  const { db, apiKeys, configure } = await open(t);
  const { id, secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['lms'] });
  await db('api_keys').where({ id }).update({ created_by: id });
  assert.equal(await configure(secret), 'taken');
  const found = await apiKeys.findByHash(hash(secret));
  assert.deepEqual([found?.scopes, found?.platforms], [['read'], ['lms']]);
});

test('makes one key of processes that start at once', async (t) => {
  const { db, configure } = await open(t);
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => configure('the same')));
  assert.deepEqual(outcomes.toSorted(), ['kept', 'kept', 'kept', 'made']);
  assert.equal((await db('api_keys').where({ is_bootstrap: true })).length, 1);
});

test('writes nothing after its audit entries, since all other deeds wait for their place in the chain', async (t) => {
  const { db, configure } = await open(t);
  const statements: string[] = [];
  db.on('query', ({ sql }: { sql: string }) => statements.push(sql));
  for (const secret of ['first', 'second', 'first']) {
    statements.length = 0;
    await configure(secret);
    const from = statements.findIndex((sql) => sql.includes('into audit_entries'));
    const after = statements.slice(from).filter((sql) => !sql.includes('into audit_entries'));
    assert.deepEqual([from > 0, after], [true, ['COMMIT;']]);
  }
});
