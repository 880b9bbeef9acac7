import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { createConsoleSessions } from '../../../db/access/console-sessions.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const sessions = createConsoleSessions(db);

describe('a session of the console', () => {
  async function open(key: Parameters<typeof insertApiKey>[1] = {}) {
    const { id: apiKey } = await insertApiKey(db, key);
    const hash = createHash('sha256').update(randomUUID()).digest();
    return { ...(await sessions.open({ hash, apiKey, endsBy: null, requestId: null })), hash, apiKey };
  }
  const isAlive = async (hash: Buffer) => (await sessions.find(hash, { isPerson: false })) !== undefined;
  const end = async (id: string, platforms: string[] | null = null) => {
    const { id: apiKey } = await insertApiKey(db);
    return sessions.end({ id, platforms, audit: { apiKey, action: 'console-sessions.end', reason: 'a test' } });
  };
  const age = (id: string, column: string, by: string) =>
    db.raw(`update console_sessions set ${column} = ${column} - interval '${by}' where id = ?`, [id]);

  it('knows who signed in, and what their key may now', async () => {
    const { hash, apiKey } = await open({ scopes: ['read'], platforms: ['lms-1'] });
    await db('api_keys').where({ id: apiKey }).update({ name: 'night shift' });
    const found = await sessions.find(hash, { isPerson: true });
    assert.equal(found?.keyName, 'night shift');
    assert.deepEqual([found.scopes, found.platforms], [['read'], ['lms-1']]);
  });

  it('knows nobody by another hash', async () => {
    assert.equal(await isAlive(Buffer.alloc(32, 1)), false);
  });

  it('ends twelve hours after the sign-in', async () => {
    const { id, hash } = await open();
    await age(id, 'expires_at', '11 hours 59 minutes');
    assert.equal(await isAlive(hash), true);
    await age(id, 'expires_at', '1 minute');
    assert.equal(await isAlive(hash), false);
  });

  it('ends an hour after the last thing that a person did, whatever pages did by themselves', async () => {
    const { id, hash } = await open();
    await age(id, 'last_seen_at', '59 minutes');
    assert.equal(await isAlive(hash), true);
    await age(id, 'last_seen_at', '1 minute');
    assert.equal(await isAlive(hash), false);
  });

  it('goes on when a person does something', async () => {
    const { id, hash } = await open();
    await age(id, 'last_seen_at', '59 minutes');
    await sessions.find(hash, { isPerson: true });
    await age(id, 'last_seen_at', '59 minutes');
    assert.equal(await isAlive(hash), true);
  });

  it('ends with its API key', async () => {
    const { hash, apiKey } = await open();
    await db('api_keys').where({ id: apiKey }).update({ revoked_at: new Date() });
    assert.equal(await isAlive(hash), false);
  });

  it('ends when it is revoked, once', async () => {
    const { id, hash } = await open();
    assert.equal(await end(id, null), true);
    assert.equal(await isAlive(hash), false);
    assert.equal(await end(id, null), false);
  });

  it('is shown to, and ended by, those who see all that its key sees', async () => {
    const { id } = await open({ platforms: ['lms-2'] });
    const { id: unlimited } = await open();
    const idsFor = async (platforms: string[] | null, after: string | null = null, limit = 10) =>
      (await sessions.list({ platforms, after, limit })).map((one) => one.id);
    assert.deepEqual(await idsFor(['lms-2', 'lms-3']), [id]);
    const all = await idsFor(null);
    assert.equal(all.includes(unlimited), true);
    assert.deepEqual([...(await idsFor(null, null, 1)), ...(await idsFor(null, all[0]))], all);
    assert.equal(await end(unlimited, ['lms-2']), false);
    assert.equal(await end(id, ['lms-3']), false);
  });

  it('is listed by its hash while it lives', async () => {
    const { id, hash } = await open();
    const name = hash.toString('base64');
    assert.equal((await sessions.listHashes()).includes(name), true);
    await end(id, null);
    assert.equal((await sessions.listHashes()).includes(name), false);
  });

  it('is deleted a month after its end', async () => {
    const { id } = await open();
    await age(id, 'expires_at', '30 days');
    assert.equal(await sessions.prune(), 0);
    await age(id, 'expires_at', '1 day');
    assert.equal(await sessions.prune(), 1);
  });
});
