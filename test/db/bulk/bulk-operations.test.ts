import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { BulkAct } from '../../../db/bulk/acts.js';
import { createBulkOperations } from '../../../db/bulk/bulk-operations.js';
import { queryRows } from '../../../db/server/knex.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertApiKey,
  insertContext,
  insertDeployment,
  insertLineItem,
  insertPlatform,
  insertScore,
  unique,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createBulkOperations(db, { pageSize: 2 });
const { id: apiKey } = await insertApiKey(db);
type Kind = Required<Pick<Parameters<typeof insertScore>[1], 'state' | 'columns'>>;
const all = { platforms: null };

async function createCourse(scores: number, { state = 'rejected', columns = {} }: Partial<Kind> = {}) {
  const platform = await insertPlatform(db);
  const { id: deployment } = await insertDeployment(db, { platform: platform.id });
  const { id: context, context_id: contextId } = await insertContext(db, { deployment });
  const { id: lineItem } = await insertLineItem(db, { context });
  const ids: string[] = [];
  for (let count = 0; count < scores; count += 1) {
    ids.push((await insertScore(db, { context, lineItem, userId: unique('student'), state, columns })).id);
  }
  return { platformId: platform.platform_id, context, contextId, lineItem, ids };
}

const begin = (act: BulkAct, platforms: readonly string[] | null = null) =>
  store.begin({ id: randomUUID(), act, platforms, apiKey, reason: 'fixed' });

const dueIn = async (context: string): Promise<number> =>
  (await queryRows(db, `select 1 from scores where context = ? and state = 'due'`, [context])).length;

test('does what is small at once', async () => {
  const { contextId, context } = await createCourse(1);
  const done = await begin({ kind: 'retryScores', filter: { contextId } });
  assert.deepEqual([done.state, done.acted, done.contexts.map((one) => one.context)], ['completed', 1, [context]]);
  assert.ok(done.endedAt);
});

test('does what is large page by page, each score once, and counts it', async () => {
  const { contextId, context } = await createCourse(5);
  const { id, state, acted } = await begin({ kind: 'retryScores', filter: { contextId } });
  assert.deepEqual([state, acted, await dueIn(context)], ['running', 2, 2]);
  // What fails again meanwhile is behind the page that was done: it is not retried for ever.
  await db.raw(
    `update scores set state = 'rejected', failure_type = 'ScoreRejected' where context = ? and state = 'due'`,
    [context],
  );
  const second = await store.advance(id);
  assert.deepEqual([second?.state, second?.acted], ['running', 4]);
  const third = await store.advance(id);
  assert.deepEqual([third?.state, third?.acted], ['completed', 5]);
  assert.equal(await dueIn(context), 3);
  const again = await store.advance(id);
  assert.deepEqual([again?.state, again?.acted, again?.contexts], ['completed', 5, []]);
});

test('two that carry it on at once do each page once', async () => {
  const { contextId, context } = await createCourse(7);
  const { id } = await begin({ kind: 'retryScores', filter: { contextId } });
  await Promise.all([store.advance(id), store.advance(id), store.advance(id), store.advance(id)]);
  const found = await store.find({ id, ...all });
  assert.deepEqual([found?.state, found?.acted, await dueIn(context)], ['completed', 7, 7]);
});

test('a page that fails changes and counts nothing, and is done by the next try', async () => {
  const { contextId, context } = await createCourse(3);
  const { id } = await begin({ kind: 'retryScores', filter: { contextId } });
  await db.raw('alter table bulk_operations add constraint trouble check (acted <> 3) not valid');
  await assert.rejects(store.advance(id), { code: '23514' });
  assert.equal(await dueIn(context), 2);
  await db.raw('alter table bulk_operations drop constraint trouble');
  await store.advance(id);
  assert.equal(await dueIn(context), 3);
});

