import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createGateLimits } from '../../../db/platforms/gate-limits.js';
import { createLanes } from '../../../db/platforms/lanes.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertPlatform } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const limits = createGateLimits(db);
const TROUBLE = 'PlatformUnavailable';

const createGate = async (inFlightMax = 8): Promise<string> => (await insertPlatform(db, { inFlightMax })).gate;

interface Grant {
  granted: number;
  starts: number;
  waitMs: number;
  reason: string | null;
}

/** What a sender of the gate may do now. */
async function take(gate: string, want = 4): Promise<Grant> {
  await db.raw('update gates set lane_token = 1, lane_expires_at = now(), lane_calls_end_at = now() where id = ?', [
    gate,
  ]);
  const laneMs = 60_000;
  const grant = await createLanes(db).hold({
    ...{ gate, token: 1, leaseMs: laneMs, laneMs, inFlight: 0, want, unspent: 0, starts: 100, hasSucceeded: false },
  });
  assert.ok(grant);
  const { target: granted, starts, waitMs, reason } = grant;
  return { granted, starts, waitMs, reason };
}

const takeTurn = async (gate: string): Promise<boolean> =>
  'turn' in (await limits.takeTurn({ gate, context: randomUUID(), ttlMs: 60_000 }));

const COURSES = [randomUUID(), randomUUID()];

/** Failures of several courses, one after the other. */
async function fail(gate: string, count: number): Promise<void> {
  for (let place = 0; place < count; place += 1) await limits.noteFailure(gate, TROUBLE, COURSES[place % 2] ?? null);
}

interface Limits {
  breaker: string;
  in_flight_cap: number;
  rest_seconds: number | null;
  breaker_opened_at: Date | null;
}

async function getLimits(gate: string): Promise<Limits> {
  const [row] = await queryRows<Limits>(
    db,
    `select *, round(extract(epoch from blocked_until - clock_timestamp()))::int as rest_seconds
     from gates where id = ?`,
    [gate],
  );
  assert.ok(row);
  return row;
}

const endRest = (gate: string): Promise<unknown> =>
  db.raw('update gates set blocked_until = clock_timestamp() where id = ?', [gate]);

const openBreaker = (gate: string): Promise<void> => fail(gate, 5);

test('the breaker opens after five failures in a row, and not before', async () => {
  const gate = await createGate();
  await fail(gate, 4);
  assert.equal((await take(gate)).granted, 4);
  await fail(gate, 1);
  const { granted, starts, waitMs, reason } = await take(gate);
  assert.deepEqual([granted, starts, reason], [0, 0, TROUBLE]);
  assert.ok(waitMs > 14_000 && waitMs <= 15_000, String(waitMs));
});

test('a success between failures counts them anew', async () => {
  const gate = await createGate();
  await fail(gate, 4);
  assert.equal(await limits.noteSuccess(gate), null);
  await fail(gate, 4);
  assert.equal((await getLimits(gate)).breaker, 'closed');
});

test('failures that come together from many workers open the breaker once', async () => {
  const gate = await createGate();
  const courses = Array.from({ length: 8 }, (_, place) => COURSES[place % 2] ?? null);
  const changes = await Promise.all(courses.map((course) => limits.noteFailure(gate, TROUBLE, course)));
  assert.deepEqual(changes.filter(Boolean), ['opened']);
  const { breaker, rest_seconds } = await getLimits(gate);
  assert.deepEqual([breaker, rest_seconds], ['open', 15]);
});

test('what one course meets alone opens no breaker', async () => {
  const gate = await createGate();
  for (let count = 0; count < 12; count += 1) await limits.noteFailure(gate, TROUBLE, COURSES[0] ?? null);
  assert.equal((await getLimits(gate)).breaker, 'closed');
  await limits.noteFailure(gate, TROUBLE, COURSES[1] ?? null);
  assert.equal((await getLimits(gate)).breaker, 'open');
});

test('what the sender sends well ends the row of failures that readers count', async () => {
  const gate = await createGate();
  await fail(gate, 4);
  await take(gate);
  const hold = {
    gate,
    token: 1,
    leaseMs: 60_000,
    laneMs: 60_000,
    inFlight: 0,
    want: 4,
    unspent: 0,
    starts: 1,
    hasSucceeded: true,
  };
  await createLanes(db).hold(hold);
  await fail(gate, 4);
  assert.equal((await getLimits(gate)).breaker, 'closed');
});

test('after the rest one probe goes out, whoever and however many ask', async () => {
  const gate = await createGate();
  await openBreaker(gate);
  await endRest(gate);
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, async () => (await take(gate)).starts),
    ...Array.from({ length: 4 }, async () => ((await takeTurn(gate)) ? 1 : 0)),
  ]);
  assert.equal(
    answers.reduce((sum, starts) => sum + starts, 0),
    1,
  );
});

