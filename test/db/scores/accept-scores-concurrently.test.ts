import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineItems } from '../../../db/courses/line-items.js';
import { queryRows } from '../../../db/server/knex.js';
import type { ScoreValue } from '../../../domain/score.js';
import { acceptScores, type ScoreOfTest } from '../../helpers/accept-scores.js';
import { createTestDatabase, whenBlocked } from '../../helpers/database.js';
import { insertContext, insertLineItem, scoreValue } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const context = await insertContext(db);

const toAccept = (lineItem: string, userId: string, scoreGiven: number, seconds: number): ScoreOfTest => ({
  ...{ context: context.id, lineItem, userId, value: scoreValue({ scoreGiven }) },
  changedAt: new Date(Date.UTC(2026, 10, 23, 2, 0, seconds)),
  ...{ priority: 1, awaitsNightly: false, force: false },
});

const listCurrent = (lineItems: readonly string[]): Promise<{ cell: string; value: ScoreValue; revision: number }[]> =>
  queryRows(
    db,
    `select line_item || ' ' || user_id as cell, value, revision from scores
     where line_item = any (?::uuid[]) and state <> 'superseded' order by 1`,
    [[...lineItems]],
  );

function shuffle<T>(list: readonly T[]): T[] {
  return list
    .map((entry) => ({ entry, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ entry }) => entry);
}

test('eight callers with the same cells in any order leave one row for each, the newest', async () => {
  const columns = await Promise.all([1, 2, 3].map(() => insertLineItem(db, { context: context.id })));
  const cells = columns.flatMap(({ id }) => Array.from({ length: 20 }, (_, user) => [id, `user-${user}`] as const));
  const callers = Array.from({ length: 8 }, (_, caller) => caller);
  const rounds = 4;
  const answers = await Promise.all(
    callers.map(async (caller) => {
      for (let round = 0; round < rounds; round += 1) {
        const seconds = round * callers.length + caller;
        const whole = shuffle(cells).map(([lineItem, userId]) => toAccept(lineItem, userId, seconds, seconds));
        await acceptScores(db, whole);
      }
      return 'done';
    }),
  );
  assert.equal(answers.length, 8);
  const rows = await listCurrent(columns.map(({ id }) => id));
  assert.equal(rows.length, cells.length);
  const newest = rounds * callers.length - 1;
  assert.deepEqual(new Set(rows.map(({ value }) => value.scoreGiven)), new Set([newest]));
});

test('a score for a column that turned out to be another goes to that other', async () => {
  const store = createLineItems(db);
  const wanted = await insertLineItem(db, {
    ...{ context: context.id, lineItemId: null },
    columns: { resource_id: 'essay' },
  });
  await acceptScores(db, [toAccept(wanted.id, 'ann', 1, 1)]);
  await store.storeListed(context.id, [{ id: 'https://lms.example/essay', resourceId: 'essay' }]);
  const [found] = await queryRows<{ merged_into: string }>(db, 'select merged_into from line_items where id = ?', [
    wanted.id,
  ]);
  assert.ok(found?.merged_into);
  // The caller learnt the uuid of the column before it was found.
  const [late, fresh] = await acceptScores(db, [toAccept(wanted.id, 'ann', 2, 2), toAccept(wanted.id, 'bob', 3, 2)]);
  assert.deepEqual([late?.outcome, late?.revision, fresh?.outcome], ['accepted', 2, 'accepted']);
  const rows = await listCurrent([wanted.id, found.merged_into]);
  assert.deepEqual(
    rows.map(({ cell, value }) => [cell, value.scoreGiven]),
    [
      [`${found.merged_into} ann`, 2],
      [`${found.merged_into} bob`, 3],
    ],
  );
});

test('a score that comes while its column is being found waits, and goes to what was found', async () => {
  const known = await insertLineItem(db, { context: context.id });
  const wanted = await insertLineItem(db, {
    ...{ context: context.id, lineItemId: null },
    columns: { resource_id: 'being found' },
  });
  const merge = await db.transaction();
  await merge.raw('select 1 from line_items where id in (?, ?) order by id for update', [wanted.id, known.id]);
  const accepting = acceptScores(db, [toAccept(wanted.id, 'ann', 1, 1)]);
  await whenBlocked(db);
  await merge.raw('update line_items set merged_into = ? where id = ?', [known.id, wanted.id]);
  await merge.commit();
  await accepting;
  const rows = await listCurrent([wanted.id, known.id]);
  assert.deepEqual(
    rows.map(({ cell }) => cell),
    [`${known.id} ann`],
  );
});

test('a score follows its column through every name that it had', async () => {
  const last = await insertLineItem(db, { context: context.id });
  const middle = await insertLineItem(db, { context: context.id, columns: { merged_into: last.id } });
  const first = await insertLineItem(db, { context: context.id, columns: { merged_into: middle.id } });
  await acceptScores(
    db,
    [first.id, middle.id, last.id].map((lineItem, place) => toAccept(lineItem, 'ann', place, place)),
  );
  const rows = await listCurrent([first.id, middle.id, last.id]);
  assert.deepEqual(
    rows.map(({ cell, revision, value }) => [cell, revision, value.scoreGiven]),
    [[`${last.id} ann`, 3, 2]],
  );
});

test('no score is left on a wanted column that is found while scores for it come in', async () => {
  const store = createLineItems(db);
  for (let run = 0; run < 10; run += 1) {
    const resourceId = `run-${run}`;
    const wanted = await insertLineItem(db, {
      ...{ context: context.id, lineItemId: null },
      columns: { resource_id: resourceId },
    });
    const users = Array.from({ length: 10 }, (_, user) => `user-${user}`);
    const accepts = users.map(async (userId) => acceptScores(db, [toAccept(wanted.id, userId, 1, 1)]));
    const id = `https://lms.example/${resourceId}`;
    await Promise.all([
      ...accepts.slice(0, 5),
      store.storeListed(context.id, [{ id, resourceId }]),
      ...accepts.slice(5),
    ]);
    assert.deepEqual(await listCurrent([wanted.id]), []);
  }
});
