import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import {
  createPlatformLimits,
  type PermitGrant,
  type TakePermitsInput,
} from '../../../db/platforms/platform-limits.js';
import { createTestDatabase, whenBlocked } from '../../helpers/database.js';
import { insertPlatform } from '../../helpers/factories.js';
import { createHolder } from '../../helpers/holder.js';

const { db, url } = await createTestDatabase();
await createHolder({ db, url }, 1, 2, 3, 4, 5, 6, 7, 8);
const limits = createPlatformLimits(db);

const createDeployment = async (options: { inFlightMax?: number; ratePerSecond?: number } = {}): Promise<string> =>
  (await insertPlatform(db, options)).deployment;

const take = (deployment: string, change: Partial<TakePermitsInput> = {}): Promise<PermitGrant> =>
  limits.takePermits({ ...{ deployment, holder: 1, want: 4, inFlight: 0, starts: 100, ttlMs: 60_000 }, ...change });

const grantedTo = async (deployment: string, holder: number, want: number, inFlight = 0): Promise<number> =>
  (await take(deployment, { holder, want, inFlight })).granted;

test('grants what is asked for up to the cap, and says why it grants nothing', async () => {
  const deployment = await createDeployment({ inFlightMax: 4 });
  assert.deepEqual(await take(deployment, { want: 3 }), { granted: 3, starts: 100, waitMs: 0, reason: null });
  assert.equal(await grantedTo(deployment, 2, 4), 1);
  const { granted, waitMs, reason } = await take(deployment, { holder: 3 });
  assert.deepEqual([granted, reason, waitMs > 0], [0, 'permits', true]);
});

test('eight who ask at once never hold more than the cap together', async () => {
  const deployment = await createDeployment({ inFlightMax: 7 });
  const asker = async (holder: number): Promise<void> => {
    for (let round = 0; round < 15; round += 1) {
      await grantedTo(deployment, holder, ((holder * 7 + round * 3) % 5) + 1);
      const [row] = await queryRows<{ held: number }>(
        db,
        'select sum(held)::int as held from permits where deployment = ?',
        [deployment],
      );
      assert.ok(row && row.held <= 7, JSON.stringify(row));
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, holder) => asker(holder + 1)));
});

test('who asks while another is being answered waits for that answer to be counted', async () => {
  const deployment = await createDeployment({ inFlightMax: 4 });
  const trx = await db.transaction();
  const first = await createPlatformLimits(trx).takePermits({
    ...{ deployment, holder: 1, want: 4, inFlight: 0, starts: 100, ttlMs: 60_000 },
  });
  const second = grantedTo(deployment, 2, 4);
  await Promise.race([whenBlocked(db), second]);
  await trx.commit();
  assert.deepEqual([first.granted, await second], [4, 0]);
});

test('asking again sets what is held, and does not add to it', async () => {
  const deployment = await createDeployment({ inFlightMax: 4 });
  for (const want of [4, 4, 2, 4, 0]) assert.equal(await grantedTo(deployment, 1, want), want);
  assert.equal(await grantedTo(deployment, 2, 4), 4);
});

test('one that holds all yields to another that waits until both have a fair share', async () => {
  const deployment = await createDeployment({ inFlightMax: 8 });
  assert.equal(await grantedTo(deployment, 1, 20), 8);
  assert.equal(await grantedTo(deployment, 2, 20), 0);
  // Calls under way stay counted until they end.
  assert.equal(await grantedTo(deployment, 1, 20, 8), 4);
  assert.equal(await grantedTo(deployment, 2, 20), 0);
  assert.equal(await grantedTo(deployment, 1, 20, 4), 4);
  assert.equal(await grantedTo(deployment, 2, 20), 4);
  assert.equal(await grantedTo(deployment, 1, 20, 4), 4);
});

test('of permits that another does not want all may be had', async () => {
  const deployment = await createDeployment({ inFlightMax: 8 });
  assert.equal(await grantedTo(deployment, 2, 1), 1);
  assert.equal(await grantedTo(deployment, 1, 20), 7);
});

test('permits of a process that stopped asking are free when they run out, or when they are given back', async () => {
  const deployment = await createDeployment({ inFlightMax: 4 });
  await take(deployment, { holder: 2, want: 4, ttlMs: 0 });
  assert.equal(await grantedTo(deployment, 1, 4), 4);
  await limits.releasePermits(1);
  assert.equal(await grantedTo(deployment, 3, 4), 4);
});

test('permits of a process that was killed are free at once, for whoever needs them', async () => {
  const deployment = await createDeployment({ inFlightMax: 4 });
  const dying = await createHolder({ db, url }, 99);
  assert.equal(await grantedTo(deployment, 99, 4), 4);
  assert.equal(await grantedTo(deployment, 1, 4), 0);
  await dying.kill();
  assert.equal(await grantedTo(deployment, 1, 4), 4);
});

test('deployments do not share permits', async () => {
  const [one, other] = [await createDeployment({ inFlightMax: 1 }), await createDeployment({ inFlightMax: 1 })];
  assert.equal(await grantedTo(one, 1, 1), 1);
  assert.equal(await grantedTo(other, 2, 1), 1);
});

const refill = (deployment: string, seconds: number): Promise<unknown> =>
  db.raw(
    'update platform_limits set tokens = 0, tokens_at = clock_timestamp() - make_interval(secs => ?) where deployment = ?',
    [seconds, deployment],
  );

test('calls that may begin come back with time, one second’s worth at most', async () => {
  const deployment = await createDeployment({ ratePerSecond: 10 });
  await refill(deployment, 0.45);
  const { starts } = await take(deployment, { starts: 100 });
  assert.ok(starts >= 4 && starts <= 6, String(starts));
  await refill(deployment, 3_600);
  assert.equal((await take(deployment, { starts: 3 })).starts, 3);
  const rest = (await take(deployment, { starts: 100 })).starts;
  assert.ok(rest >= 7 && rest <= 8, String(rest));
});

test('without a token nothing may begin, and the wait for the next is told', async () => {
  const deployment = await createDeployment({ ratePerSecond: 0.5 });
  await refill(deployment, 0);
  const { granted, starts, waitMs, reason } = await take(deployment, { want: 2 });
  assert.deepEqual([granted, starts, waitMs, reason], [2, 0, 2_000, 'rate']);
  await refill(deployment, 3);
  assert.equal((await take(deployment)).starts, 1);
});

test('a deployment without limits is a fault of ours', async () => {
  await assert.rejects(take('00000000-0000-4000-8000-000000000000'));
});
