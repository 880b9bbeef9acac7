import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { createWorkerHolder, HOLDER_LOCK_CLASS, type WorkerHolder } from '../../../db/server/worker-holder.js';
import { createTestDatabase, eventually, type Cleanup } from '../../helpers/database.js';

const { db, url } = await createTestDatabase();

async function createHolder(cleanup: Cleanup): Promise<{ holder: WorkerHolder; number: number }> {
  const holder = await createWorkerHolder({ url });
  cleanup.after(() => holder.close());
  const number = holder.current();
  assert.ok(number !== null);
  return { holder, number };
}

const listLocked = async (): Promise<number[]> =>
  (
    await queryRows<{ holder: number }>(
      db,
      `select objid::bigint::int as holder from pg_locks where locktype = 'advisory' and classid = ? and granted
         and database = (select oid from pg_database where datname = current_database())`,
      [HOLDER_LOCK_CLASS],
    )
  ).map(({ holder }) => holder);

const killSessions = (): Promise<unknown> =>
  db.raw(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'passback worker holder' and datname = current_database()`,
  );

test('each process has a number of its own, whose lock it holds for as long as it lives', async (t) => {
  const one = await createHolder(t);
  const other = await createHolder(t);
  assert.notEqual(one.number, other.number);
  assert.deepEqual(new Set(await listLocked()), new Set([one.number, other.number]));
  await one.holder.close();
  await eventually('the lock to be gone', async () => !(await listLocked()).includes(one.number));
  assert.equal(one.holder.current(), null);
});

test('a lost session is told with its number, and a new one has a new number', async (t) => {
  const { holder, number } = await createHolder(t);
  const lost: [number, number | null][] = [];
  holder.onLost((old) => lost.push([old, holder.current()]));
  for (const times of [1, 2]) {
    const before = holder.current();
    await killSessions();
    const now = await eventually('a new session', () => holder.current() !== before && holder.current());
    assert.equal(lost.length, times);
    assert.deepEqual(lost.at(-1), [before, null]);
    assert.deepEqual(await listLocked(), [now]);
  }
  assert.equal(lost[0]?.[0], number);
});

test('closing is not a loss', async (t) => {
  const { holder } = await createHolder(t);
  let losses = 0;
  holder.onLost(() => (losses += 1));
  await holder.close();
  assert.deepEqual([losses, holder.current()], [0, null]);
  assert.deepEqual(await listLocked(), []);
});

test('a database that cannot be reached at the start is an error', async () => {
  const nowhere = new URL(url);
  nowhere.pathname = '/no_such_database';
  await assert.rejects(createWorkerHolder({ url: nowhere.href }), /does not exist/);
});
