import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOperations } from '../../../db/platforms/operations.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const operations = createOperations(db);
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const hourAgo = new Date(Date.now() - 3_600_000);
const inAnHour = new Date(Date.now() + 3_600_000);

async function course(columns = {}): Promise<{ context: string; lineItem: string }> {
  const { id: context } = await insertContext(db, { deployment: platform.deployment, columns });
  return { context, lineItem: (await insertLineItem(db, { context })).id };
}

test('counts what waits, and takes for late only what nothing holds back', async () => {
  const open = await course();
  const closed = await course({ parked_type: 'ContextConcluded', parked_at: hourAgo });
  await insertScore(db, { ...open, columns: { due_at: hourAgo, not_before: inAnHour } });
  await insertScore(db, { ...open, columns: { due_at: hourAgo, awaits_nightly: true } });
  await insertScore(db, { ...closed, columns: { due_at: hourAgo } });
  await insertScore(db, { ...open, state: 'sending' });
  await insertScore(db, { ...open, state: 'unknown' });
  await insertScore(db, { ...open, state: 'submitted' });
  const [held] = await operations.listBacklog();
  assert.deepEqual(
    [held?.due, held?.awaitsNightly, held?.sending, held?.unknown, held?.oldestReadySeconds],
    [2, 1, 1, 1, null],
  );
  await insertScore(db, { ...open, columns: { due_at: hourAgo } });
  const [late] = await operations.listBacklog();
  assert.ok((late?.oldestReadySeconds ?? 0) >= 3_590);
});

test('counts what is set aside by reason, with the scores that wait there', async () => {
  await db.raw(`update line_items set parked_type = 'LineItemNotFound', parked_at = now() where context = ?`, [
    (await course()).context,
  ]);
  const parked = await operations.listParked();
  assert.deepEqual(
    parked.map(({ kind, type, count, waiting }) => ({ kind, type, count, waiting })),
    [
      { kind: 'context', type: 'ContextConcluded', count: 1, waiting: 1 },
      { kind: 'lineItem', type: 'LineItemNotFound', count: 1, waiting: 0 },
    ],
  );
});

const needing = async (): Promise<number> => (await operations.countNeedingLaunch())[0]?.count ?? 0;

test('counts courses that wait for a launch: no key, or a rejected one', async () => {
  const before = await needing();
  const keyless = await course();
  await insertScore(db, keyless);
  const rejected = await course();
  await insertScore(db, rejected);
  await insertServiceKey(db, { context: rejected.context, columns: { rejected_at: new Date() } });
  const fine = await course();
  await insertScore(db, fine);
  await insertServiceKey(db, { context: fine.context });
  assert.equal((await needing()) - before, 2);
});

test('is ready only with every migration of this release', async () => {
  assert.deepEqual(await operations.checkReady(), { migrated: true });
  await db.raw(`delete from migrations where id = (select max(id) from migrations)`);
  assert.deepEqual(await operations.checkReady(), { migrated: false });
  await db.raw('drop table migrations');
  assert.deepEqual(await operations.checkReady(), { migrated: false });
});
