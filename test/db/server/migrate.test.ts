import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Knex } from 'knex';
import { createKnex, queryRows } from '../../../db/server/knex.js';
import { migrate } from '../../../db/server/migrate.js';
import { MIGRATIONS } from '../../../db/migrations/index.js';
import { startPooler, withoutPgBouncer } from '../../helpers/pgbouncer.js';
import { createTestDatabase, type Cleanup } from '../../helpers/database.js';

const cluster = await createTestDatabase();
const NAMES = MIGRATIONS.map(({ name }) => name);

/** A database with nothing in it, and as many pools on it as are asked for. */
async function createEmptyDatabase(cleanup: Cleanup, pools = 1): Promise<Knex[]> {
  const name = `passback_test_${randomUUID().replaceAll('-', '')}`;
  await cluster.db.raw('create database ??', [name]);
  const url = new URL(cluster.url);
  url.pathname = `/${name}`;
  const opened = Array.from({ length: pools }, () => createKnex({ url: url.href, poolMax: 4 }));
  cleanup.after(async () => {
    for (const db of opened) await db.destroy();
    await cluster.db.raw('drop database ?? with (force)', [name]);
  });
  return opened;
}

async function createEmpty(cleanup: Cleanup): Promise<Knex> {
  const [db] = await createEmptyDatabase(cleanup);
  assert.ok(db);
  return db;
}

test('makes everything, and nothing more the second time', async (t) => {
  const db = await createEmpty(t);
  assert.deepEqual(await migrate(db), NAMES);
  assert.deepEqual(await migrate(db), []);
  assert.deepEqual(await queryRows(db, 'select count(*)::int from scores'), [{ count: 0 }]);
});

test('of four processes that start at once one migrates, and the others wait and find it done', async (t) => {
  const pools = await createEmptyDatabase(t, 4);
  const applied = await Promise.all(pools.map(migrate));
  assert.deepEqual(applied.flat(), NAMES);
  assert.equal(applied.filter((names) => names.length > 0).length, 1);
});

test('a migration that was killed in the middle leaves nothing that stops the next', async (t) => {
  const db = await createEmpty(t);
  await migrate(db);
  // One is undone, with the lock row as a kill leaves it.
  const undone = '20261126_3010_score_pulls__create';
  await db.raw('update migrations_lock set is_locked = 1');
  await db.raw('delete from migrations where name = ?', [undone]);
  await db.raw('drop table score_pulls');
  assert.deepEqual(await migrate(db), [undone]);
  assert.deepEqual(await queryRows(db, 'select is_locked from migrations_lock'), [{ is_locked: 0 }]);
});

test('a migration that fails leaves nothing of itself, and can be tried again', async (t) => {
  const db = await createEmpty(t);
  await db.raw('create table attempts (obstacle integer)');
  await assert.rejects(migrate(db), /attempts/);
  assert.deepEqual(await queryRows(db, 'select name from migrations'), []);
  await db.raw('drop table attempts');
  assert.deepEqual(await migrate(db), NAMES);
});

test('names stand in the order in which they are applied, each once', () => {
  assert.deepEqual(NAMES, [...new Set(NAMES)].toSorted());
});

test('limits that the role has for other work do not end a migration, nor the wait for that of another', async (t) => {
  const [setting, waiting] = await createEmptyDatabase(t, 2);
  assert.ok(setting && waiting);
  const [{ name } = { name: '' }] = await queryRows<{ name: string }>(setting, 'select current_database() as name');
  await setting.raw(`alter database ?? set statement_timeout = '1s'`, [name]);
  await setting.raw(`alter database ?? set idle_in_transaction_session_timeout = '150ms'`, [name]);
  const holding = await setting.transaction();
  await holding.raw('set local idle_in_transaction_session_timeout = 0');
  await holding.raw('select pg_advisory_xact_lock(7228622)');
  const applied = migrate(waiting);
  await cluster.db.raw('select pg_sleep(1.3)');
  await holding.commit();
  assert.deepEqual(await applied, NAMES);
});

test(
  'more processes than a pooler has connections start at once',
  { skip: withoutPgBouncer, timeout: 30_000 },
  async (t) => {
    const [direct] = await createEmptyDatabase(t);
    assert.ok(direct);
    const [{ name } = { name: '' }] = await queryRows<{ name: string }>(direct, 'select current_database() as name');
    const databaseUrl = new URL(cluster.url);
    databaseUrl.pathname = `/${name}`;
    const pooler = await startPooler({ databaseUrl: databaseUrl.href, connections: 3, onProgress: () => undefined });
    const pools = Array.from({ length: 5 }, () => createKnex({ url: pooler.url, poolMax: 3 }));
    t.after(async () => {
      for (const db of pools) await db.destroy();
      await pooler.stop();
    });
    const applied = await Promise.all(pools.map(migrate));
    assert.deepEqual(applied.flat(), NAMES);
  },
);
