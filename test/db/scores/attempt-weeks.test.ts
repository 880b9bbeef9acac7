import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { MIGRATIONS } from '../../../db/migrations/index.js';
import { createAttemptWeeks } from '../../../db/scores/attempt-weeks.js';
import { createScoreReader } from '../../../db/scores/score-reader.js';
import { createKnex, queryRows, type Database } from '../../../db/server/knex.js';
import { createTestDatabase, whenBlocked } from '../../helpers/database.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';

const { db, url } = await createTestDatabase();
const weeks = createAttemptWeeks(db);
const DAY_MS = 86_400_000;
const keptMs = 400 * DAY_MS;
const NOTHING = { made: 0, moved: 0, dropped: 0 };

const migrated = await listWeeks();

beforeEach(async () => {
  await db.raw('delete from attempts_default');
  for (const week of await listWeeks()) await db.raw('drop table ??', [week]);
  await weeks.keep({ keptMs });
});

/** The Monday of the week that is so many weeks from now, as its table is named. */
async function nameOf(weeksFromNow: number, on: Database = db): Promise<string> {
  const [row] = await queryRows<{ name: string }>(
    on,
    `select 'attempts_' || to_char(date_trunc('week', now() at time zone 'UTC') + ? * interval '7 days', 'YYYYMMDD') as name`,
    [weeksFromNow],
  );
  return row?.name ?? '';
}

async function listWeeks(on: Database = db): Promise<string[]> {
  const rows = await queryRows<{ name: string }>(
    on,
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = 'attempts'::regclass and inhrelid <> 'attempts_default'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Evidence of a call so many weeks from now, told apart by its duration. */
async function insertAttempt(weeksFromNow: number, durationMs = 1, on: Database = db): Promise<string> {
  const score = randomUUID();
  await on.raw(
    `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
     values (?, 1, 'submit', 'submitted', now() + ? * interval '168 hours', ?, 1)`,
    [score, weeksFromNow, durationMs],
  );
  return score;
}

async function findHome(score: string): Promise<string | undefined> {
  const rows = await queryRows<{ name: string }>(
    db,
    'select tableoid::regclass::text as name from attempts where score = ?',
    [score],
  );
  assert.ok(rows.length <= 1);
  return rows[0]?.name;
}

test('a migrated database has a table for this week and for each of the coming eight', async () => {
  assert.deepEqual(migrated, await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => nameOf(n))));
  assert.deepEqual(await weeks.look(), { hasNextWeek: true, astray: 0 });
  assert.deepEqual(await weeks.keep({ keptMs }), NOTHING);
});

test('the migration keeps the evidence that there was, each row in its week', async (t) => {
  const name = `passback_test_${randomUUID().replaceAll('-', '')}`;
  await db.raw('create database ??', [name]);
  const before = new URL(url);
  before.pathname = `/${name}`;
  const old = createKnex({ url: before.href, poolMax: 2 });
  t.after(async () => {
    await old.destroy();
    await db.raw('drop database ?? with (force)', [name]);
  });
  for (const migration of MIGRATIONS) {
    if (migration.name === '20261127_4000_attempts__partition') await insertOldEvidence(old);
    await old.raw(migration.sql.replaceAll('?', '\\?'));
  }
  const rows = await queryRows<{ home: string; duration_ms: number }>(
    old,
    'select tableoid::regclass::text as home, duration_ms from attempts order by started_at',
  );
  assert.deepEqual(rows, [
    { home: await nameOf(-60, old), duration_ms: 1 },
    { home: await nameOf(-1, old), duration_ms: 2 },
    { home: await nameOf(0, old), duration_ms: 3 },
  ]);
});

async function insertOldEvidence(old: Database): Promise<void> {
  const { deployment } = await insertPlatform(old, { platformId: 'old', deploymentId: 'd' });
  const { id: context } = await insertContext(old, { deployment, contextId: 'old' });
  const { id: lineItem } = await insertLineItem(old, { context });
  const { id } = await insertScore(old, { context, lineItem });
  for (const [place, weeksAgo] of [60, 1, 0].entries()) {
    await old.raw(
      `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
       values (?, 1, 'submit', 'submitted', now() - ? * interval '168 hours', ?, 1)`,
      [id, weeksAgo, place + 1],
    );
  }
}

