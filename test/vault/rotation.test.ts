/** The vault drill: keys are rotated while values are written and read, by processes that remember what they have seen. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createIdempotencyKeys } from '../../db/access/idempotency-keys.js';
import { createLaunches } from '../../db/courses/launches.js';
import { createServiceKeyReader } from '../../db/courses/service-key-reader.js';
import { createKeyRing } from '../../db/vault/key-ring.js';
import { replaceDataKeys } from '../../db/vault/replace-data-keys.js';
import { listWrappingKeys, rewrapDataKeys } from '../../db/vault/rewrap-data-keys.js';
import { sealedPlace } from '../../db/vault/sealed-columns.js';
import { createVault, type Sealed } from '../../db/vault/vault.js';
import { createWebhookEvents } from '../../db/webhooks/webhook-events.js';
import { createWebhookSources } from '../../db/webhooks/webhook-sources.js';
import { DEFAULT_SOURCE_LIMITS } from '../../domain/webhook-source.js';
import { createTestDatabase, whenBlocked } from '../helpers/database.js';
import { insertApiKey, insertContext } from '../helpers/factories.js';
import { openAll } from '../helpers/sealed-values.js';
import { GITHUB, REFERENCE_MAPPING } from '../helpers/webhooks.js';

const { db } = await createTestDatabase();
const KEYS = ['first', 'second', 'third'].map((id, index) => ({ id, key: Buffer.alloc(32, index + 1) }));
/** With the key that wraps; every process has been given all of them before. */
const ringOf = (id: string) =>
  createKeyRing([...KEYS.filter((key) => key.id === id), ...KEYS.filter((key) => key.id !== id)]);
const REMEMBER_MS = 150;
const SETTLE_MS = 400;

/** A process of its own: API or worker. */
function createProcess(id: string) {
  const vault = createVault(ringOf(id), { rememberMs: REMEMBER_MS });
  const launches = createLaunches(db, { vault });
  return {
    launch: (platformId: string, contextId: string, secret: string) =>
      launches.record({
        ...{
          platformId,
          family: 'canvas',
          deploymentId: '1',
          contextId,
          resourceLinkId: 'link',
          launchedAt: new Date(),
        },
        serviceKey: { secret, assignmentAndGrades: true, namesAndRoles: true },
      }),
    keys: createServiceKeyReader(db, vault),
    events: createWebhookEvents(db, vault),
    answers: createIdempotencyKeys(db, vault),
    vault,
  };
}

type Process = ReturnType<typeof createProcess>;

async function createSource({ vault }: Process): Promise<string> {
  const made = await createWebhookSources(db, vault).insert({
    ...{ name: 'grader', platforms: null, secret: 'a secret of the source' },
    ...{ verification: GITHUB, mapping: REFERENCE_MAPPING, limits: DEFAULT_SOURCE_LIMITS },
  });
  return made?.id ?? '';
}

test('rotates ring keys and data keys under load, and nothing is unreadable at any time', async () => {
  const processes = [createProcess('first'), createProcess('first'), createProcess('second')];
  const [first = createProcess('first')] = processes;
  const source = await createSource(first);
  const apiKey = (await insertApiKey(db)).id;
  let isOver = false;
  const work = async (process: Process, name: string): Promise<number> => {
    let rounds = 0;
    for (; !isOver; rounds += 1) {
      const secret = `secret ${name} ${rounds}`;
      const { serviceKeyId } = await process.launch(`platform ${rounds % 3}`, `course ${name} ${rounds % 5}`, secret);
      assert.equal(await process.keys.reveal(serviceKeyId ?? ''), secret);
      const eventId = `${name} ${rounds}`;
      await process.events.store({ source, eventId, digest: Buffer.alloc(32), body: `{"of":"${eventId}"}` });
      const claim = await process.answers.claim({ apiKey, key: eventId }, Buffer.alloc(32));
      assert.ok(claim.kind === 'claimed');
      await process.answers.complete({ apiKey, key: eventId }, claim.claimedAt, {
        ...{ status: 200, contentType: 'text/plain', body: eventId },
      });
      const again = await process.answers.claim({ apiKey, key: eventId }, Buffer.alloc(32));
      assert.ok(again.kind === 'answered' && again.answer.body === eventId);
    }
    return rounds;
  };
  const working = processes.map((process, index) => work(process, `p${index}`));
  const failed = Promise.all(working).then(() => undefined);
  failed.catch(() => (isOver = true));

  for (const id of ['second', 'third', 'first']) {
    await rewrapDataKeys(db, ringOf(id), { pageSize: 2 });
    const before = new Set(await db('data_keys').pluck<string[]>('id'));
    const { made, values, damaged } = await replaceDataKeys(db, ringOf(id), { pageSize: 7, settleMs: SETTLE_MS });
    assert.ok(made >= 1 && values > 0, `${made} ${values}`);
    assert.deepEqual(damaged, {});
    const left = await db('data_keys').whereIn('id', [...before]);
    assert.deepEqual(left, [], 'what was there before is gone');
  }
  isOver = true;
  const rounds = await Promise.all(working);
  assert.ok(
    rounds.every((count) => count > 3),
    String(rounds),
  );
  assert.ok((await openAll(db, createProcess('first').vault)) > 30);
});

