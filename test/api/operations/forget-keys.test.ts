import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLaunches } from '../../../db/courses/launches.js';
import { queryRows } from '../../../db/server/knex.js';
import { createServiceKeyReader } from '../../../db/courses/service-key-reader.js';
import { createTestApi, problemOf } from '../../helpers/app.js';
import { createTestVault, insertApiKey, insertLineItem, insertScore } from '../../helpers/factories.js';
import { whenBlocked } from '../../helpers/database.js';
import { listSealed } from '../../helpers/sealed-values.js';

const { db, call } = await createTestApi();
const vault = createTestVault();
const launch = (platformId: string, contextId: string, secret = 'a secret', reader = vault) =>
  createLaunches(db, { vault: reader }).record({
    ...{ platformId, family: 'canvas', deploymentId: '1', contextId, launchedAt: new Date() },
    serviceKey: { secret, assignmentAndGrades: true, namesAndRoles: true },
  });
const idOf = async (platformId: string): Promise<string> =>
  (await db('platforms').where({ platform_id: platformId }).pluck<string[]>('id'))[0] ?? '';
const forget = (id: string, options = {}) =>
  call('POST', `/v1/platforms/${id}/forget-keys`, { body: { reason: 'the contract ended' }, ...options });

test('makes all of a platform unreadable, even from a copy; its courses need a launch, which goes on as usual', async () => {
  const { context } = await launch('leaving', 'course');
  await launch('leaving', 'other course');
  const staying = await launch('staying', 'course');
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  const copies = await listSealed(db);
  const { status, body } = await forget(await idOf('leaving'));
  assert.deepEqual([status, body], [200, { serviceKeys: 2, contexts: 2, dataKeys: 1 }]);

  const opener = await createTestVault().opener(db, copies.map(({ sealed }) => sealed.dataKey)); // prettier-ignore
  const readable = copies.filter(({ sealed, place }) => {
    try {
      return opener.open(sealed, place) !== undefined;
    } catch {
      return false;
    }
  });
  assert.deepEqual(readable.length, 1, 'that of the other platform');
  assert.equal(await createServiceKeyReader(db, createTestVault()).reveal(staying.serviceKeyId ?? ''), 'a secret');
  assert.ok((await call('GET', '/v1/contexts?launchNeeded=true')).text.includes(context));

  const again = await launch('leaving', 'course', 'a fresh secret');
  assert.deepEqual([again.key, again.resumed], ['stored', 1]);
  assert.equal(await createServiceKeyReader(db, vault).reveal(again.serviceKeyId ?? ''), 'a fresh secret');
});

test('is told in the audit trail with its reason, as one with the deed', async () => {
  await launch('audited', 'course');
  const id = await idOf('audited');
  await forget(id);
  assert.deepEqual(
    await queryRows(db, `select action, reason, details from audit_entries where subject = ?`, [id]),
    [{ action: 'platforms.forget-keys', reason: 'the contract ended', details: { serviceKeys: 1, contexts: 1, dataKeys: 1 } }], // prettier-ignore
  );
});

test('takes an admin who sees the platform', async () => {
  await launch('theirs', 'course');
  const id = await idOf('theirs');
  const operator = (await insertApiKey(db, { scopes: ['read', 'operate'] })).secret;
  assert.deepEqual([(await forget(id, { key: operator })).status], [403]);
  const stranger = (await insertApiKey(db, { scopes: ['admin', 'read'], platforms: ['elsewhere'] })).secret;
  const refused = await forget(id, { key: stranger });
  assert.deepEqual([refused.status, problemOf(refused.body)], [404, 'not-found']);
  assert.equal((await db('data_keys').where({ platform: id })).length, 1);
});

test('a launch that comes meanwhile waits, and its key is the only one that is left', async () => {
  await launch('busy', 'course');
  const id = await idOf('busy');
  const holder = await db.transaction();
  await holder.raw('select from data_keys where platform = ? for key share', [id]);
  const forgetting = forget(id);
  await whenBlocked(db);
  const launching = launch('busy', 'new course', 'a late secret', createTestVault());
  await holder.commit();
  const [{ body }, { serviceKeyId }] = await Promise.all([forgetting, launching]);
  const left = await db('service_keys as k')
    .join('data_keys as d', 'd.id', 'k.data_key')
    .where('d.platform', id)
    .pluck<string[]>('k.id');
  assert.ok(JSON.stringify(body).includes('serviceKeys'));
  assert.deepEqual(
    left.filter((key) => key !== serviceKeyId),
    [],
  );
});
