import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createClaims, type SendOutcome } from '../../../db/scores/claims.js';
import { queryRows } from '../../../db/server/knex.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { acceptScores } from '../../helpers/accept-scores.js';
import { createTestDatabase, toQueryable } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore, scoreValue } from '../../helpers/factories.js';
import { getStoredScore, type StoredScore } from '../../helpers/stored-score.js';

const { db } = await createTestDatabase();
const claims = createClaims(toQueryable(db));
const { id: context, gate } = await insertContext(db);
const { id: lineItem } = await insertLineItem(db, { context });
const taken = await createLanes(db).take({ gate, leaseMs: 600_000, laneMs: 600_000, settleMs: 0 });
const lane = { gate, after: null, token: 'token' in taken ? taken.token : 0 };

const getScore = (id: string): Promise<StoredScore> => getStoredScore(db, id);

/** Claims one new score. */
async function claimOne(userId: string, columns: Knex.ValueDict = {}): Promise<string> {
  const { id } = await insertScore(db, { context, lineItem, userId, columns });
  const claimed = await claims.claim({ ...lane, limit: 100 });
  assert.deepEqual(
    claimed?.scores.map((score) => score.id),
    [id],
  );
  return id;
}

const record = async (id: string, change: Partial<SendOutcome> & Pick<SendOutcome, 'outcome'>): Promise<void> => {
  const facts = { id, startedAt: new Date(), durationMs: 12, restMs: 0, serviceKey: null };
  assert.equal(await claims.record({ ...lane, outcomes: [{ ...facts, ...change }], workflowRun: 'run-1' }), true);
};

const accept = (userId: string, scoreGiven: number, force = false): Promise<unknown> =>
  acceptScores(db, [
    {
      ...{ context, lineItem, userId, value: scoreValue({ scoreGiven }), changedAt: new Date(), force },
      ...{ priority: 1, awaitsNightly: false },
    },
  ]);

const rejection = { outcome: 'rejected', failureType: 'ScoreRejected', excerpt: 'no', status: 422 } as const;
const retry = { outcome: 'retryable', failureType: 'PlatformFailed', excerpt: 'oops', restMs: 90_000 } as const;
const unclear = { outcome: 'unknown', failureType: 'OutcomeUnknown', restMs: 5_000 } as const;

test('submitted: the gradebook holds the revision, and old trouble is forgotten', async () => {
  const id = await claimOne('submitted', { tries: 4, failure_type: 'PlatformFailed', failure_detail: 'oops' });
  await record(id, { outcome: 'submitted', status: 200 });
  const { state, submitted, submitted_revision, sending, tries, failure_type } = await getScore(id);
  assert.deepEqual(
    [state, submitted, submitted_revision, sending, tries, failure_type],
    ['submitted', scoreValue(), 1, null, 0, null],
  );
});

test('rejected: the reason stays with the score', async () => {
  const id = await claimOne('rejected');
  await record(id, rejection);
  const { state, failure_type, failure_detail, submitted, sending } = await getScore(id);
  assert.deepEqual([state, failure_type, failure_detail], ['rejected', 'ScoreRejected', 'no']);
  assert.deepEqual([submitted, sending], [null, null]);
});

test('retryable: due again after its rest, one try more', async () => {
  const id = await claimOne('retryable', { tries: 2 });
  await record(id, retry);
  const { state, tries, rest_seconds, failure_type, sending } = await getScore(id);
  assert.deepEqual([state, tries, failure_type, sending], ['due', 3, 'PlatformFailed', null]);
  assert.ok(rest_seconds > 80 && rest_seconds <= 90, String(rest_seconds));
});

test('unknown: what was sent stays known, and it rests', async () => {
  const id = await claimOne('unknown');
  await record(id, unclear);
  const { state, tries, rest_seconds, sending } = await getScore(id);
  assert.deepEqual([state, tries, sending], ['unknown', 1, scoreValue()]);
  assert.ok(rest_seconds >= 3 && rest_seconds <= 5, String(rest_seconds));
});