test('says what is left to the ring, and is done when it runs again', async () => {
  await createProcess('first').launch('another', 'course', 'a secret');
  assert.ok((await rewrapDataKeys(db, ringOf('second'))) > 0);
  assert.equal(await rewrapDataKeys(db, ringOf('second')), 0);
  assert.deepEqual(await listWrappingKeys(db), ['second']);
});

test('leaves what was altered where it is, with its data key, and tells it', async () => {
  const { launch, keys } = createProcess('first');
  const altered = await launch('altered', 'course', 'a secret');
  const whole = await launch('altered', 'other course', 'another secret');
  await db.raw(`update service_keys set ciphertext = '\\x00' where id = ?`, [altered.serviceKeyId ?? '']);
  const { damaged } = await replaceDataKeys(db, ringOf('first'), { settleMs: 0 });
  assert.deepEqual(damaged, { 'service_keys.ciphertext': 1 });
  assert.equal(await keys.reveal(whole.serviceKeyId ?? ''), 'another secret');
  await assert.rejects(keys.reveal(altered.serviceKeyId ?? ''), { fault: 'altered' });
  await launch('altered', 'course', 'a fresh secret');
  await replaceDataKeys(db, ringOf('first'), { settleMs: 0 });
  assert.equal((await db('data_keys').whereNotNull('retired_at')).length, 0);
});

test('waits for whoever still encrypts under a data key before it deletes it', async () => {
  const slow = createProcess('first');
  const [source = ''] = await db('webhook_sources').pluck<string[]>('id');
  const store = () =>
    slow.events.store({ source, digest: Buffer.alloc(32), eventId: randomUUID(), body: 'before or meanwhile' });
  await store();
  const waits: string[] = [];
  const replacing = replaceDataKeys(db, ringOf('first'), { settleMs: 3_000, onWait: () => waits.push('waited') });
  await store();
  await replacing;
  assert.deepEqual(waits, ['waited']);
  assert.ok((await openAll(db, createProcess('first').vault)) > 30);
});

test('lets a transaction that began before it end, and carries over what that wrote', async () => {
  const { vault } = createProcess('first');
  const { id: context } = await insertContext(db);
  const [platform = null] = await db('deployments')
    .join('contexts', 'contexts.deployment', 'deployments.id')
    .where('contexts.id', context)
    .pluck<string[]>('platform');
  await vault.lockSealer(db, platform);
  const slow = await db.transaction();
  const sealer = await vault.lockSealer(slow, platform);
  const replacing = replaceDataKeys(db, ringOf('first'), { settleMs: 0 });
  await whenBlocked(db);
  const id = randomUUID();
  await slow('service_keys').insert({
    ...{ id, context, assignment_and_grades: true, names_and_roles: true, launched_at: new Date() },
    ...toRow(sealer.seal('written late', sealedPlace('serviceKey', id, context))),
  });
  await slow.commit();
  await replacing;
  assert.equal((await db('data_keys').whereNotNull('retired_at')).length, 0);
  assert.equal(await createProcess('first').keys.reveal(id), 'written late');
});

const toRow = ({ dataKey, ciphertext }: Sealed) => ({ data_key: dataKey, ciphertext });
