import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createGateLimits, type PermitGrant, type TakePermitsInput } from '../../../db/platforms/gate-limits.js';
import { createTestDatabase, whenBlocked } from '../../helpers/database.js';
import { insertPlatform } from '../../helpers/factories.js';
import { createHolder } from '../../helpers/holder.js';

const { db, url } = await createTestDatabase();
await createHolder({ db, url }, 1, 2, 3, 4, 5, 6, 7, 8);
const limits = createGateLimits(db);

const createGate = async (options: { inFlightMax?: number; ratePerSecond?: number } = {}): Promise<string> =>
  (await insertPlatform(db, options)).gate;

const take = (gate: string, change: Partial<TakePermitsInput> = {}): Promise<PermitGrant> =>
  limits.takePermits({ ...{ gate, holder: 1, want: 4, inFlight: 0, starts: 100, ttlMs: 60_000 }, ...change });

const grantedTo = async (gate: string, holder: number, want: number, inFlight = 0): Promise<number> =>
  (await take(gate, { holder, want, inFlight })).granted;

test('grants what is asked for up to the cap, and says why it grants nothing', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  assert.deepEqual(await take(gate, { want: 3 }), { granted: 3, starts: 100, waitMs: 0, reason: null });
  assert.equal(await grantedTo(gate, 2, 4), 1);
  const { granted, waitMs, reason } = await take(gate, { holder: 3 });
  assert.deepEqual([granted, reason, waitMs > 0], [0, 'permits', true]);
});

test('eight who ask at once never hold more than the cap together', async () => {
  const gate = await createGate({ inFlightMax: 7 });
  const asker = async (holder: number): Promise<void> => {
    for (let round = 0; round < 15; round += 1) {
      await grantedTo(gate, holder, ((holder * 7 + round * 3) % 5) + 1);
      const [row] = await queryRows<{ held: number }>(db, 'select sum(held)::int as held from permits where gate = ?', [
        gate,
      ]);
      assert.ok(row && row.held <= 7, JSON.stringify(row));
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, holder) => asker(holder + 1)));
});

test('who asks while another is being answered waits for that answer to be counted', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  const trx = await db.transaction();
  const first = await createGateLimits(trx).takePermits({
    ...{ gate, holder: 1, want: 4, inFlight: 0, starts: 100, ttlMs: 60_000 },
  });
  const second = grantedTo(gate, 2, 4);
  await Promise.race([whenBlocked(db), second]);
  await trx.commit();
  assert.deepEqual([first.granted, await second], [4, 0]);
});

test('asking again sets what is held, and does not add to it', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  for (const want of [4, 4, 2, 4, 0]) assert.equal(await grantedTo(gate, 1, want), want);
  assert.equal(await grantedTo(gate, 2, 4), 4);
});

test('one that holds all yields to another that waits until both have a fair share', async () => {
  const gate = await createGate({ inFlightMax: 8 });
  assert.equal(await grantedTo(gate, 1, 20), 8);
  assert.equal(await grantedTo(gate, 2, 20), 0);
  // Calls under way stay counted until they end.
  assert.equal(await grantedTo(gate, 1, 20, 8), 4);
  assert.equal(await grantedTo(gate, 2, 20), 0);
  assert.equal(await grantedTo(gate, 1, 20, 4), 4);
  assert.equal(await grantedTo(gate, 2, 20), 4);
  assert.equal(await grantedTo(gate, 1, 20, 4), 4);
});

test('of permits that another does not want all may be had', async () => {
  const gate = await createGate({ inFlightMax: 8 });
  assert.equal(await grantedTo(gate, 2, 1), 1);
  assert.equal(await grantedTo(gate, 1, 20), 7);
});

test('permits of a process that stopped asking are free when they run out, or when they are given back', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  await take(gate, { holder: 2, want: 4, ttlMs: 0 });
  assert.equal(await grantedTo(gate, 1, 4), 4);
  await limits.releasePermits(1);
  assert.equal(await grantedTo(gate, 3, 4), 4);
});

test('permits of a process that was killed are free at once, for whoever needs them', async () => {
  const gate = await createGate({ inFlightMax: 4 });
  const dying = await createHolder({ db, url }, 99);
  assert.equal(await grantedTo(gate, 99, 4), 4);
  assert.equal(await grantedTo(gate, 1, 4), 0);
  await dying.kill();
  assert.equal(await grantedTo(gate, 1, 4), 4);
});

test('deployments do not share permits', async () => {
  const [one, other] = [await createGate({ inFlightMax: 1 }), await createGate({ inFlightMax: 1 })];
  assert.equal(await grantedTo(one, 1, 1), 1);
  assert.equal(await grantedTo(other, 2, 1), 1);
});

const refill = (gate: string, seconds: number): Promise<unknown> =>
  db.raw('update gates set tokens = 0, tokens_at = clock_timestamp() - make_interval(secs => ?) where id = ?', [
    seconds,
    gate,
  ]);

test('calls that may begin come back with time, one second’s worth at most', async () => {
  const gate = await createGate({ ratePerSecond: 10 });
  await refill(gate, 0.45);
  const { starts } = await take(gate, { starts: 100 });
  assert.ok(starts >= 4 && starts <= 6, String(starts));
  await refill(gate, 3_600);
  assert.equal((await take(gate, { starts: 3 })).starts, 3);
  const rest = (await take(gate, { starts: 100 })).starts;
  assert.ok(rest >= 7 && rest <= 8, String(rest));
});

test('without a token nothing may begin, and the wait for the next is told', async () => {
  const gate = await createGate({ ratePerSecond: 0.5 });
  await refill(gate, 0);
  const { granted, starts, waitMs, reason } = await take(gate, { want: 2 });
  assert.deepEqual([granted, starts, waitMs, reason], [2, 0, 2_000, 'rate']);
  await refill(gate, 3);
  assert.equal((await take(gate)).starts, 1);
});

test('a gate without limits is a fault of ours', async () => {
  await assert.rejects(take('00000000-0000-4000-8000-000000000000'));
});