test('one that wants nothing does not use up the probe', async () => {
  const gate = await createGate();
  await openBreaker(gate);
  await endRest(gate);
  assert.equal((await take(gate, 0)).granted, 0);
  assert.equal((await take(gate)).starts, 1);
});

test('a probe whose process died is followed by another when it has run out', async () => {
  const gate = await createGate();
  await openBreaker(gate);
  await endRest(gate);
  assert.equal((await take(gate)).starts, 1);
  assert.equal((await take(gate)).starts, 0);
  await db.raw('update gates set probe_until = clock_timestamp() where id = ?', [gate]);
  assert.equal((await take(gate)).starts, 1);
});

test('each failed probe doubles the rest, ten minutes at most, and the first opening stays known', async () => {
  const gate = await createGate();
  await openBreaker(gate);
  const { breaker_opened_at } = await getLimits(gate);
  for (const seconds of [30, 60, 120, 240, 480, 600, 600]) {
    await endRest(gate);
    assert.equal((await take(gate)).starts, 1);
    await fail(gate, 1);
    assert.equal((await getLimits(gate)).rest_seconds, seconds);
  }
  assert.deepEqual((await getLimits(gate)).breaker_opened_at, breaker_opened_at);
});

test('failures of calls that were under way do not lengthen an open breaker’s rest', async () => {
  const gate = await createGate();
  await openBreaker(gate);
  await fail(gate, 3);
  assert.equal((await getLimits(gate)).rest_seconds, 15);
});

test('a probe that succeeds closes the breaker, and the next rest is short again', async () => {
  const gate = await createGate();
  await openBreaker(gate);
  await endRest(gate);
  await take(gate);
  await fail(gate, 1);
  await endRest(gate);
  await take(gate);
  assert.equal(await limits.noteSuccess(gate), 'closed');
  assert.deepEqual(await take(gate), { granted: 4, starts: 100, waitMs: 0, reason: null });
  await openBreaker(gate);
  assert.equal((await getLimits(gate)).rest_seconds, 15);
});

test('a failure that only a person can end opens the breaker at once, and probes go on', async () => {
  const gate = await createGate();
  assert.equal(await limits.openBreaker(gate, 'ApiKeyRejected'), 'opened');
  assert.equal(await limits.openBreaker(gate, 'ApiKeyRejected'), null);
  assert.equal((await take(gate)).reason, 'ApiKeyRejected');
  await endRest(gate);
  assert.equal((await take(gate)).starts, 1);
});

test('an outage that says how long it lasts opens the breaker for that long, however long', async () => {
  for (const seconds of [2, 3_600]) {
    const gate = await createGate();
    await limits.openBreaker(gate, TROUBLE, seconds * 1_000);
    assert.equal((await getLimits(gate)).rest_seconds, seconds);
  }
});

test('trouble of one gate leaves the others alone', async () => {
  const [one, other] = [await createGate(), await createGate()];
  await openBreaker(one);
  await limits.noteThrottled(one, 30_000);
  assert.equal((await take(other)).granted, 4);
});

test('throttling stops new calls for as long as was asked, and never for less than before', async () => {
  const gate = await createGate();
  await limits.noteThrottled(gate, 30_000);
  await limits.noteThrottled(gate, 1_000);
  const { granted, waitMs, reason } = await take(gate);
  assert.deepEqual([granted, reason], [0, 'PlatformRateLimited']);
  assert.ok(waitMs > 29_000 && waitMs <= 30_000, String(waitMs));
});

test('throttling halves the calls in flight once in two seconds, down to one', async () => {
  const gate = await createGate(8);
  const caps: number[] = [];
  const throttle = async (): Promise<void> => {
    await limits.noteThrottled(gate, 0);
    caps.push((await getLimits(gate)).in_flight_cap);
  };
  await throttle();
  // The answers of calls that went out together.
  await throttle();
  for (let times = 0; times < 4; times += 1) {
    await db.raw(`update gates set cap_changed_at = now() - interval '3 s' where id = ?`, [gate]);
    await throttle();
  }
  assert.deepEqual(caps, [4, 4, 2, 1, 1, 1]);
});

test('the calls in flight are raised again one by one, every ten seconds, up to the most', async () => {
  const gate = await createGate(4);
  await db.raw('update gates set in_flight_cap = 2 where id = ?', [gate]);
  const granted: number[] = [];
  for (const pause of [5, 11, 5, 11, 11]) {
    await db.raw('update gates set cap_changed_at = now() - make_interval(secs => ?) where id = ?', [pause, gate]);
    granted.push((await take(gate, 9)).granted);
  }
  assert.deepEqual(granted, [2, 3, 3, 4, 4]);
});
