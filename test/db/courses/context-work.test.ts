import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createContextWork, type ContextWork } from '../../../db/courses/context-work.js';
import { queryRows } from '../../../db/server/knex.js';
import type { ScoreState } from '../../../domain/score.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createContextWork(db);
const PAST = '2026-01-01T00:00:00Z';
const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

const NOTHING: ContextWork = {
  ...{ ready: 0, unsettled: 0, nextInMs: null, onWantedColumns: 0, onParkedColumns: 0, isBulkOnly: false },
};

interface Course {
  context: string;
  lineItem: string;
  add(columns?: Knex.ValueDict, lineItem?: string, state?: ScoreState): Promise<void>;
  addColumn(columns: Knex.ValueDict, lineItemId?: null): Promise<string>;
}

async function createCourse(): Promise<Course> {
  const { id: context } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  return {
    ...{ context, lineItem },
    async add(columns = {}, ofColumn = lineItem, state = 'due') {
      await insertScore(db, { context, lineItem: ofColumn, state, columns });
    },
    async addColumn(columns, lineItemId) {
      return (await insertLineItem(db, { context, columns, ...(lineItemId === null && { lineItemId }) })).id;
    },
  };
}

/** `nextInMs` to the nearest ten seconds. */
async function getWork({ context }: Course): Promise<ContextWork> {
  const work = await store.getWork(context);
  return { ...work, nextInMs: work.nextInMs === null ? null : Math.round(work.nextInMs / 10_000) * 10_000 };
}

test('a course where all is done has nothing to do', async () => {
  const course = await createCourse();
  await course.add({}, course.lineItem, 'submitted');
  await course.add({}, course.lineItem, 'rejected');
  await course.add({ awaits_nightly: true });
  await course.add({ awaits_nightly: true, not_before: inSeconds(60) });
  assert.deepEqual(await getWork(course), NOTHING);
});

test('counts what is ready, and what is to be read back', async () => {
  const course = await createCourse();
  await course.add();
  await course.add({ priority: 5 });
  await course.add({}, course.lineItem, 'unknown');
  assert.deepEqual(await getWork(course), { ...NOTHING, ready: 2, unsettled: 1 });
});

test('is bulk work only where nothing urgent is ready, whatever rests', async () => {
  const course = await createCourse();
  await course.add({ priority: 5 });
  await course.add({ priority: 1, not_before: inSeconds(60) });
  assert.deepEqual(await getWork(course), { ...NOTHING, ready: 1, isBulkOnly: true, nextInMs: 60_000 });
});

test('what rests is ready by time alone, the earliest first', async () => {
  const course = await createCourse();
  await course.add({ not_before: inSeconds(120) });
  await course.add({ not_before: inSeconds(60) }, course.lineItem, 'unknown');
  assert.deepEqual(await getWork(course), { ...NOTHING, nextInMs: 60_000 });
});

test('what is ready now does not hide when more will be', async () => {
  const course = await createCourse();
  const probed = await course.addColumn({ parked_type: 'LineItemNotFound', parked_at: PAST, parked_until: PAST });
  await course.add({}, probed);
  await course.add({ not_before: inSeconds(120) });
  assert.deepEqual(await getWork(course), { ...NOTHING, ready: 1, nextInMs: 120_000 });
});

test('what hangs on a wanted column waits for the column, not for time', async () => {
  const course = await createCourse();
  const wanted = await course.addColumn({ resource_id: 'essay' }, null);
  await course.add({}, wanted);
  assert.deepEqual(await getWork(course), { ...NOTHING, onWantedColumns: 1 });
});

test('what hangs on a parked column is the sweep’s to wake, so it is never ready by time', async () => {
  const course = await createCourse();
  const parked = await course.addColumn({
    ...{ parked_type: 'LineItemNotFound', parked_at: PAST, parked_until: inSeconds(600) },
  });
  await course.add({}, parked);
  assert.deepEqual(await getWork(course), { ...NOTHING, onParkedColumns: 1 });
});

test('what hangs on a column that only an event can resume is never ready by time', async () => {
  const course = await createCourse();
  const parked = await course.addColumn({ parked_type: 'LineItemNotFound', parked_at: PAST });
  const both = await course.addColumn(
    { resource_id: 'essay', parked_type: 'LineItemAmbiguous', parked_at: PAST },
    null,
  );
  await course.add({}, parked);
  await course.add({}, both);
  assert.deepEqual(await getWork(course), { ...NOTHING, onParkedColumns: 2 });
});

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
  const park = (): Promise<void> =>
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
  const course = await createCourse();
  await course.add();
  const park = (probeAfterMs: number | null): Promise<void> =>
    store.parkColumn({ lineItem: course.lineItem, type: 'LineItemNotFound', detail: null, probeAfterMs });
  const isProbedIn = async (hours: number): Promise<void> => {
    const rows = await queryRows(
      db,
      'select round(extract(epoch from parked_until - now()) / 3600)::int as hours from line_items where id = ?',
      [course.lineItem],
    );
    assert.deepEqual(rows, [{ hours }]);
  };
  await park(HOUR_MS);
  await isProbedIn(1);
  await park(HOUR_MS);
  await isProbedIn(2);
  assert.deepEqual(await getWork(course), { ...NOTHING, onParkedColumns: 1 });
  await store.unparkColumns([course.lineItem]);
  assert.deepEqual(await getWork(course), { ...NOTHING, ready: 1 });
  await park(null);
  assert.deepEqual(await getWork(course), { ...NOTHING, onParkedColumns: 1 });
});