test('notBegun: due as before, with the trouble and the tries that it had, and no attempt', async () => {
  const id = await claimOne('notBegun', { tries: 2, failure_type: 'PlatformFailed', failure_detail: 'oops' });
  await record(id, { outcome: 'notBegun' });
  const { state, tries, failure_type, failure_detail } = await getScore(id);
  assert.deepEqual([state, tries, failure_type, failure_detail], ['due', 2, 'PlatformFailed', 'oops']);
  assert.deepEqual(await queryRows(db, 'select 1 from attempts where score = ?', [id]), []);
  // So that the next test claims its own score only.
  await db.raw(`update scores set awaits_nightly = true where id = ?`, [id]);
});

for (const outcome of [{ outcome: 'submitted' }, rejection, retry, { outcome: 'notBegun' }] as const) {
  test(`${outcome.outcome}: a newer revision that came meanwhile is due within seconds, without the old reason`, async () => {
    const id = await claimOne(`newer than ${outcome.outcome}`);
    await accept(`newer than ${outcome.outcome}`, 9);
    await record(id, outcome);
    const row = await getScore(id);
    assert.deepEqual([row.state, row.revision, row.tries, row.failure_type], ['due', 2, 0, null]);
    assert.ok(row.rest_seconds <= 2, String(row.rest_seconds));
    const took = outcome.outcome === 'submitted' ? [1, scoreValue()] : [null, null];
    assert.deepEqual([row.submitted_revision, row.submitted], took);
    await db.raw(`update scores set awaits_nightly = true where id = ?`, [id]);
  });
}

test('unknown: a newer revision that came meanwhile waits until the older is settled', async () => {
  const id = await claimOne('newer than unknown');
  await accept('newer than unknown', 9);
  await record(id, unclear);
  const { state, revision, sending, rest_seconds } = await getScore(id);
  assert.deepEqual([state, revision, sending?.scoreGiven], ['unknown', 2, 7.5]);
  assert.ok(rest_seconds > 0);
});

test('submitted: a newer revision with the same value needs no call', async () => {
  const id = await claimOne('there and back');
  await accept('there and back', 9);
  await accept('there and back', 7.5);
  await record(id, { outcome: 'submitted' });
  const { state, revision, submitted_revision } = await getScore(id);
  assert.deepEqual([state, revision, submitted_revision], ['submitted', 3, 3]);
});

test('submitted: a newer revision that was forced is sent all the same, once', async () => {
  const id = await claimOne('forced');
  await accept('forced', 7.5, true);
  await record(id, { outcome: 'submitted' });
  const before = await getScore(id);
  assert.deepEqual([before.state, before.forced, before.revision], ['due', true, 2]);
  await db.raw('update scores set not_before = now() where id = ?', [id]);
  await claims.claim({ ...lane, limit: 100 });
  await record(id, { outcome: 'submitted' });
  const { state, forced, submitted_revision } = await getScore(id);
  assert.deepEqual([state, forced, submitted_revision], ['submitted', false, 2]);
});

test('every call leaves its evidence', async () => {
  const id = await claimOne('evidence');
  const startedAt = new Date('2026-11-23T02:00:00.000Z');
  await record(id, { ...rejection, code: 'NOPE', startedAt, durationMs: 34 });
  const attempts = await queryRows(
    db,
    `select revision, kind, outcome, status, failure_type, code, excerpt, started_at, duration_ms, workflow_run, lane_token
     from attempts where score = ?`,
    [id],
  );
  assert.deepEqual(attempts, [
    {
      ...{ revision: 1, kind: 'submit', outcome: 'rejected', status: 422, failure_type: 'ScoreRejected', code: 'NOPE' },
      ...{ excerpt: 'no', started_at: startedAt, duration_ms: 34, workflow_run: 'run-1', lane_token: lane.token },
    },
  ]);
});

test('an outcome of a call that was begun under an older lane is not recorded', async () => {
  const older = await insertScore(db, { context, lineItem, state: 'sending', columns: { lane_token: lane.token - 1 } });
  await record(older.id, { outcome: 'submitted' });
  assert.equal((await getScore(older.id)).state, 'sending');
  assert.deepEqual(await queryRows(db, 'select 1 from attempts where score = ?', [older.id]), []);
});

test('an outcome is recorded once, however often it is told', async () => {
  const id = await claimOne('told twice');
  await record(id, { outcome: 'submitted' });
  await record(id, rejection);
  assert.equal((await getScore(id)).state, 'submitted');
  assert.equal((await queryRows(db, 'select 1 from attempts where score = ?', [id])).length, 1);
});
