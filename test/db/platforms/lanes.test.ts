import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createClaims } from '../../../db/scores/claims.js';
import { queryRows } from '../../../db/server/knex.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { createTestDatabase, toQueryable } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const lanes = createLanes(db);
const claims = createClaims(toQueryable(db));
const LANE_MS = 60_000;

const LENGTH = { leaseMs: LANE_MS, laneMs: 2 * LANE_MS, settleMs: LANE_MS + 5_000 };

const newGate = async (): Promise<string> => (await insertPlatform(db)).gate;

const hold = (gate: string, token: number) =>
  lanes.hold({
    ...{ gate, token, leaseMs: LANE_MS, laneMs: 2 * LANE_MS },
    ...{ inFlight: 0, want: 4, unspent: 0, starts: 10, hasSucceeded: false },
  });

const expire = (gate: string): Promise<unknown> =>
  db.raw(`update gates set lane_expires_at = now() - interval '1 ms' where id = ?`, [gate]);

async function takeLane(gate: string): Promise<number> {
  const lane = await lanes.take({ gate, ...LENGTH });
  assert.ok('token' in lane, JSON.stringify(lane));
  return lane.token;
}

test('nobody else can take a lane that stands, a forgotten attempt of the same process least of all', async () => {
  const gate = await newGate();
  await takeLane(gate);
  const answer = await lanes.take({ gate, ...LENGTH });
  assert.ok('busyForMs' in answer && answer.busyForMs > 0 && answer.busyForMs <= LANE_MS, JSON.stringify(answer));
});

test('a lane that was given back, or has run out, can be taken under a newer token', async () => {
  const gate = await newGate();
  const first = await takeLane(gate);
  await lanes.giveBack({ gate, token: first });
  const second = await takeLane(gate);
  await expire(gate);
  const third = await takeLane(gate);
  assert.deepEqual([second, third], [first + 1, first + 2]);
});

test('of many who take a lane that has run out at once, one gets it', async () => {
  const gate = await newGate();
  await takeLane(gate);
  await expire(gate);
  const answers = await Promise.all(Array.from({ length: 8 }, () => lanes.take({ gate, ...LENGTH })));
  assert.equal(answers.filter((answer) => 'token' in answer).length, 1);
});

test('a session that another process shares, as behind a pooler, says nothing of who lives', async () => {
  const gate = await newGate();
  await db.transaction(async (trx) => {
    const pooled = createLanes(trx);
    assert.ok('token' in (await pooled.take({ gate, ...LENGTH })));
    assert.ok('busyForMs' in (await pooled.take({ gate, ...LENGTH })));
  });
});

test('a lane is lengthened under its own token only', async () => {
  const gate = await newGate();
  const old = await takeLane(gate);
  assert.equal((await hold(gate, old)) !== null, true);
  await expire(gate);
  const token = await takeLane(gate);
  assert.equal((await hold(gate, old)) !== null, false);
  await lanes.giveBack({ gate, token: old });
  assert.equal((await hold(gate, token)) !== null, true);
  await lanes.giveBack({ gate, token });
  assert.equal((await hold(gate, token)) !== null, false);
});

test('an older token neither claims nor records', async () => {
  const { id: context, gate } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  const old = { gate, token: await takeLane(gate) };
  const [claimed] = (await claims.claim({ ...old, limit: 1, after: null }))?.scores ?? [];
  assert.ok(claimed);
  await insertScore(db, { context, lineItem });
  await expire(gate);
  await takeLane(gate);
  assert.equal(await claims.claim({ ...old, limit: 1, after: null }), null);
  const facts = { startedAt: new Date(), durationMs: 1, restMs: 0, serviceKey: null };
  const outcomes = [{ ...facts, id: claimed.id, outcome: 'submitted' as const }];
  assert.equal(await claims.record({ ...old, outcomes, workflowRun: 'run' }), false);
  const rows = await queryRows<{ state: string }>(db, 'select state from scores where context = ? order by seq', [
    context,
  ]);
  assert.deepEqual(
    rows.map(({ state }) => state),
    ['unknown', 'due'],
  );
  assert.deepEqual(await queryRows(db, 'select 1 from attempts where score = ?', [claimed.id]), []);
});

async function loseScore(change: Knex.ValueDict = {}): Promise<{ gate: string; context: string; score: string }> {
  const { id: context, gate } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  const { id: score } = await insertScore(db, { context, lineItem });
  const token = await takeLane(gate);
  await claims.claim({ gate, token, limit: 1, after: null });
  if (Object.keys(change).length > 0) await db('scores').where({ id: score }).update(change);
  await db.raw(
    `update gates set lane_expires_at = now() - interval '1 s', lane_calls_end_at = now() + interval '20 s' where id = ?`,
    [gate],
  );
  await takeLane(gate);
  return { gate, context, score };
}

const restOf = (score: string) =>
  queryRows(
    db,
    `select state, sending_revision is null as lost, round(extract(epoch from not_before - now()))::int as rests from scores where id = ?`,
    [score],
  );

test('what a silent sender was sending is unknown, and read back soon after its last sign of life', async () => {
  const { score } = await loseScore();
  assert.deepEqual(await restOf(score), [{ state: 'unknown', lost: false, rests: 4 }]);
});

test('a newer value never overtakes a call that may still be under way', async () => {
  const { score } = await loseScore({ revision: 2 });
  assert.deepEqual(await restOf(score), [{ state: 'unknown', lost: false, rests: 20 }]);
});

test('taking a lane leaves the scores behind other gates alone', async () => {
  const mine = await newGate();
  const { id: other } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context: other });
  await insertScore(db, { context: other, lineItem, state: 'sending' });
  await takeLane(mine);
  const rows = await queryRows(db, 'select state from scores where context = ?', [other]);
  assert.deepEqual(rows, [{ state: 'sending' }]);
});

test('a gate that does not exist is told', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  await assert.rejects(lanes.take({ gate: nobody, ...LENGTH }), /no gate/);
});
