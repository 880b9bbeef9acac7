import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createGateLimits, type ReadingTurn } from '../../../db/platforms/gate-limits.js';
import { createLanes, type HoldLaneInput, type LaneGrant } from '../../../db/platforms/lanes.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertPlatform } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const lanes = createLanes(db);
const limits = createGateLimits(db);

const createGate = async (options: { inFlightMax?: number; ratePerSecond?: number } = {}): Promise<string> =>
  (await insertPlatform(db, options)).gate;

type Ask = (change?: Partial<HoldLaneInput>) => Promise<LaneGrant>;

async function createSender(gate: string): Promise<Ask> {
  const lane = await lanes.take({ gate, leaseMs: 60_000, laneMs: 60_000, settleMs: 0 });
  assert.ok('token' in lane);
  return async (change = {}) => {
    const grant = await lanes.hold({
      ...{ gate, token: lane.token, leaseMs: 60_000, laneMs: 60_000, inFlight: 0, want: 64, unspent: 0, starts: 1_000 },
      hasSucceeded: false,
      ...change,
    });
    assert.ok(grant);
    return grant;
  };
}

const takeTurn = (gate: string, ttlMs = 60_000): Promise<ReadingTurn> =>
  limits.takeTurn({ gate, context: randomUUID(), ttlMs });
const isTurn = (answer: ReadingTurn): answer is { turn: string } => 'turn' in answer;

test('grants the sender what it wants up to the cap', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  const ask = await createSender(gate);
  const expected = { starts: 1_000, isProbe: false, waitMs: 0, reason: null, pauses: 0 };
  assert.deepEqual(await ask({ want: 3 }), { ...expected, target: 3 });
  assert.deepEqual(await ask(), { ...expected, target: 4 });
});

test('who reads gets a turn for each call, the cap at most, and after it ended another', async () => {
  const gate = await createGate({ inFlightMax: 2 });
  const [one, two] = [await takeTurn(gate), await takeTurn(gate)];
  assert.ok(isTurn(one) && isTurn(two));
  const refused = await takeTurn(gate);
  assert.ok(!isTurn(refused) && refused.reason === 'permits' && refused.waitMs > 0);
  await limits.endTurn(one.turn);
  assert.ok(isTurn(await takeTurn(gate)));
});

test('a turn whose process died runs out by itself', async () => {
  const gate = await createGate({ inFlightMax: 1 });
  assert.ok(isTurn(await takeTurn(gate, 0)));
  assert.ok(isTurn(await takeTurn(gate)));
});

test('the sender makes room for who reads, and takes it back afterwards', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  const ask = await createSender(gate);
  assert.equal((await ask()).target, 4);
  assert.ok(!isTurn(await takeTurn(gate)));
  // Four calls are under way: the share shrinks only as they end.
  assert.equal((await ask({ inFlight: 4 })).target, 3);
  assert.ok(!isTurn(await takeTurn(gate)));
  assert.equal((await ask({ inFlight: 3 })).target, 3);
  const turn = await takeTurn(gate);
  assert.ok(isTurn(turn));
  await limits.endTurn(turn.turn);
  await db.raw('update gates set reader_waits_until = now() where id = ?', [gate]);
  assert.equal((await ask({ inFlight: 3 })).target, 4);
});

test('where one call is all, sender and reader take turns', async () => {
  const gate = await createGate({ inFlightMax: 1 });
  const ask = await createSender(gate);
  assert.equal((await ask()).target, 1);
  assert.ok(!isTurn(await takeTurn(gate)));
  assert.equal((await ask()).target, 0);
  const turn = await takeTurn(gate);
  assert.ok(isTurn(turn));
  assert.equal((await ask()).target, 0);
  await limits.endTurn(turn.turn);
  await db.raw('update gates set reader_waits_until = null where id = ?', [gate]);
  assert.equal((await ask()).target, 1);
});

test('sender and readers never have more calls under way together than the cap', async () => {
  const gate = await createGate({ inFlightMax: 3 });
  const ask = await createSender(gate);
  let sending = 0;
  let reading = 0;
  let target = 0;
  const check = (): void => assert.ok(sending + reading <= 3, `${sending} + ${reading}`);
  const reader = async (): Promise<void> => {
    for (let round = 0; round < 15; round += 1) {
      const turn = await takeTurn(gate);
      if (!isTurn(turn)) continue;
      reading += 1;
      check();
      await new Promise((resolve) => setTimeout(resolve, 2));
      reading -= 1;
      await limits.endTurn(turn.turn);
    }
  };
  const sender = async (): Promise<void> => {
    for (let round = 0; round < 60; round += 1) {
      ({ target } = await ask({ inFlight: Math.max(sending, target) }));
      if (sending < target) sending += 1;
      else if (sending > target || round % 3 === 0) sending = Math.max(sending - 1, 0);
      check();
    }
  };
  await Promise.all([sender(), reader(), reader(), reader()]);
});

test('a rate is one budget for all: what the sender has not used counts, what it has does not', async () => {
  const gate = await createGate({ inFlightMax: 80, ratePerSecond: 10 });
  const ask = await createSender(gate);
  const setTokens = (count: number): Promise<unknown> =>
    db.raw('update gates set tokens = ?, tokens_at = clock_timestamp() where id = ?', [count, gate]);
  await setTokens(10);
  assert.equal((await ask()).starts, 10);
  const empty = await takeTurn(gate);
  assert.ok(!isTurn(empty) && empty.reason === 'rate' && empty.waitMs <= 100);
  assert.equal((await ask({ unspent: 4 })).starts, 4);
  await setTokens(1);
  assert.ok(isTurn(await takeTurn(gate)));
  assert.equal((await ask()).starts, 0);
});

test('a probe that proved nothing makes room for another at once, and changes nothing else', async () => {
  const [halfOpen, shut] = [await createGate(), await createGate()];
  await limits.openBreaker(halfOpen, 'PlatformUnavailable');
  await db.raw('update gates set blocked_until = clock_timestamp() where id = ?', [halfOpen]);
  assert.ok(isTurn(await takeTurn(halfOpen)));
  assert.ok(!isTurn(await takeTurn(halfOpen)));
  for (const gate of [halfOpen, shut]) await limits.endProbe(gate);
  assert.ok(isTurn(await takeTurn(halfOpen)));
  const breakers = await db('gates').whereIn('id', [halfOpen, shut]).orderBy('breaker').pluck<string[]>('breaker');
  assert.deepEqual(breakers, ['closed', 'halfOpen']);
});
