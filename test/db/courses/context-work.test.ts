import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContextWork } from '../../../db/courses/context-work.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { queryRows } from '../../../db/server/knex.js';
import { createTestDatabase, eventually, whenBlocked } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createContextWork(db);
test('tells what a sync must know, and nothing for a context that does not exist', async () => {
  const { deployment, gate } = await insertPlatform(db, { family: 'moodle' });
  const context = await insertContext(db, { deployment, contextId: 'c-1' });
  const found = await store.findSyncable(context.id);
  const expected = { id: context.id, contextId: 'c-1', deployment, gate, family: 'moodle', parkedType: null } as const;
  assert.deepEqual(found, { ...expected, platformUrl: 'https://lms.example', parkedForMs: null });
  assert.equal(await store.findSyncable('00000000-0000-4000-8000-000000000000'), undefined);
});

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

async function parkedFor(context: string): Promise<[string | null, number | null]> {
  const found = await store.findSyncable(context);
  const { parkedType = null, parkedForMs = null } = found ?? {};
  return [parkedType, parkedForMs === null ? null : Math.round(parkedForMs / 60_000) * 60_000];
}

test('each time a context is parked again its probe is twice as far, a week at most; unparking starts anew', async () => {
  const { id: context } = await insertContext(db);
  const park = (): Promise<boolean> =>
    store.park({ context, type: 'ContextConcluded', detail: 'over', probeAfterMs: HOUR_MS });
  for (const hours of [1, 2, 4]) {
    await park();
    assert.deepEqual(await parkedFor(context), ['ContextConcluded', hours * HOUR_MS]);
  }
  for (let times = 0; times < 30; times += 1) await park();
  assert.deepEqual(await parkedFor(context), ['ContextConcluded', WEEK_MS]);
  await store.unpark(context);
  assert.deepEqual(await parkedFor(context), [null, null]);
  await park();
  assert.deepEqual(await parkedFor(context), ['ContextConcluded', HOUR_MS]);
});

test('a context parked without a probe waits for an event, however often it is parked', async () => {
  const { id: context } = await insertContext(db);
  for (let times = 0; times < 2; times += 1) {
    await store.park({ context, type: 'ServiceKeyMissing', detail: null, probeAfterMs: null });
    assert.deepEqual(await parkedFor(context), ['ServiceKeyMissing', null]);
  }
});

test('a column is parked and unparked in the same way', async () => {
  const { id: context } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  const park = (probeAfterMs: number | null): Promise<boolean> =>
    store.parkColumn({ lineItem, type: 'LineItemNotFound', detail: null, probeAfterMs });
  const isProbedIn = async (hours: number): Promise<void> => {
    const rows = await queryRows(
      db,
      'select round(extract(epoch from parked_until - now()) / 3600)::int as hours from line_items where id = ?',
      [lineItem],
    );
    assert.deepEqual(rows, [{ hours }]);
  };
  await park(HOUR_MS);
  await isProbedIn(1);
  await park(HOUR_MS);
  await isProbedIn(2);
  await store.unparkColumns([lineItem]);
  await park(null);
  const [row] = await queryRows(db, 'select parked_type, parked_times, parked_until from line_items where id = ?', [
    lineItem,
  ]);
  assert.deepEqual(row, { parked_type: 'LineItemNotFound', parked_times: 1, parked_until: null });
});

test('a course is set aside for want of a key only while it has none, whenever a launch brings one', async () => {
  const { id: context } = await insertContext(db);
  const parkedType = async (): Promise<unknown> =>
    (await db('contexts').where({ id: context }).pluck('parked_type'))[0];
  await store.parkForWantOfKey(context);
  assert.equal(await parkedType(), 'ServiceKeyMissing');
  await store.unpark(context);
  const launch = await db.transaction();
  await launch.raw('select 1 from contexts where id = ? for no key update', [context]);
  await insertServiceKey(launch, { context });
  const parking = store.parkForWantOfKey(context);
  await Promise.race([whenBlocked(db), parking]);
  await launch.commit();
  await parking;
  assert.equal(await parkedType(), null);
});

test('a sender that lost its lane sets nothing aside that its next holder may have found well', async () => {
  const { id: context, gate } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  const rejected = { failure_type: 'MemberNotInContext' };
  await insertScore(db, { context, lineItem, state: 'rejected', columns: rejected });
  const lanes = createLanes(db);
  const take = async (): Promise<number> => {
    await db('gates')
      .where({ id: gate })
      .whereNotNull('lane_expires_at')
      .update({ lane_expires_at: new Date(0) });
    const taken = await lanes.take({ gate, leaseMs: 60_000, laneMs: 60_000, settleMs: 0 });
    return 'token' in taken ? taken.token : 0;
  };
  const parking = { detail: null, probeAfterMs: null };
  const parkAll = async (token: number): Promise<boolean> => {
    const lane = { gate, token };
    const isParked = await store.park({ context, type: 'ContextConcluded', ...parking, lane });
    const isColumnParked = await store.parkColumn({ lineItem, type: 'LineItemNotFound', ...parking, lane });
    const column = { lineItem, from: 'MemberNotInContext', failed: 3, type: 'NoMemberAccepted' };
    const isPromoted = await store.promoteColumn({ ...column, ...parking, lane });
    assert.deepEqual([isColumnParked, isPromoted], [isParked, isParked]);
    return isParked;
  };
  const parkedTypes = async (): Promise<(string | null)[]> => [
    ...(await db('contexts').where({ id: context }).pluck<(string | null)[]>('parked_type')),
    ...(await db('line_items').where({ id: lineItem }).pluck<(string | null)[]>('parked_type')),
  ];
  const forgotten = await take();
  const newest = await take();
  assert.equal(await parkAll(forgotten), false);
  assert.deepEqual(await parkedTypes(), [null, null]);
  assert.equal(await parkAll(newest), true);
  assert.deepEqual(await parkedTypes(), ['ContextConcluded', 'NoMemberAccepted']);
});

test('a sender that is still setting something aside keeps its lane until that is done', async () => {
  const { id: context, gate } = await insertContext(db);
  const trx = await db.transaction();
  try {
    await trx.raw('select 1 from contexts where id = ? for update', [context]);
    const lane = { gate, token: 0 };
    const parking = store.park({ context, type: 'ContextConcluded', detail: null, probeAfterMs: null, lane });
    await whenBlocked(db);
    let isTaken = false;
    const taking = createLanes(db)
      .take({ gate, leaseMs: 60_000, laneMs: 60_000, settleMs: 0 })
      .then(() => (isTaken = true));
    await eventually('both wait', async () => {
      const waiting = await db('pg_stat_activity').whereRaw(
        `datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting.length === 2;
    });
    assert.equal(isTaken, false);
    await trx.commit();
    await Promise.all([parking, taking]);
  } finally {
    await trx.rollback().catch(() => undefined);
  }
});
