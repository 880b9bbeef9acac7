/** The vault drill: `npm run keys:rotate` killed in the middle, again and again, then run to its end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { createKeyRing } from '../../db/vault/key-ring.js';
import { replaceDataKeys } from '../../db/vault/replace-data-keys.js';
import { createVault } from '../../db/vault/vault.js';
import { createWebhookEvents } from '../../db/webhooks/webhook-events.js';
import { createWebhookSources } from '../../db/webhooks/webhook-sources.js';
import { DEFAULT_SOURCE_LIMITS } from '../../domain/webhook-source.js';
import { createTestDatabase, eventually } from '../helpers/database.js';
import { insertContext, insertPlatform, insertServiceKey, testKeyRing } from '../helpers/factories.js';
import { programArguments } from '../helpers/repository.js';
import { openAll } from '../helpers/sealed-values.js';
import { GITHUB, REFERENCE_MAPPING } from '../helpers/webhooks.js';

const { db, url } = await createTestDatabase();
const textOf = (id: string, byte: number): string => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const RING = [textOf('new', 8), textOf('test', 7)].join();
const newRing = createKeyRing([{ id: 'new', key: Buffer.alloc(32, 8) }]);

function start(args: readonly string[], ring = RING) {
  const child = spawn(process.execPath, [...programArguments('worker/rotate-keys.ts'), ...args], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url, ENCRYPTION_KEYS: ring },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return { child, ended: once(child, 'close'), output: () => output };
}

async function store(count: number): Promise<void> {
  const vault = createVault(testKeyRing);
  const source = await createWebhookSources(db, vault).insert({
    ...{ name: 'grader', platforms: null, secret: 'a secret of the source' },
    ...{ verification: GITHUB, mapping: REFERENCE_MAPPING, limits: DEFAULT_SOURCE_LIMITS },
  });
  const events = createWebhookEvents(db, vault);
  for (let index = 0; index < count; index += 1) {
    await events.store({ source: source?.id ?? '', eventId: randomUUID(), digest: Buffer.alloc(32), body: 'a body' });
  }
  for (let index = 0; index < 20; index += 1) {
    await insertServiceKey(db, { context: (await insertContext(db, await insertPlatform(db))).id });
  }
}

test('goes on where it was killed, loses nothing, and says what the ring can lose', async () => {
  await store(1_500);
  const count = await openAll(db, createVault(testKeyRing));
  for (const moment of [/data keys encrypted/, /values encrypted again/, /(4|6)\d\d values encrypted again/]) {
    const { child, ended, output } = start(['--new-data-keys']);
    await eventually(`the moment ${String(moment)}`, () => moment.test(output()) || child.exitCode !== null, 30_000);
    child.kill('SIGKILL');
    await ended;
    const both = createVault(createKeyRing([{ id: 'new', key: Buffer.alloc(32, 8) }, { id: 'test', key: Buffer.alloc(32, 7) }])); // prettier-ignore
    assert.equal(await openAll(db, both), count, output());
  }
  const listRotations = (ended: 'null' | 'not null') =>
    queryRows(db, `select id from key_rotations where ended_at is ${ended}`);
  const open = await listRotations('null');
  assert.equal(open.length, 1);
  await replaceDataKeys(db, newRing, { settleMs: 0 });
  assert.deepEqual(await listRotations('not null'), open, 'one replacement, not four');
  assert.equal(await openAll(db, createVault(newRing)), count);
  assert.equal((await db('data_keys').whereNotNull('retired_at')).length, 0);

  const last = start([]);
  await last.ended;
  assert.equal(last.child.exitCode, 0, last.output());
  assert.match(
    last.output(),
    /All data keys are encrypted under "new"\.\nCan be removed from ENCRYPTION_KEYS: "test"\./,
  );
});

test('refuses a ring that lacks a key in use, and an option that it does not know, without showing a key', async () => {
  const lacking = start([], textOf('other', 1));
  await lacking.ended;
  assert.equal(lacking.child.exitCode, 1);
  assert.match(lacking.output(), /ENCRYPTION_KEYS must have the key "new"/);
  const unknown = start(['--all']);
  await unknown.ended;
  assert.equal(unknown.child.exitCode, 2);
  assert.match(unknown.output(), /'--all'[\s\S]*--new-data-keys/);
  const none = start([], '');
  await none.ended;
  assert.match(none.output(), /- ENCRYPTION_KEYS is not set/);
  for (const { output } of [lacking, unknown, none]) assert.doesNotMatch(output(), /[A-Za-z0-9+/]{43}=/);
});
