import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaims } from '../../../db/scores/claims.js';
import { queryRows } from '../../../db/server/knex.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';
import { createHolder } from '../../helpers/holder.js';

const { db, url } = await createTestDatabase();
const lanes = createLanes(db);
const claims = createClaims(db);
const LANE_MS = 60_000;

let holders = 100;

/** A living holder, which ends with the file or before by `kill`. */
async function createLiving(): Promise<{ holder: number; kill: () => Promise<void> }> {
  const holder = (holders += 1);
  return { holder, ...(await createHolder({ db, url }, holder)) };
}

const me = await createLiving();
const rival = await createLiving();

const newGate = async (): Promise<string> => (await insertPlatform(db)).gate;

const hold = (gate: string, token: number) =>
  lanes.hold({
    ...{ gate, token, laneMs: LANE_MS },
    ...{ inFlight: 0, want: 4, unspent: 0, starts: 10, hasSucceeded: false },
  });

const expire = (gate: string): Promise<unknown> =>
  db.raw(`update gates set lane_expires_at = now() - interval '1 ms' where id = ?`, [gate]);

async function takeLane(gate: string, { holder } = me): Promise<number> {
  const lane = await lanes.take({ gate, holder, laneMs: LANE_MS });
  assert.ok('token' in lane, JSON.stringify(lane));
  return lane.token;
}

test('a rival cannot take the lane of a living holder, and learns how long it is busy', async () => {
  const gate = await newGate();
  await takeLane(gate);
  const answer = await lanes.take({ gate, holder: rival.holder, laneMs: LANE_MS });
  assert.ok('busyForMs' in answer && answer.busyForMs > 0 && answer.busyForMs <= LANE_MS, JSON.stringify(answer));
});

test('a forgotten attempt of the same process keeps the lane against the next one', async () => {
  const gate = await newGate();
  await takeLane(gate);
  assert.ok('busyForMs' in (await lanes.take({ gate, holder: me.holder, laneMs: LANE_MS })));
});

test('a lane that was given back, or has run out, can be taken under a newer token', async () => {
  const gate = await newGate();
  const first = await takeLane(gate);
  await lanes.giveBack({ gate, token: first });
  const second = await takeLane(gate, rival);
  await expire(gate);
  const third = await takeLane(gate);
  assert.deepEqual([second, third], [first + 1, first + 2]);
});

test('the lane of a dead holder is free at once, and that of a paused one is not', async () => {
  const gate = await newGate();
  const dying = await createLiving();
  await takeLane(gate, dying);
  assert.ok('busyForMs' in (await lanes.take({ gate, holder: rival.holder, laneMs: LANE_MS })));
  await dying.kill();
  await takeLane(gate, rival);
});

test('of many who take a dead holder’s lane at once, one gets it', async () => {
  const gate = await newGate();
  const dying = await createLiving();
  await takeLane(gate, dying);
  await dying.kill();
  const tries = Array.from({ length: 8 }, () => lanes.take({ gate, holder: me.holder, laneMs: LANE_MS }));
  const answers = await Promise.all(tries);
  assert.equal(answers.filter((answer) => 'token' in answer).length, 1);
});

test('looking whether a holder lives takes nothing from it', async () => {
  const gate = await newGate();
  const dead = (holders += 1);
  await takeLane(gate, { ...me, holder: dead });
  await takeLane(gate);
  const locks = await queryRows(db, 'select 1 from pg_locks where locktype = ? and objid = ?', ['advisory', dead]);
  assert.deepEqual(locks, []);
});

test('a lane is lengthened under its own token only', async () => {
  const gate = await newGate();
  const old = await takeLane(gate);
  assert.equal((await hold(gate, old)) !== null, true);
  await expire(gate);
  const token = await takeLane(gate, rival);
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
  const old = { gate, token: await takeLane(gate), laneMs: LANE_MS };
  const [claimed] = (await claims.claim({ ...old, limit: 1, after: null }))?.scores ?? [];
  assert.ok(claimed);
  await insertScore(db, { context, lineItem });
  await expire(gate);
  await takeLane(gate, rival);
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

test('what a dead holder was sending is unknown, and rests until its lane would have run out', async () => {
  const { id: context, gate } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  const dying = await createLiving();
  const token = await takeLane(gate, dying);
  await claims.claim({ gate, token, laneMs: LANE_MS, limit: 1, after: null });
  const [before] = await queryRows<{ until: Date }>(db, 'select lane_expires_at as until from gates where id = ?', [
    gate,
  ]);
  await dying.kill();
  await takeLane(gate, rival);
  const rows = await queryRows(db, 'select state, not_before, sending is null as lost from scores where context = ?', [
    context,
  ]);
  assert.deepEqual(rows, [{ state: 'unknown', not_before: before?.until, lost: false }]);
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
  await assert.rejects(lanes.take({ gate: nobody, holder: me.holder, laneMs: LANE_MS }), /no gate/);
});
