import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createScoreChanges, type ChangePosition } from '../../../db/scores/changed-scores.js';
import { createKnex, queryRows } from '../../../db/server/knex.js';
import { createTestDatabase, eventually } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertScore } from '../../helpers/factories.js';
import { startPooler, withoutPgBouncer } from '../../helpers/pgbouncer.js';

const { db, url } = await createTestDatabase();
const { id: context } = await insertContext(db);
const { id: lineItem } = await insertLineItem(db, { context });
const BEGINNING: ChangePosition = { at: '2000-01-01T00:00:00.000Z', seq: '0' };
const CHANGE = 'update scores set tries = tries + 1, updated_at = now() where id = ?';

const insert = async (userId: string): Promise<string> =>
  (await insertScore(db, { context, lineItem, userId, state: 'submitted' })).id;

/** What a poller meets until it has met `user` in that state of its tries, and where it has come to. */
async function readUntil(
  user: string,
  tries: number,
  after: ChangePosition,
  database = db,
): Promise<{ met: string[]; next: ChangePosition }> {
  const met: string[] = [];
  let next = after;
  await eventually(`${user} ${tries}`, async () => {
    const page = await createScoreChanges(database).list({ platforms: null, after: next, limit: 2 });
    next = page.next;
    met.push(...page.scores.map((score) => `${score.userId} ${score.tries}`));
    return met.includes(`${user} ${tries}`);
  });
  return { met, next };
}

test('meets scores in the order of their changes, each change that stands, and nothing twice', async () => {
  const ids = [await insert('a'), await insert('b'), await insert('c')];
  const first = await readUntil('c', 0, BEGINNING);
  assert.deepEqual(first.met, ['a 0', 'b 0', 'c 0']);
  for (const id of [ids[1], ids[0], ids[1]]) await db.raw(CHANGE, [id ?? '']);
  const { met } = await readUntil('b', 2, first.next);
  assert.deepEqual(
    met.filter((name) => name !== 'b 1'),
    ['a 1', 'b 2'],
  );
});

test('goes through scores that changed in one transaction', async () => {
  // One after the other: they are met in the order in which they came.
  const ids: string[] = [];
  for (const user of ['one', 'two', 'three', 'four', 'five']) ids.push(await insert(user));
  const { next } = await readUntil('five', 0, BEGINNING);
  await db.raw('update scores set tries = 7, updated_at = now() where id = any (?::uuid[])', [ids]);
  const { met } = await readUntil('five', 7, next);
  assert.deepEqual(met.toSorted(), ['five 7', 'four 7', 'one 7', 'three 7', 'two 7']);
});

async function meetsLateCommit(name: string, database: typeof db): Promise<void> {
  const late = await insert(`${name} late`);
  const soon = await insert(`${name} soon`);
  const { next } = await readUntil(`${name} soon`, 0, BEGINNING);
  const writer = new pg.Client(url);
  await writer.connect();
  try {
    await writer.query('begin');
    // It has an age, and has written nothing yet: what a snapshot would show of it is nothing.
    await writer.query('select 1');
    await db.raw(CHANGE, [soon]);
    // Long enough for all else to be read.
    const began = Date.now();
    const meanwhile = await passUntil(database, next, () => Date.now() - began > 3_000);
    await writer.query(`update scores set tries = 9, updated_at = now() where id = $1`, [late]);
    await writer.query('commit');
    const { met } = await readUntil(`${name} late`, 9, meanwhile, database);
    assert.ok(met.includes(`${name} late 9`));
  } finally {
    await writer.end();
  }
}

async function passUntil(database: typeof db, after: ChangePosition, isOver: () => boolean) {
  let next = after;
  await eventually('the end of reading', async () => {
    ({ next } = await createScoreChanges(database).list({ platforms: null, after: next, limit: 50 }));
    return isOver();
  });
  return next;
}

test('does not pass a transaction that began before and is committed after', async () => meetsLateCommit('alone', db));

test('nor does it through PgBouncer', { skip: withoutPgBouncer }, async (t) => {
  const pooler = await startPooler({ databaseUrl: url, connections: 2, onProgress: () => undefined });
  const pooled = createKnex({ url: pooler.url, poolMax: 2 });
  t.after(async () => {
    await pooled.destroy();
    await pooler.stop();
  });
  await meetsLateCommit('pooled', pooled);
});

test('says until where it has read, also where nothing changed', async () => {
  const next = await passUntil(db, BEGINNING, () => true);
  const later = await createScoreChanges(db).list({ platforms: null, after: next, limit: 50 });
  assert.ok(later.next.at >= next.at);
  const ahead = { at: '2100-01-01T00:00:00.000Z', seq: '0' };
  assert.deepEqual(await createScoreChanges(db).list({ platforms: null, after: ahead, limit: 50 }), {
    ...{ scores: [], next: ahead },
  });
});

test('updates of scores stay heap-only, so that no index is written by them', async () => {
  const id = await insert('hot');
  for (let n = 0; n < 8; n += 1) await db.raw(CHANGE, [id]);
  await eventually('statistics', async () => {
    await db.raw('select pg_stat_force_next_flush()');
    const [stats] = await queryRows<{ all: number; hot: number }>(
      db,
      `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'scores'`,
    );
    return stats && stats.all >= 8 && stats.hot === stats.all;
  });
});
