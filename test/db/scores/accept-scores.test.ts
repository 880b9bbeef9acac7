import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import type { ScoreValue } from '../../../domain/score.js';
import { acceptScores, type ScoreOfTest } from '../../helpers/accept-scores.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore, scoreValue } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const context = await insertContext(db);

interface Row {
  id: string;
  revision: number;
  state: string;
  value: ScoreValue;
  sending: ScoreValue | null;
  sending_revision: number | null;
  submitted_revision: number | null;
  awaits_nightly: boolean;
  forced: boolean;
  priority: number;
  tries: number;
  failure_type: string | null;
  rests: boolean;
}

const newColumn = async (): Promise<string> => (await insertLineItem(db, { context: context.id })).id;

const listScores = (lineItem: string): Promise<Row[]> =>
  queryRows<Row>(db, 'select *, not_before > now() as rests from scores where line_item = ? order by seq', [lineItem]);

async function getScore(id: string): Promise<Row> {
  const [row] = await queryRows<Row>(db, 'select *, not_before > now() as rests from scores where id = ?', [id]);
  assert.ok(row);
  return row;
}

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 23, 2, 0, seconds));

const toAccept = (
  lineItem: string,
  scoreGiven: number | null,
  seconds: number,
  change: Partial<ScoreOfTest> = {},
): ScoreOfTest => ({
  ...{ context: context.id, lineItem, userId: 'ann', changedAt: at(seconds) },
  ...{ priority: 1, awaitsNightly: false, force: false },
  value: scoreValue({ scoreGiven }),
  ...change,
});

test('stores what is new, and nothing twice when it is repeated', async () => {
  const column = await newColumn();
  const scores = [toAccept(column, 1, 1), toAccept(column, 2, 1, { userId: 'bob', awaitsNightly: true })];
  const first = await acceptScores(db, scores);
  const again = await acceptScores(db, scores);
  assert.deepEqual(
    first.map(({ outcome, revision, needsSync }) => [outcome, revision, needsSync]),
    [
      ['accepted', 1, true],
      ['accepted', 1, false],
    ],
  );
  assert.deepEqual(
    again.map(({ id, outcome, revision }) => [id, outcome, revision]),
    first.map(({ id }) => [id, 'unchanged', 1]),
  );
  assert.equal((await listScores(column)).length, 2);
});

test('takes several for one student in one call one after the other, the newest at the end', async () => {
  const column = await newColumn();
  const outcomes = await acceptScores(db, [
    toAccept(column, 3, 3),
    toAccept(column, 1, 1),
    toAccept(column, 2, 1, { userId: 'bob' }),
    toAccept(column, 5, 5),
    toAccept(column, 5, 6),
  ]);
  assert.deepEqual(
    outcomes.map(({ outcome, revision }) => [outcome, revision]),
    [
      ['accepted', 1],
      ['superseded', 1],
      ['accepted', 1],
      ['accepted', 2],
      ['unchanged', 2],
    ],
  );
  const rows = await listScores(column);
  assert.deepEqual(rows.map(({ value }) => value.scoreGiven).toSorted(), [2, 5]);
});

test('keeps an unchanged value’s newer time, so that a value between the two is too old', async () => {
  const column = await newColumn();
  await acceptScores(db, [toAccept(column, 5, 1)]);
  await acceptScores(db, [toAccept(column, 5, 9)]);
  const [late] = await acceptScores(db, [toAccept(column, 4, 5)]);
  assert.equal(late?.outcome, 'superseded');
});

test('keeps what is being sent when a newer value comes, and counts its tries anew', async () => {
  const column = await newColumn();
  const { id } = await insertScore(db, {
    ...{ context: context.id, lineItem: column, userId: 'ann', state: 'sending', value: { scoreGiven: 1 } },
    columns: { tries: 3, changed_at: at(1) },
  });
  const [accepted] = await acceptScores(db, [toAccept(column, 2, 2)]);
  assert.deepEqual(accepted, { id, revision: 2, outcome: 'accepted', needsSync: true });
  const row = await getScore(id);
  assert.equal(row.state, 'sending');
  assert.equal(row.sending?.scoreGiven, 1);
  assert.equal(row.sending_revision, 1);
  assert.equal(row.value.scoreGiven, 2);
  assert.equal(row.tries, 0);
});

