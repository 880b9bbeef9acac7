import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineItems } from '../../../db/courses/line-items.js';
import { queryRows } from '../../../db/server/knex.js';
import type { ScoreState, ScoreValue } from '../../../domain/score.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createLineItems(db);
const known = { id: 'https://lms.example/essay', resourceId: 'essay', resourceLinkId: 'link' };

interface Row {
  id: string;
  line_item: string;
  state: ScoreState;
  value: ScoreValue;
  revision: number;
  superseded_by: string | null;
  submitted_revision: number | null;
  sending: ScoreValue | null;
}

async function getScore(id: string): Promise<Row> {
  const [row] = await queryRows<Row>(db, 'select * from scores where id = ?', [id]);
  assert.ok(row);
  return row;
}

/** A course whose column is known under its id and wanted under its resource. */
async function createColumns(): Promise<{ context: string; known: string; wanted: string }> {
  const { id: context } = await insertContext(db);
  const found = await insertLineItem(db, { context, lineItemId: known.id });
  const wanted = await insertLineItem(db, { context, lineItemId: null, columns: { resource_id: 'essay' } });
  return { context, known: found.id, wanted: wanted.id };
}

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 23, 2, 0, seconds));

test('a score that only the wanted column holds moves to the known one, due as it was', async () => {
  const columns = await createColumns();
  const { id } = await insertScore(db, { context: columns.context, lineItem: columns.wanted });
  await store.storeListed(columns.context, [known]);
  const row = await getScore(id);
  assert.deepEqual([row.line_item, row.state, row.revision], [columns.known, 'due', 1]);
});

for (const [what, wantedAt, winner] of [
  ['the wanted column’s value where that is newer', 2, 4],
  ['the known column’s value where that is newer', 0, 9],
] as const) {
  test(`the score of the known column ends with ${what}; the other is superseded by it`, async () => {
    const { context, ...columns } = await createColumns();
    const kept = await insertScore(db, {
      ...{ context, lineItem: columns.known, userId: 'ann', state: 'submitted', value: { scoreGiven: 9 } },
      columns: { changed_at: at(1) },
    });
    const lost = await insertScore(db, {
      ...{ context, lineItem: columns.wanted, userId: 'ann', value: { scoreGiven: 4 } },
      columns: { changed_at: at(wantedAt) },
    });
    await store.storeListed(context, [known]);
    const [keptRow, lostRow] = [await getScore(kept.id), await getScore(lost.id)];
    assert.deepEqual([lostRow.state, lostRow.superseded_by], ['superseded', kept.id]);
    assert.equal(keptRow.value.scoreGiven, winner);
    const expected = winner === 4 ? ['due', 2, 1] : ['submitted', 1, 1];
    assert.deepEqual([keptRow.state, keptRow.revision, keptRow.submitted_revision], expected);
  });
}

test('a call that is under way for the known column goes on, with the newer value to follow', async () => {
  const { context, ...columns } = await createColumns();
  const kept = await insertScore(db, {
    ...{ context, lineItem: columns.known, userId: 'ann', state: 'sending', value: { scoreGiven: 9 } },
    columns: { changed_at: at(1) },
  });
  await insertScore(db, {
    ...{ context, lineItem: columns.wanted, userId: 'ann', value: { scoreGiven: 4 } },
    columns: { changed_at: at(2) },
  });
  await store.storeListed(context, [known]);
  const row = await getScore(kept.id);
  assert.deepEqual([row.state, row.sending?.scoreGiven, row.value.scoreGiven], ['sending', 9, 4]);
});

test('two wanted names of one column end as one, the newest value of three winning', async () => {
  const { context, ...columns } = await createColumns();
  const byLink = await insertLineItem(db, { context, lineItemId: null, columns: { resource_link_id: 'link' } });
  const ann = { context, userId: 'ann' };
  for (const [lineItem, scoreGiven, seconds] of [
    [columns.known, 1, 1],
    [byLink.id, 3, 3],
    [columns.wanted, 2, 2],
  ] as const) {
    await insertScore(db, { ...ann, lineItem, value: { scoreGiven }, columns: { changed_at: at(seconds) } });
  }
  // The known column is learnt to be that of the activity and of the resource by this listing.
  await store.storeListed(context, [known]);
  await store.storeListed(context, [known]);
  const rows = await queryRows<Row>(db, 'select * from scores where context = ? order by seq', [context]);
  const current = rows.filter(({ state }) => state !== 'superseded');
  assert.deepEqual(
    current.map(({ line_item, value }) => [line_item, value.scoreGiven]),
    [[columns.known, 3]],
  );
  assert.equal(rows.filter(({ superseded_by }) => superseded_by === current[0]?.id).length, 2);
});

test('two listings of one course at the same time end as one listing does', async () => {
  const { context, ...columns } = await createColumns();
  const users = Array.from({ length: 20 }, (_, user) => `user-${user}`);
  for (const userId of users) {
    await insertScore(db, { context, lineItem: columns.wanted, userId, columns: { changed_at: at(2) } });
    await insertScore(db, { context, lineItem: columns.known, userId, columns: { changed_at: at(1) } });
  }
  await Promise.all([1, 2, 3].map(() => store.storeListed(context, [known])));
  const counts = await queryRows(
    db,
    'select line_item, state, count(*)::int from scores where context = ? group by 1, 2 order by state',
    [context],
  );
  assert.deepEqual(counts, [
    { line_item: columns.known, state: 'due', count: 20 },
    { line_item: columns.wanted, state: 'superseded', count: 20 },
  ]);
});