test('makes the weeks that are missing, whatever it was that left them out', async () => {
  await db.raw('drop table ??', [await nameOf(3)]);
  await db.raw('drop table ??', [await nameOf(8)]);
  assert.deepEqual(await weeks.keep({ keptMs }), { ...NOTHING, made: 2 });
  assert.equal((await listWeeks()).length, 9);
});

test('evidence of a week that has no table is taken, shown in its order, and brought home', async () => {
  const { deployment } = await insertPlatform(db);
  const { id: context } = await insertContext(db, { deployment });
  const { id: lineItem } = await insertLineItem(db, { context });
  const { id: score } = await insertScore(db, { context, lineItem });
  await db.raw('drop table ??', [await nameOf(1)]);
  for (const n of [1, 0, 12, -20]) {
    await db.raw('update attempts set score = ? where score = ?', [score, await insertAttempt(n, 100 + n)]);
  }
  const shown = async (): Promise<number[]> =>
    (await createScoreReader(db).listAttempts(score, 3)).map(({ durationMs }) => durationMs);
  assert.deepEqual(await shown(), [100, 101, 112]);
  assert.equal((await weeks.look()).astray, 3);
  assert.equal((await weeks.look()).hasNextWeek, false);
  assert.deepEqual(await weeks.keep({ keptMs }), { made: 3, moved: 3, dropped: 0 });
  assert.deepEqual(await shown(), [100, 101, 112]);
  assert.deepEqual(await weeks.look(), { hasNextWeek: true, astray: 0 });
  const homes = await queryRows<{ home: string }>(
    db,
    'select tableoid::regclass::text as home from attempts order by started_at',
  );
  assert.deepEqual(
    homes.map(({ home }) => home),
    await Promise.all([-20, 0, 1, 12].map((n) => nameOf(n))),
  );
});

test('drops a week once all of it is older than is kept, and evidence that came too late for its week', async () => {
  for (const n of [-12, -11, -10]) await insertAttempt(n);
  await weeks.keep({ keptMs });
  const late = await insertAttempt(-40);
  const ago = 11 * 7 * DAY_MS;
  assert.deepEqual(await weeks.keep({ keptMs: ago }), { ...NOTHING, dropped: 1 });
  assert.equal(await findHome(late), undefined);
  assert.deepEqual((await listWeeks()).slice(0, 3), await Promise.all([-11, -10, 0].map((n) => nameOf(n))));
  assert.deepEqual(await weeks.keep({ keptMs: ago }), NOTHING);
});

test('two upkeeps at once do the work of one', async () => {
  await db.raw('drop table ??', [await nameOf(2)]);
  await insertAttempt(2);
  await insertAttempt(-30);
  await weeks.keep({ keptMs });
  await db.raw('drop table ??', [await nameOf(4)]);
  const astray = await insertAttempt(4);
  const both = await Promise.all([weeks, createAttemptWeeks(db)].map((store) => store.keep({ keptMs: 50 * DAY_MS })));
  assert.deepEqual(
    [both.reduce((sum, { made }) => sum + made, 0), both.reduce((sum, { moved }) => sum + moved, 0)],
    [1, 1],
  );
  assert.equal(await findHome(astray), await nameOf(4));
  assert.equal((await listWeeks()).length, 9);
});

test('whoever records while a week is made waits, and finds it', async () => {
  const week = await nameOf(20);
  const making = await db.transaction();
  await making.raw(`select make_attempts_week(now() + 20 * interval '168 hours')`);
  const recording = insertAttempt(20);
  await whenBlocked(db);
  await making.commit();
  assert.equal(await findHome(await recording), week);
});

test('a week that could not be made leaves nothing behind, and its evidence where it was', async () => {
  const astray = await insertAttempt(21);
  const making = await db.transaction();
  await making.raw(`select make_attempts_week(now() + 21 * interval '168 hours')`);
  await making.rollback();
  assert.equal(await findHome(astray), 'attempts_default');
  assert.deepEqual(await weeks.keep({ keptMs }), { made: 1, moved: 1, dropped: 0 });
});

test('gives way to whoever reads for long, so that nobody who records stands behind both', async () => {
  await insertAttempt(-30);
  await weeks.keep({ keptMs });
  const backup = await db.transaction();
  await backup.raw('select count(*) from attempts');
  await assert.rejects(weeks.keep({ keptMs: 50 * DAY_MS }), /lock timeout/);
  await insertAttempt(0);
  await backup.commit();
  assert.deepEqual(await weeks.keep({ keptMs: 50 * DAY_MS }), { ...NOTHING, dropped: 1 });
});
