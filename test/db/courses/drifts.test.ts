import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDrifts, type FoundDrift } from '../../../db/courses/drifts.js';
import { queryRows } from '../../../db/server/knex.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertMembership, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const drifts = createDrifts(db);

const found = (score: string, change: Partial<FoundDrift> = {}): FoundDrift => ({
  ...{ score, kind: 'changed', resultScore: 3, resultMaximum: 10 },
  ...change,
});

async function newColumn(policy: string | null = null): Promise<{ context: string; lineItem: string }> {
  const context = (await insertContext(db)).id;
  return { context, lineItem: (await insertLineItem(db, { context, columns: { grade_policy: policy } })).id };
}

const insertSubmitted = async (column: { context: string; lineItem: string }, userId = 'ann'): Promise<string> =>
  (
    await insertScore(db, {
      ...{ ...column, userId, state: 'submitted' },
      columns: {
        submitted: JSON.stringify({ scoreGiven: 7.5, scoreMaximum: 10 }),
        ...{ submitted_revision: 1, submitted_at: new Date(Date.now() - 60_000) },
      },
    })
  ).id;

const listDrifts = async (score: string): Promise<{ kind: string; resent: boolean; ended: boolean }[]> =>
  queryRows(
    db,
    `select kind, resent_at is not null as resent, ended_at is not null as ended from drifts where score = ? order by id`,
    [score],
  );

const stateOf = async (id: string): Promise<unknown> =>
  (await queryRows(db, 'select state, forced from scores where id = ?', [id]))[0];

test('what was sent since the reading began is neither listed nor recorded', async () => {
  const column = await newColumn();
  const score = await insertSubmitted(column);
  const before = await drifts.now();
  await db.raw(`update scores set submitted_at = clock_timestamp() where id = ?`, [score]);
  assert.deepEqual(await drifts.listSent({ lineItem: column.lineItem, before, userIds: ['ann'] }), []);
  await drifts.record({ context: column.context, before, found: [found(score)], resend: true });
  assert.deepEqual(await listDrifts(score), []);
  assert.deepEqual(await stateOf(score), { state: 'submitted', forced: false });
});

test('a score that is due again, or held, is not compared', async () => {
  const column = await newColumn();
  const score = await insertSubmitted(column);
  await db.raw(`update scores set state = 'due' where id = ?`, [score]);
  const before = await drifts.now();
  assert.deepEqual(await drifts.listSent({ lineItem: column.lineItem, before, after: null, limit: 10 }), []);
});

test('a finding made again is one finding, and is sent again once', async () => {
  const column = await newColumn();
  const score = await insertSubmitted(column);
  const record = async (change: Partial<FoundDrift> = {}, resend = true): Promise<number> =>
    drifts.record({ context: column.context, before: await drifts.now(), found: [found(score, change)], resend });
  const arrive = (): Promise<unknown> =>
    queryRows(db, `update scores set state = 'submitted', forced = false where id = ? returning 1`, [score]);
  assert.equal(await record({}, false), 0);
  assert.equal(await record(), 1);
  assert.deepEqual(await stateOf(score), { state: 'due', forced: true });
  await arrive();
  assert.equal(await record(), 0);
  assert.deepEqual(await listDrifts(score), [{ kind: 'changed', resent: true, ended: false }]);
  assert.equal(await record({ resultScore: 4 }), 1);
  assert.deepEqual(await listDrifts(score), [
    { kind: 'changed', resent: true, ended: true },
    { kind: 'changed', resent: true, ended: false },
  ]);
});

test('kinds that sending cannot put right are not sent again', async () => {
  const column = await newColumn();
  for (const kind of ['capped', 'userGone'] as const) {
    const score = await insertSubmitted(column, kind);
    const input = { context: column.context, before: await drifts.now(), found: [found(score, { kind })] };
    assert.equal(await drifts.record({ ...input, resend: true }), 0);
  }
});

test('a column where people win keeps what a person changed, and gets back what is missing', async () => {
  const column = await newColumn('humanWins');
  const changed = await insertSubmitted(column, 'ann');
  const missing = await insertSubmitted(column, 'bob');
  const before = await drifts.now();
  const findings = [found(changed), found(missing, { kind: 'missing', resultScore: null })];
  assert.equal(await drifts.record({ context: column.context, before, found: findings, resend: true }), 1);
  assert.deepEqual(await stateOf(changed), { state: 'submitted', forced: false });
  assert.deepEqual(await stateOf(missing), { state: 'due', forced: true });
});

test('what a whole reading of the column does not find again has ended', async () => {
  const column = await newColumn();
  const [one, other] = [await insertSubmitted(column, 'ann'), await insertSubmitted(column, 'bob')];
  const { context } = column;
  await drifts.record({ context, before: await drifts.now(), found: [found(one), found(other)], resend: false });
  const before = await drifts.now();
  await drifts.record({ context, before, found: [found(other)], resend: false });
  await drifts.endColumn({ lineItem: column.lineItem, before });
  assert.deepEqual(await listDrifts(one), [{ kind: 'changed', resent: false, ended: true }]);
  assert.deepEqual(await listDrifts(other), [{ kind: 'changed', resent: false, ended: false }]);
  assert.equal((await drifts.countOpen(context)).changed, 1);
});

test('lists only columns that took scores, and says who is gone by the roster', async () => {
  const column = await newColumn();
  await insertLineItem(db, { context: column.context });
  await insertSubmitted(column, 'ann');
  await insertSubmitted(column, 'gone');
  await insertMembership(db, { context: column.context, userId: 'gone', columns: { status: 'Inactive' } });
  const columns = await drifts.listColumns(column.context, null);
  assert.deepEqual(
    columns.map(({ lineItem }) => lineItem),
    [column.lineItem],
  );
  assert.deepEqual(await drifts.listColumns(column.context, column.lineItem), []);
  const before = await drifts.now();
  const sent = await drifts.listSent({ lineItem: column.lineItem, before, after: null, limit: 10 });
  assert.deepEqual(sent.map(({ userId, isGone }) => [userId, isGone]).toSorted(), [
    ['ann', false],
    ['gone', true],
  ]);
});
