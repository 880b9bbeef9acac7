import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createApiKeys } from '../../../db/access/api-keys.js';
import { createIdempotencyKeys } from '../../../db/access/idempotency-keys.js';
import { queryRows } from '../../../db/server/knex.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertApiKey, createTestVault } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const apiKeys = createApiKeys(db);
const idempotencyKeys = createIdempotencyKeys(db, createTestVault());
const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

test('notes when a key was used', async () => {
  const { id, secret } = await insertApiKey(db);
  await apiKeys.findByHash(hash(secret));
  const rows = await queryRows(db, 'select 1 from api_keys where id = ? and last_used_at is not null', [id]);
  assert.equal(rows.length, 1);
});

test('does not let a process that was taken over store its late answer', async () => {
  const { id } = await insertApiKey(db);
  const key = { apiKey: id, key: 'late' };
  const first = await idempotencyKeys.claim(key, hash('request'));
  assert.equal(first.kind, 'claimed');
  await db.raw(`update idempotency_keys set created_at = created_at - interval '2 minutes' where api_key = ?`, [id]);
  const second = await idempotencyKeys.claim(key, hash('request'));
  assert.ok(first.kind === 'claimed' && second.kind === 'claimed');
  const answer = { status: 201, contentType: 'application/json', body: '{"from":"second"}' };
  await idempotencyKeys.complete(key, first.claimedAt, { ...answer, body: '{"from":"first"}' });
  await idempotencyKeys.forget(key, first.claimedAt);
  await idempotencyKeys.complete(key, second.claimedAt, answer);
  assert.deepEqual(await idempotencyKeys.claim(key, hash('request')), { kind: 'answered', answer });
  assert.deepEqual(await idempotencyKeys.claim(key, hash('other')), { kind: 'reused' });
});

test('forgets keys after a day', async () => {
  const { id } = await insertApiKey(db);
  const key = { apiKey: id, key: 'old' };
  await idempotencyKeys.claim(key, hash('request'));
  await db.raw(`update idempotency_keys set created_at = now() - interval '25 hours' where api_key = ?`, [id]);
  assert.equal((await idempotencyKeys.claim(key, hash('other request'))).kind, 'claimed');
  await db.raw(`update idempotency_keys set created_at = now() - interval '25 hours' where api_key = ?`, [id]);
  assert.equal(await idempotencyKeys.prune(), 1);
});