test('keeps the rest of a score that is unknown, and ends that of one which is due', async () => {
  const column = await newColumn();
  const resting = { context: context.id, lineItem: column, columns: { changed_at: at(1), not_before: '2100-01-01' } };
  const unknown = await insertScore(db, { ...resting, userId: 'ann', state: 'unknown' });
  const due = await insertScore(db, { ...resting, userId: 'bob' });
  await acceptScores(db, [toAccept(column, 2, 2), toAccept(column, 2, 2, { userId: 'bob' })]);
  const unknownRow = await getScore(unknown.id);
  const dueRow = await getScore(due.id);
  assert.deepEqual([unknownRow.state, unknownRow.rests, unknownRow.revision], ['unknown', true, 2]);
  assert.deepEqual([dueRow.state, dueRow.rests, dueRow.revision], ['due', false, 2]);
});

test('makes a rejected score due without its old reason', async () => {
  const column = await newColumn();
  const rejected = { context: context.id, lineItem: column, userId: 'ann', state: 'rejected' } as const;
  const { id } = await insertScore(db, { ...rejected, columns: { changed_at: at(1) } });
  await acceptScores(db, [toAccept(column, 2, 2)]);
  const row = await getScore(id);
  assert.deepEqual([row.state, row.failure_type], ['due', null]);
});

test('is submitted at once where the gradebook holds that value, unless it is forced', async () => {
  const column = await newColumn();
  const columns = { changed_at: at(1), value: JSON.stringify(scoreValue({ scoreGiven: 9 })), state: 'due' };
  const held = await insertScore(db, {
    ...{ context: context.id, lineItem: column, userId: 'ann', state: 'submitted', value: { scoreGiven: 7 } },
    columns,
  });
  const [back] = await acceptScores(db, [toAccept(column, 7, 2)]);
  assert.deepEqual([back?.outcome, back?.needsSync], ['accepted', false]);
  const row = await getScore(held.id);
  assert.deepEqual([row.state, row.revision, row.submitted_revision], ['submitted', 2, 2]);
  const [forced] = await acceptScores(db, [toAccept(column, 7, 3, { force: true })]);
  assert.deepEqual([forced?.outcome, forced?.needsSync], ['accepted', true]);
  const forcedRow = await getScore(held.id);
  assert.deepEqual([forcedRow.state, forcedRow.forced], ['due', true]);
});

test('leaves a grade alone when a value without one comes', async () => {
  const column = await newColumn();
  await acceptScores(db, [toAccept(column, 7, 1)]);
  const blank = toAccept(column, 8, 2, { value: scoreValue({ scoreGiven: 8, gradingProgress: 'NotReady' }) });
  const [refused] = await acceptScores(db, [blank]);
  assert.deepEqual([refused?.outcome, refused?.revision], ['wouldClear', 1]);
  const [row] = await listScores(column);
  assert.equal(row?.value.scoreGiven, 7);
});

test('lets a value wait for the night only where nothing of the student is to go at once', async () => {
  const column = await newColumn();
  const nightly = { awaitsNightly: true, priority: 3 } as const;
  await acceptScores(db, [toAccept(column, 1, 1, nightly)]);
  const [later] = await acceptScores(db, [toAccept(column, 2, 2, nightly)]);
  assert.equal(later?.needsSync, false);
  const [now] = await acceptScores(db, [toAccept(column, 2, 3)]);
  assert.deepEqual([now?.outcome, now?.needsSync], ['unchanged', true]);
  await acceptScores(db, [toAccept(column, 3, 4, nightly)]);
  const [row] = await listScores(column);
  assert.deepEqual([row?.awaits_nightly, row?.priority, row?.value.scoreGiven], [false, 1, 3]);
});

test('does not put off to the night what is being sent when the same value comes for the night', async () => {
  const column = await newColumn();
  const sending = { context: context.id, lineItem: column, userId: 'ann', state: 'sending' } as const;
  const { id } = await insertScore(db, { ...sending, value: { scoreGiven: 1 }, columns: { changed_at: at(1) } });
  await acceptScores(db, [toAccept(column, 1, 2, { awaitsNightly: true, priority: 3 })]);
  assert.equal((await getScore(id)).awaits_nightly, false);
});

for (const figure of [NaN, Infinity, -Infinity]) {
  test(`refuses ${figure} and stores nothing of that call`, async () => {
    const column = await newColumn();
    await assert.rejects(acceptScores(db, [toAccept(column, 1, 1), toAccept(column, figure, 1)]), RangeError);
    const maximum = toAccept(column, 1, 1, { value: scoreValue({ scoreMaximum: figure }) });
    await assert.rejects(acceptScores(db, [maximum]), RangeError);
    assert.equal((await listScores(column)).length, 0);
  });
}
