import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaims } from '../../../db/scores/claims.js';
import { queryRows } from '../../../db/server/knex.js';
import { createLanes } from '../../../db/courses/lanes.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';
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

const newContext = async (): Promise<string> => (await insertContext(db)).id;

const expire = (context: string): Promise<unknown> =>
  db.raw(`update contexts set lane_expires_at = now() - interval '1 ms' where id = ?`, [context]);

async function takeLane(context: string, { holder } = me): Promise<number> {
  const lane = await lanes.take({ context, holder, laneMs: LANE_MS });
  assert.ok('token' in lane, JSON.stringify(lane));
  return lane.token;
}

test('a rival cannot take the lane of a living holder, and learns how long it is busy', async () => {
  const context = await newContext();
  await takeLane(context);
  const answer = await lanes.take({ context, holder: rival.holder, laneMs: LANE_MS });
  assert.ok('busyForMs' in answer && answer.busyForMs > 0 && answer.busyForMs <= LANE_MS, JSON.stringify(answer));
});

test('a forgotten attempt of the same process keeps the lane against the next one', async () => {
  const context = await newContext();
  await takeLane(context);
  assert.ok('busyForMs' in (await lanes.take({ context, holder: me.holder, laneMs: LANE_MS })));
});

test('a lane that was given back, or has run out, can be taken under a newer token', async () => {
  const context = await newContext();
  const first = await takeLane(context);
  await lanes.giveBack({ context, token: first, tendedForMs: null });
  const second = await takeLane(context, rival);
  await expire(context);
  const third = await takeLane(context);
  assert.deepEqual([second, third], [first + 1, first + 2]);
});

test('the lane of a dead holder is free at once, and that of a paused one is not', async () => {
  const context = await newContext();
  const dying = await createLiving();
  await takeLane(context, dying);
  assert.ok('busyForMs' in (await lanes.take({ context, holder: rival.holder, laneMs: LANE_MS })));
  await dying.kill();
  await takeLane(context, rival);
});

test('of many who take a dead holder’s lane at once, one gets it', async () => {
  const context = await newContext();
  const dying = await createLiving();
  await takeLane(context, dying);
  await dying.kill();
  const tries = Array.from({ length: 8 }, () => lanes.take({ context, holder: me.holder, laneMs: LANE_MS }));
  const answers = await Promise.all(tries);
  assert.equal(answers.filter((answer) => 'token' in answer).length, 1);
});

test('looking whether a holder lives takes nothing from it', async () => {
  const context = await newContext();
  const dead = (holders += 1);
  await takeLane(context, { ...me, holder: dead });
  await takeLane(context);
  const locks = await queryRows(db, 'select 1 from pg_locks where locktype = ? and objid = ?', ['advisory', dead]);
  assert.deepEqual(locks, []);
});

test('a lane is lengthened under its own token only', async () => {
  const context = await newContext();
  const old = await takeLane(context);
  assert.equal(await lanes.extend({ context, token: old, laneMs: LANE_MS }), true);
  await expire(context);
  const token = await takeLane(context, rival);
  assert.equal(await lanes.extend({ context, token: old, laneMs: LANE_MS }), false);
  await lanes.giveBack({ context, token: old, tendedForMs: null });
  assert.equal(await lanes.extend({ context, token, laneMs: LANE_MS }), true);
  await lanes.giveBack({ context, token, tendedForMs: null });
  assert.equal(await lanes.extend({ context, token, laneMs: LANE_MS }), false);
});

test('giving back says for how long the context is tended', async () => {
  const context = await newContext();
  const tended = (): Promise<unknown[]> =>
    queryRows(db, `select tended_until > now() + interval '50 s' as tended from contexts where id = ?`, [context]);
  await lanes.giveBack({ context, token: await takeLane(context), tendedForMs: 60_000 });
  assert.deepEqual(await tended(), [{ tended: true }]);
  await lanes.giveBack({ context, token: await takeLane(context), tendedForMs: null });
  assert.deepEqual(await tended(), [{ tended: null }]);
});

test('an older token neither claims nor records', async () => {
  const { id: context, deployment } = await insertContext(db);
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  const old = { context, deployment, token: await takeLane(context), laneMs: LANE_MS };
  const [claimed] = (await claims.claim({ ...old, limit: 1 })) ?? [];
  assert.ok(claimed);
  await insertScore(db, { context, lineItem });
  await expire(context);
  await takeLane(context, rival);
  assert.equal(await claims.claim({ ...old, limit: 1 }), null);
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
  const context = await newContext();
  const { id: lineItem } = await insertLineItem(db, { context });
  await insertScore(db, { context, lineItem });
  const dying = await createLiving();
  const token = await takeLane(context, dying);
  await claims.claim({ context, token, laneMs: LANE_MS, limit: 1 });
  const [before] = await queryRows<{ until: Date }>(db, 'select lane_expires_at as until from contexts where id = ?', [
    context,
  ]);
  await dying.kill();
  await takeLane(context, rival);
  const rows = await queryRows(db, 'select state, not_before, sending is null as lost from scores where context = ?', [
    context,
  ]);
  assert.deepEqual(rows, [{ state: 'unknown', not_before: before?.until, lost: false }]);
});

test('taking a lane leaves the scores of other courses alone', async () => {
  const [mine, other] = [await newContext(), await newContext()];
  const { id: lineItem } = await insertLineItem(db, { context: other });
  await insertScore(db, { context: other, lineItem, state: 'sending' });
  await takeLane(mine);
  const rows = await queryRows(db, 'select state from scores where context = ?', [other]);
  assert.deepEqual(rows, [{ state: 'sending' }]);
});

test('a context that does not exist is told', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  await assert.rejects(lanes.take({ context: nobody, holder: me.holder, laneMs: LANE_MS }), /no context/);
});
