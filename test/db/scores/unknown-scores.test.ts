import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { queryRows } from '../../../db/server/knex.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { createUnknownScores, type Settlement } from '../../../db/scores/unknown-scores.js';
import type { ScoreState } from '../../../domain/score.js';
import { acceptScores } from '../../helpers/accept-scores.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore, scoreValue } from '../../helpers/factories.js';
import { getStoredScore, type StoredScore } from '../../helpers/stored-score.js';

const { db } = await createTestDatabase();
const store = createUnknownScores(db);
const { id: context, gate } = await insertContext(db);
const { id: lineItem } = await insertLineItem(db, { context });
const taken = await createLanes(db).take({ gate, leaseMs: 600_000, laneMs: 600_000, settleMs: 0 });
const lane = { gate, token: 'token' in taken ? taken.token : 0 };

const getScore = (id: string): Promise<StoredScore> => getStoredScore(db, id);

const addUnknown = async (userId: string, columns: Knex.ValueDict = {}): Promise<string> =>
  (await insertScore(db, { context, lineItem, userId, state: 'unknown', columns: { tries: 2, ...columns } })).id;

const settle = (id: string, change: Partial<Settlement> & Pick<Settlement, 'outcome'>): Promise<boolean> =>
  store.settle({
    ...lane,
    settlements: [{ id, startedAt: new Date(), durationMs: 5, serviceKey: null, ...change }],
    workflowRun: 'run-1',
  });

const accept = async (userId: string, scoreGiven: number): Promise<string | undefined> => {
  const [accepted] = await acceptScores(db, [
    {
      ...{ context, lineItem, userId, value: scoreValue({ scoreGiven }), changedAt: new Date(), force: false },
      ...{ priority: 1, awaitsNightly: false },
    },
  ]);
  return accepted?.outcome;
};

test('lists what rests no longer, by column', async () => {
  const course = await insertContext(db);
  const [one, two] = [
    await insertLineItem(db, { context: course.id }),
    await insertLineItem(db, { context: course.id }),
  ];
  const insert = (of: string, state: ScoreState, columns: Knex.ValueDict = {}): Promise<{ id: string }> =>
    insertScore(db, { context: course.id, lineItem: of, state, columns });
  const expected = [await insert(one.id, 'unknown'), await insert(two.id, 'unknown'), await insert(one.id, 'unknown')];
  await insert(one.id, 'unknown', { not_before: '2100-01-01' });
  await insert(one.id, 'sending');
  await insert(one.id, 'due');
  const listed = await store.listReady({ gate: course.gate, limit: 10 });
  assert.deepEqual(new Set(listed.map(({ id }) => id)), new Set(expected.map(({ id }) => id)));
  const columns = listed.map((score) => score.lineItem);
  assert.equal(columns.filter((column, place) => column !== columns[place - 1]).length, 2);
  assert.deepEqual(listed[0]?.sending, scoreValue());
  assert.equal((await store.listReady({ gate: course.gate, limit: 2 })).length, 2);
});

test('what cannot be asked now rests, one try more, and what is settled meanwhile does not', async () => {
  const id = await addUnknown('postponed');
  const due = await insertScore(db, { context, lineItem, columns: { tries: 1 } });
  await store.postpone({ ids: [id, due.id], restMs: 60_000, isTry: true });
  const { state, tries, rest_seconds } = await getScore(id);
  assert.deepEqual([state, tries], ['unknown', 3]);
  assert.ok(rest_seconds > 50 && rest_seconds <= 60, String(rest_seconds));
  const other = await getScore(due.id);
  assert.deepEqual([other.tries, other.rest_seconds <= 0], [1, true]);
});

test('confirmed: the gradebook holds what was sent', async () => {
  const id = await addUnknown('confirmed', { failure_type: 'OutcomeUnknown' });
  assert.equal(await settle(id, { outcome: 'confirmed' }), true);
  const row = await getScore(id);
  assert.deepEqual([row.state, row.submitted, row.submitted_revision], ['submitted', scoreValue(), 1]);
  assert.deepEqual([row.sending, row.tries, row.failure_type], [null, 0, null]);
});

test('absent: due at once, with what was held before and the tries it had', async () => {
  const before = scoreValue({ scoreGiven: 3 });
  const columns = { revision: 2, sending_revision: 2, submitted: JSON.stringify(before), submitted_revision: 1 };
  const id = await addUnknown('absent', columns);
  await settle(id, { outcome: 'absent' });
  const row = await getScore(id);
  assert.deepEqual([row.state, row.submitted, row.submitted_revision], ['due', before, 1]);
  assert.deepEqual([row.sending, row.tries, row.rest_seconds <= 0], [null, 2, true]);
});

test('confirmed: a newer revision that came meanwhile is due', async () => {
  const id = await addUnknown('newer');
  await accept('newer', 9);
  await settle(id, { outcome: 'confirmed' });
  const row = await getScore(id);
  assert.deepEqual([row.state, row.revision, row.submitted_revision], ['due', 2, 1]);
  assert.deepEqual(row.submitted, scoreValue());
});

test('confirmed: a newer revision with the same value needs no call', async () => {
  const id = await addUnknown('there and back');
  await accept('there and back', 9);
  await accept('there and back', 7.5);
  await settle(id, { outcome: 'confirmed' });
  const row = await getScore(id);
  assert.deepEqual([row.state, row.revision, row.submitted_revision], ['submitted', 3, 3]);
});

test('after an outcome that nobody could find out, the value from before is sent, not taken for held', async () => {
  const columns = { submitted: JSON.stringify(scoreValue({ scoreGiven: 3 })), submitted_revision: 1 };
  const id = await addUnknown('undone', { ...columns, revision: 2, sending_revision: 2, changed_at: '2026-01-01' });
  await settle(id, { outcome: 'absent', failureType: 'ScopeMissing' });
  assert.equal(await accept('undone', 3), 'accepted');
  assert.equal((await getScore(id)).state, 'due');
});

test('settling leaves its evidence, and is refused under a lost lane', async () => {
  const id = await addUnknown('evidence');
  const settlements = [
    { id, outcome: 'absent', startedAt: new Date(), durationMs: 5, serviceKey: null, failureType: 'ScopeMissing' },
  ] satisfies Settlement[];
  const old = { ...lane, token: lane.token - 1 };
  assert.equal(await store.settle({ ...old, settlements, workflowRun: 'run-1' }), false);
  assert.equal((await getScore(id)).state, 'unknown');
  assert.equal(await store.settle({ ...lane, settlements, workflowRun: 'run-1' }), true);
  // Told twice, it is recorded once.
  assert.equal(await store.settle({ ...lane, settlements, workflowRun: 'run-1' }), true);
  const attempts = await queryRows(
    db,
    'select revision, kind, outcome, failure_type, duration_ms, workflow_run, lane_token from attempts where score = ?',
    [id],
  );
  assert.deepEqual(attempts, [
    {
      ...{ revision: 1, kind: 'readBack', outcome: 'absent', failure_type: 'ScopeMissing', duration_ms: 5 },
      ...{ workflow_run: 'run-1', lane_token: lane.token },
    },
  ]);
});
