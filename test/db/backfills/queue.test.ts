import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import {
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);
const { store, apiKey } = backfills;

/** A course of its own, and what corrects the one score in it. */
async function createCourse() {
  const { deployment, platform_id: platformId } = await insertPlatform(db);
  const { id: context, context_id: contextId } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const { id: lineItem, line_item_id } = await insertLineItem(db, { context });
  const columns = { changed_at: new Date(Date.now() - 60_000) };
  await insertScore(db, { context, lineItem, userId: 'ada', state: 'submitted', value: { scoreGiven: 5 }, columns });
  const column = { platformId, contextId, lineItemId: line_item_id ?? '' };
  const upload = (scoreGiven: number) =>
    backfills.upload([{ column, userId: 'ada', scoreGiven, scoreMaximum: 10 }], { queueBehind: true });
  const collect = () =>
    backfills.insert({
      ...{ source: 'filter', action: 'resend', queueBehind: true },
      parameters: { filter: { platformId, contextId } },
    });
  return { lineItem, upload, collect };
}

const behind = async (id: string): Promise<string | null | undefined> =>
  (await store.find({ id, platforms: null, apiKey }))?.blockedBy;

const end = (id: string) => store.decide({ backfill: id, decision: 'cancel', apiKey, reason: 'a test' });

/** Every row of a backfill with the transaction that wrote it: none is written again without being seen. */
const versionOf = (id: string) =>
  queryRows(
    db,
    `select b.xmin::text, b::text from backfills b where b.id = :id
     union all select i.xmin::text, i::text from backfill_items i where i.backfill = :id
     union all select t.xmin::text, t::text from backfill_targets t where t.backfill = :id`,
    { id },
  );

for (const source of ['upload', 'collect'] as const) {
  test(`nothing is done for one that waits, and its turn comes with what is held then (${source})`, async () => {
    const course = await createCourse();
    const first = await course.upload(6);
    assert.equal(await backfills.preview(first), 'awaitingApproval');
    const waiting = await course[source](8);
    assert.equal(await backfills.preview(waiting), 'queued');
    assert.equal(await behind(waiting), first);
    assert.deepEqual(await store.listBehind(first), [waiting]);
    const before = await versionOf(waiting);
    for (let looks = 0; looks < 3; looks += 1) assert.equal(await store.begin(waiting), null);
    assert.deepEqual(await versionOf(waiting), before);
    await end(first);
    await db.raw(
      `update scores set value = value || '{"scoreGiven": 9}', revision = 2, submitted_revision = 2 where line_item = ?`,
      [course.lineItem],
    );
    assert.equal(await backfills.preview(waiting), 'awaitingApproval');
    const [change] = await store.listChanges({ backfill: waiting, after: 0, limit: 10 });
    assert.equal(change?.beforeGiven, 9);
    assert.equal(await behind(waiting), null);
    assert.deepEqual(await store.listBehind(first), []);
    await end(waiting);
  });
}

test('of several that wait each waits for the one before it, so that an end moves one', async () => {
  const course = await createCourse();
  const ids: string[] = [];
  for (const scoreGiven of [6, 7, 8]) {
    const id = await course.upload(scoreGiven);
    await backfills.preview(id);
    ids.push(id);
  }
  const [first = '', second = '', third = ''] = ids;
  assert.deepEqual([await behind(second), await behind(third)], [first, second]);
  await end(first);
  assert.equal(await store.begin(third), null);
  assert.equal(await backfills.preview(second), 'awaitingApproval');
  assert.equal(await store.begin(third), null);
  await end(second);
  assert.equal(await backfills.preview(third), 'awaitingApproval');
});

test('the sweep leaves one alone that waits, and finds it when nobody told it of the end', async () => {
  const course = await createCourse();
  const first = await course.upload(6);
  await backfills.preview(first);
  const waiting = await course.upload(8);
  await backfills.preview(waiting);
  await db.raw(`update backfills set updated_at = now() - interval '1 hour'`);
  assert.ok(!(await store.listForgotten()).includes(waiting));
  await end(first);
  assert.ok((await store.listForgotten()).includes(waiting));
});
