import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createLaunches, type LaunchToRecord } from '../../../db/courses/launches.js';
import { createServiceKeyReader } from '../../../db/courses/service-key-reader.js';
import { createKeyRing } from '../../../db/vault/key-ring.js';
import { createVault } from '../../../db/vault/vault.js';
import { DEFAULT_LIMITS } from '../../../domain/platform.js';
import { createTestDatabase } from '../../helpers/database.js';
import { createTestVault } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const vault = createTestVault();
const launches = createLaunches(db, { vault });

const launch = (change: Partial<LaunchToRecord> = {}): LaunchToRecord => ({
  platformId: 'lms',
  family: 'canvas',
  deploymentId: 'd1',
  contextId: 'course',
  resourceLinkId: 'link',
  serviceKey: { secret: 'key', assignmentAndGrades: true, namesAndRoles: true },
  launchedAt: new Date('2026-01-01T10:00:00Z'),
  ...change,
});

test('reads back the key that a launch brought, bound to its row', async () => {
  const { serviceKeyId } = await launches.record(launch());
  const keys = createServiceKeyReader(db, vault);
  assert.equal(await keys.reveal(serviceKeyId ?? ''), 'key');
  const other = await launches.record(
    launch({ resourceLinkId: 'other', serviceKey: { secret: 'o', assignmentAndGrades: true, namesAndRoles: true } }),
  );
  await db.raw('update service_keys set ciphertext = (select ciphertext from service_keys where id = ?) where id = ?', [
    serviceKeyId ?? '',
    other.serviceKeyId ?? '',
  ]);
  await assert.rejects(keys.reveal(other.serviceKeyId ?? ''), { name: 'DecryptionError' });
});

test('fails under a ring that cannot unwrap the data key, and takes no stored key for none', async () => {
  const { serviceKeyId } = await launches.record(launch({ contextId: 'ringless' }));
  for (const id of ['new', 'test']) {
    const other = createVault(createKeyRing([{ id, key: Buffer.alloc(32, 9) }]));
    const later = launch({ contextId: 'ringless', launchedAt: new Date('2026-01-02T10:00:00Z') });
    const tried = createLaunches(db, { vault: other }).record(later);
    await assert.rejects(tried, { name: 'DecryptionError', keyId: 'test' });
  }
  assert.equal(await createServiceKeyReader(db, vault).reveal(serviceKeyId ?? ''), 'key');
});

test('mends a key that was altered by that of a launch, or of an import, and by none that is older', async () => {
  const { serviceKeyId } = await launches.record(launch({ contextId: 'altered' }));
  const alter = () => db.raw(`update service_keys set ciphertext = '\\x00' where id = ?`, [serviceKeyId ?? '']);
  const bring = async (launchedAt: Date | null) =>
    (await launches.record(launch({ contextId: 'altered', launchedAt }))).key;
  await alter();
  assert.equal(await bring(new Date('2025-01-01T10:00:00Z')), 'older');
  assert.equal(await bring(new Date('2026-01-01T10:00:00Z')), 'stored');
  await alter();
  assert.equal(await bring(null), 'stored');
  assert.equal(await createServiceKeyReader(db, vault).reveal(serviceKeyId ?? ''), 'key');
});

test('takes a rejected key for new when a later launch brings it again', async () => {
  const first = await launches.record(launch({ contextId: 'again' }));
  await db.raw('update service_keys set rejected_at = now() where id = ?', [first.serviceKeyId ?? '']);
  const later = await launches.record(launch({ contextId: 'again', launchedAt: new Date('2026-01-02T10:00:00Z') }));
  assert.deepEqual([later.key, later.changed, later.serviceKeyId], ['stored', true, first.serviceKeyId]);
  const rows = await queryRows(db, 'select 1 from service_keys where id = ? and rejected_at is null', [
    first.serviceKeyId ?? '',
  ]);
  assert.equal(rows.length, 1);
});

test('keeps one key for a launch without a resource link', async () => {
  const bare = launch({ contextId: 'bare' });
  delete bare.resourceLinkId;
  const first = await launches.record(bare);
  const second = await launches.record(bare);
  assert.equal(second.serviceKeyId, first.serviceKeyId);
  assert.equal(second.changed, false);
});

const GATE_OF = 'select gate from deployments where id = ?';

test('follows the family with limits that nobody altered, and leaves altered ones', async () => {
  const limits = {
    ...DEFAULT_LIMITS,
    unknown: { inFlightMax: 3, ratePerSecond: null },
    d2l: { inFlightMax: 11, ratePerSecond: 80 },
  };
  const own = createLaunches(db, { vault, limits });
  const maximum = async (deployment: string): Promise<number | undefined> =>
    (
      await queryRows<{ in_flight_max: number }>(db, `select in_flight_max from gates where id = (${GATE_OF})`, [
        deployment,
      ])
    )[0]?.in_flight_max;
  const [one, two] = [
    await own.record(launch({ platformId: 'guess', family: 'unknown' })),
    await own.record(launch({ platformId: 'altered', family: 'unknown' })),
  ];
  assert.equal(await maximum(one.deployment), 3);
  await db.raw(`update gates set in_flight_max = 7 where id = (${GATE_OF})`, [two.deployment]);
  await own.record(launch({ platformId: 'guess', family: 'd2l' }));
  await own.record(launch({ platformId: 'altered', family: 'd2l' }));
  assert.deepEqual([await maximum(one.deployment), await maximum(two.deployment)], [11, 7]);
  await own.record(launch({ platformId: 'guess', family: 'unknown' }));
  const [row] = await queryRows<{ family: string }>(db, `select family from platforms where platform_id = 'guess'`);
  assert.equal(row?.family, 'd2l', 'a launch that tells nothing leaves the guess');
});

test('tries a column that was refused once its course is back, and not at each launch', async () => {
  const { context } = await launches.record(launch({ contextId: 'back' }));
  const later = (day: number): Promise<unknown> =>
    launches.record(launch({ contextId: 'back', launchedAt: new Date(Date.UTC(2026, 1, day)) }));
  const parkedColumns = () =>
    queryRows(db, 'select 1 from line_items where context = ? and parked_type is not null', [context]);
  await db.raw(
    `insert into line_items (context, resource_id, tag, parked_type, parked_at)
     values (?, 'essay', '', 'LineItemRejected', now())`,
    [context],
  );
  await later(1);
  assert.equal((await parkedColumns()).length, 1);
  await db.raw(`update contexts set parked_type = 'ContextNotFound', parked_at = now() where id = ?`, [context]);
  await later(2);
  assert.equal((await parkedColumns()).length, 0);
});

test('leaves nothing behind when a part of a launch fails', async () => {
  await assert.rejects(launches.record(launch({ platformId: 'torn', lineItemId: 'a\0b' })));
  assert.equal((await queryRows(db, `select 1 from platforms where platform_id = 'torn'`)).length, 0);
});

test('a new course begins with the grade policy of the installation, and keeps it after that', async () => {
  const asking = createLaunches(db, { vault, gradePolicy: 'ask' });
  const { context } = await asking.record(launch({ contextId: 'asks' }));
  await launches.record(launch({ contextId: 'asks' }));
  assert.deepEqual(await db('contexts').where({ id: context }).pluck('grade_policy'), ['ask']);
  const usual = await launches.record(launch({ contextId: 'usual' }));
  assert.deepEqual(await db('contexts').where({ id: usual.context }).pluck('grade_policy'), ['toolWins']);
});