test('says how many of those named were left as they are', async () => {
  const { ids } = await createCourse(3);
  const { ids: submitted } = await createCourse(1, { state: 'submitted' });
  const { id } = await begin({ kind: 'retryScores', ids: [...ids, ...submitted, randomUUID(), ids[0] ?? ''] });
  await store.advance(id);
  const found = await store.find({ id, ...all });
  assert.deepEqual([found?.state, found?.acted, found?.skipped], ['completed', 3, 2]);
  const [kept] = await queryRows<{ act: object }>(db, 'select act from bulk_operations where id = ?', [id]);
  assert.deepEqual(kept?.act, { kind: 'retryScores' });
});

test('a sync lets go what waits for the night, and then takes up what is ready into its run', async () => {
  const { platformId, context } = await createCourse(3, {
    state: 'due',
    columns: { awaits_nightly: true, priority: 3 },
  });
  const { id } = await begin({ kind: 'sync', filter: { platformId } });
  const taken = () => queryRows<{ context: string }>(db, 'select context from run_contexts where run = ?', [id]);
  assert.deepEqual(await taken(), []);
  const last = await store.advance(id);
  assert.deepEqual([last?.state, last?.acted], ['completed', 3]);
  assert.deepEqual(await taken(), [{ context }]);
});

test('resumes a course page by page, and counts at last what waits there', async () => {
  const { context, lineItem } = await createCourse(3, {
    ...{ state: 'due', columns: { not_before: new Date(Date.now() + 3_600_000) } },
  });
  await db.raw(`update line_items set parked_type = 'EveryScoreRefused', parked_at = now() where id = ?`, [lineItem]);
  const { id, details } = await begin({ kind: 'resumeContext', context });
  assert.deepEqual(details, {});
  const last = await store.advance(id);
  assert.deepEqual([last?.state, last?.acted], ['completed', 3]);
  assert.deepEqual((await store.find({ id, ...all }))?.details, { resumed: 3 });
  const parked = await queryRows(db, 'select 1 from line_items where id = ? and parked_type is not null', [lineItem]);
  assert.deepEqual(parked, []);
});

test('ends where it stands when it is cancelled, and only once', async () => {
  const { contextId, context } = await createCourse(5);
  const { id } = await begin({ kind: 'retryScores', filter: { contextId } });
  assert.equal(await store.cancel({ id, platforms: ['another'] }), false);
  assert.equal(await store.cancel({ id, ...all }), true);
  assert.equal(await store.cancel({ id, ...all }), false);
  assert.equal((await store.advance(id))?.state, 'cancelled');
  assert.equal(await dueIn(context), 2);
});

test('is shown to whoever may see all that it reaches', async () => {
  const { platformId } = await createCourse(1);
  const { id } = await begin({ kind: 'retryScores', filter: { platformId } }, [platformId]);
  const { id: ofAll } = await begin({ kind: 'retryScores', filter: { platformId } });
  const seenBy = async (platforms: readonly string[] | null) => {
    const listed = await store.list({ platforms, before: null, limit: 500 });
    return [id, ofAll].map((one) => listed.some((operation) => operation.id === one));
  };
  assert.deepEqual(await seenBy(null), [true, true]);
  assert.deepEqual(await seenBy([platformId, 'another']), [true, false]);
  assert.deepEqual(await seenBy(['another']), [false, false]);
});

test('finds those that nobody carries on', async () => {
  const { contextId } = await createCourse(3);
  const { id } = await begin({ kind: 'retryScores', filter: { contextId } });
  assert.equal((await store.listForgotten()).includes(id), false);
  await db.raw(`update bulk_operations set updated_at = now() - interval '2 minutes' where id = ?`, [id]);
  assert.equal((await store.listForgotten()).includes(id), true);
  await store.fail(id, '22P02');
  const found = await store.find({ id, ...all });
  assert.deepEqual([found?.state, found?.failure], ['failed', '22P02']);
  assert.equal((await store.listForgotten()).includes(id), false);
});
