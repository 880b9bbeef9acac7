import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createLineItems } from '../../../db/courses/line-items.js';
import { queryRows } from '../../../db/server/knex.js';
import { createTestDatabase } from '../../helpers/database.js';
import { breakDatabase } from '../../helpers/database-faults.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const store = createLineItems(db);

interface Row {
  id: string;
  line_item_id: string | null;
  resource_link_id: string | null;
  resource_id: string | null;
  label: string | null;
  score_maximum: number | null;
  verified: boolean;
  merged_into: string | null;
}

const newContext = async (): Promise<string> => (await insertContext(db)).id;

const listColumns = (context: string): Promise<Row[]> =>
  queryRows<Row>(
    db,
    'select *, verified_at is not null as verified from line_items where context = ? order by created_at, id',
    [context],
  );

const wantedBy = async (
  context: string,
  columns: { resource_link_id?: string; resource_id?: string; tag?: string },
): Promise<string> => (await insertLineItem(db, { context, lineItemId: null, columns })).id;

async function mergedInto(lineItem: string): Promise<string | null> {
  const [row] = await queryRows<Row>(
    db,
    `select k.line_item_id from line_items w join line_items k on k.id = w.merged_into where w.id = ?`,
    [lineItem],
  );
  return row?.line_item_id ?? null;
}

test('stores what the LMS lists, corrects it at the next listing, and repeats without harm', async () => {
  const context = await newContext();
  const item = { id: 'https://lms.example/1', label: 'Quiz', scoreMaximum: 10, resourceLinkId: 'link' };
  await store.storeListed(context, [item]);
  await store.storeListed(context, [item, item]);
  // Open edX lists without the activity that it told before.
  await store.storeListed(context, [{ ...item, label: 'Quiz 1', scoreMaximum: 12, resourceLinkId: null }]);
  const [row, ...others] = await listColumns(context);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [row?.line_item_id, row?.label, row?.score_maximum, row?.resource_link_id, row?.verified],
    [item.id, 'Quiz 1', 12, 'link', true],
  );
});

test('takes a column whose maximum cannot be one', async () => {
  const context = await newContext();
  await store.storeListed(context, [{ id: 'https://lms.example/1', scoreMaximum: 0 }]);
  assert.equal((await listColumns(context))[0]?.score_maximum, null);
});

test('verifies a column that a caller named by its id, and makes no second one', async () => {
  const context = await newContext();
  const named = await insertLineItem(db, { context, lineItemId: 'https://lms.example/1' });
  await store.storeListed(context, [{ id: 'https://lms.example/1', label: 'Quiz' }]);
  assert.deepEqual(
    (await listColumns(context)).map(({ id, verified }) => [id, verified]),
    [[named.id, true]],
  );
});

test('finds a wanted column by its activity, by resource and tag, and by nothing less', async () => {
  const context = await newContext();
  const byLink = await wantedBy(context, { resource_link_id: 'link-1' });
  const byResource = await wantedBy(context, { resource_id: 'essay', tag: 'final' });
  const otherTag = await wantedBy(context, { resource_id: 'essay', tag: 'draft' });
  const untagged = await wantedBy(context, { resource_id: 'poem' });
  const { ambiguous } = await store.storeListed(context, [
    { id: 'https://lms.example/1', resourceLinkId: 'link-1' },
    { id: 'https://lms.example/2', resourceId: 'essay', tag: 'final' },
    { id: 'https://lms.example/3', resourceId: 'poem', tag: '' },
  ]);
  assert.deepEqual(ambiguous, []);
  assert.deepEqual(await Promise.all([byLink, byResource, otherTag, untagged].map(mergedInto)), [
    ...['https://lms.example/1', 'https://lms.example/2', null, 'https://lms.example/3'],
  ]);
});

test('takes no column of another course', async () => {
  const [mine, theirs] = [await newContext(), await newContext()];
  const wanted = await wantedBy(mine, { resource_id: 'essay' });
  await store.storeListed(theirs, [{ id: 'https://lms.example/1', resourceId: 'essay' }]);
  await store.storeListed(mine, []);
  assert.equal(await mergedInto(wanted), null);
});

test('of several columns of one activity takes its own, the one without a resource', async () => {
  const context = await newContext();
  const wanted = await wantedBy(context, { resource_link_id: 'link-1' });
  await store.storeListed(context, [
    { id: 'https://lms.example/1', resourceLinkId: 'link-1', resourceId: 'extra' },
    { id: 'https://lms.example/2', resourceLinkId: 'link-1' },
  ]);
  assert.equal(await mergedInto(wanted), 'https://lms.example/2');
});

test('says which wanted columns fit several, and leaves them and their scores as they are', async () => {
  const context = await newContext();
  const wanted = await wantedBy(context, { resource_id: 'essay' });
  const score = await insertScore(db, { context, lineItem: wanted });
  const items = ['https://lms.example/1', 'https://lms.example/2'].map((id) => ({ id, resourceId: 'essay' }));
  assert.deepEqual(await store.storeListed(context, items), { ambiguous: [wanted], unstorable: [], refused: [] });
  assert.equal(await mergedInto(wanted), null);
  const [row] = await queryRows<{ line_item: string }>(db, 'select line_item from scores where id = ?', [score.id]);
  assert.equal(row?.line_item, wanted);
});

test('a column that PostgreSQL refuses takes no other with it, and is not taken for one that is missing', async () => {
  const context = await newContext();
  const [essay, poem] = [
    await wantedBy(context, { resource_id: 'essay' }),
    await wantedBy(context, { resource_id: 'poem', tag: 'final' }),
  ];
  // Longer than an entry of an index may be, however well it is packed.
  const endless = `https://lms.example/${randomBytes(8_000).toString('hex')}`;
  const stored = await store.storeListed(context, [
    { id: 'https://lms.example/1', resourceId: 'essay' },
    { id: endless, resourceId: 'poem', tag: 'final' },
    { id: 'https://lms.example/2', label: 'Quiz' },
  ]);
  assert.deepEqual(stored, { ambiguous: [], unstorable: [poem], refused: ['54000'] });
  assert.equal(await mergedInto(essay), 'https://lms.example/1');
  assert.equal((await listColumns(context)).filter(({ verified }) => verified).length, 2);
});

test('a column that PostgreSQL refuses to merge keeps no other from being found', async (t) => {
  const context = await newContext();
  const [essay, poem] = [
    await wantedBy(context, { resource_id: 'essay' }),
    await wantedBy(context, { resource_id: 'poem' }),
  ];
  const score = await insertScore(db, { context, lineItem: essay });
  const when = `new.id = '${score.id}' and new.line_item <> old.line_item`;
  t.after(await breakDatabase(db, { table: 'scores', on: 'update', when, code: 'P0001' }));
  const stored = await store.storeListed(context, [
    { id: 'https://lms.example/1', resourceId: 'essay' },
    { id: 'https://lms.example/2', resourceId: 'poem' },
  ]);
  assert.deepEqual(stored, { ambiguous: [], unstorable: [essay], refused: ['P0001'] });
  assert.deepEqual([await mergedInto(essay), await mergedInto(poem)], [null, 'https://lms.example/2']);
});

test('lists as wanted only columns without an id that have something to send and are not parked', async () => {
  const context = await newContext();
  const parked = (until: string): Record<string, string> => ({
    ...{ parked_type: 'LineItemRejected', parked_at: '2026-01-01', parked_until: until },
  });
  const columns = {
    ready: { resource_id: 'ready', tag: 'final' },
    probed: { resource_id: 'probed', ...parked('2026-01-02') },
    parked: { resource_id: 'parked', ...parked('2100-01-01') },
    nightly: { resource_id: 'nightly' },
    empty: { resource_id: 'empty' },
  };
  const ids = new Map<string, string>();
  for (const [name, ofColumn] of Object.entries(columns)) ids.set(name, await wantedBy(context, ofColumn));
  for (const [name, lineItem] of ids) {
    if (name === 'empty') continue;
    await insertScore(db, { context, lineItem, columns: { awaits_nightly: name === 'nightly' } });
  }
  const known = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem: known.id });
  assert.deepEqual(
    (await store.listWanted(context)).map(({ id, resourceId, tag }) => [id, resourceId, tag]),
    [
      [ids.get('ready'), 'ready', 'final'],
      [ids.get('probed'), 'probed', null],
    ],
  );
});

test('a look that fails is followed by growing rests, an hour at most, until one goes well', async () => {
  const context = await newContext();
  assert.equal(await store.beginLook(context), null);
  const rests: number[] = [];
  for (let times = 0; times < 10; times += 1) {
    rests.push((await store.failLook({ context, type: 'UnreadableAnswer', restMs: 15_000 })).forMs);
  }
  const expected = [15, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600];
  assert.deepEqual(
    rests.map((ms) => Math.round(ms / 1_000)),
    expected,
  );
  const resting = await store.beginLook(context);
  assert.equal(resting?.reason, 'UnreadableAnswer');
  assert.ok(resting.forMs > 3_590_000 && resting.forMs <= 3_600_000);
  assert.ok((await store.failLook({ context, type: 'PlatformFailed', restMs: 7_200_000 })).forMs > 7_190_000);
  await store.endLook(context);
  assert.equal(await store.beginLook(context), null);
  const { forMs } = await store.failLook({ context, type: 'PlatformFailed', restMs: 15_000 });
  assert.equal(Math.round(forMs / 1_000), 15);
});
