import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { createKnex, queryRows } from '../../../db/server/knex.js';
import { APP_ROLE, grantToRoles, METRICS_ROLE } from '../../../db/server/grants.js';
import { migrate, OwnerNeededError } from '../../../db/server/migrate.js';
import { MIGRATIONS } from '../../../db/migrations/index.js';
import { asApp, createTestDatabase } from '../../helpers/database.js';

const { db, appUrl } = await createTestDatabase();
const app = asApp(db);
const DENIED = { code: '42501' };

describe("the app's role", () => {
  it('is no superuser, owns nothing and makes nothing', async () => {
    const [role] = await queryRows(
      app,
      'select current_user as name, rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user',
    );
    assert.deepEqual(role, { name: APP_ROLE, rolsuper: false, rolcreaterole: false, rolcreatedb: false });
    await assert.rejects(app.raw('create table mine (id integer)'), DENIED);
    await assert.rejects(app.raw('alter table scores add column mine integer'), DENIED);
    await assert.rejects(app.raw('drop table attempts_default'), DENIED);
    await assert.rejects(app.raw('truncate scores'), DENIED);
    await assert.rejects(app.raw(`delete from migrations`), DENIED);
  });

  it('changes and deletes nothing of what is only added', async () => {
    const partitions = await queryRows<{ name: string }>(
      db,
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'score_revisions'::regclass`,
    );
    assert.ok(partitions.length > 5);
    for (const table of ['audit_entries', 'score_revisions', ...partitions.map(({ name }) => name)]) {
      await assert.rejects(app.raw(`delete from ${table}`), DENIED, table);
      await assert.rejects(app.raw(`truncate ${table}`), DENIED, table);
    }
    await assert.rejects(app.raw(`update audit_entries set reason = 'another'`), DENIED);
    await assert.rejects(app.raw(`update score_revisions set origin_id = null`), DENIED);
  });

  it('drops no week of evidence but old ones, and of no other table', async () => {
    const drop = (table: string, moment: string, kept: string): Promise<unknown> =>
      app.raw(`select drop_old_week(?, ?, ?::interval)`, [table, moment, kept]);
    await assert.rejects(drop('score_revisions', 'at', '0 days'), /seven days/);
    await assert.rejects(drop('score_revisions', 'at', '-100 days'), /seven days/);
    await assert.rejects(drop('scores', 'updated_at', '7 days'), /not kept by weeks/);
    await assert.rejects(app.raw(`select make_week('scores', 'updated_at', now())`), /not kept by weeks/);
    await assert.rejects(app.raw(`select delete_old_astray('attempts', 'at; drop', '7 days')`), /not kept by weeks/);
  });

  it('is not led astray by names that the caller brings', async () => {
    await app.transaction(async (trx) => {
      await trx.raw('create temporary table attempts_default (started_at timestamptz) on commit drop');
      await trx.raw('set local search_path = pg_temp, public');
      await trx.raw(`select make_week('attempts', 'started_at', now() + interval '30 weeks')`);
    });
    const [made] = await queryRows(
      db,
      `select c.relowner::regrole::text <> '${APP_ROLE}' as "isOurs", c.relpersistence as kind from pg_inherits i
       join pg_class c on c.oid = i.inhrelid where inhparent = 'attempts'::regclass order by c.relname desc limit 1`,
    );
    assert.deepEqual(made, { isOurs: true, kind: 'p' });
  });

  it('starts on a database that its owner has migrated, and on no other', async (t) => {
    assert.deepEqual(await migrate(app), []);
    const { db: other, appUrl: url } = await createTestDatabase(t);
    const [last] = MIGRATIONS.slice(-1);
    await other('migrations').where({ name: last?.name }).delete();
    const later = createKnex({ url, poolMax: 2 });
    t.after(() => later.destroy());
    await assert.rejects(
      migrate(later),
      (error) => error instanceof OwnerNeededError && /lacks 1 migrations/.test(error.message),
    );
    await other('migrations').insert({ name: last?.name, batch: 1, migration_time: new Date() });
    assert.deepEqual(await migrate(later), []);
  });

  it('has a password of its own', () => {
    assert.equal(new URL(appUrl).username, APP_ROLE);
  });
});

describe("the metrics' role", () => {
  before(async () => {
    await db.transaction(async (trx) => {
      const [there] = await queryRows(trx, 'select from pg_roles where rolname = ?', [METRICS_ROLE]);
      if (!there) await trx.raw(`create role ${METRICS_ROLE} nologin`);
      await grantToRoles(trx);
    });
  });

  const asMetrics = (statement: string): Promise<void> =>
    db.transaction(async (trx) => {
      await trx.raw(`set local role ${METRICS_ROLE}`);
      await trx.raw(statement);
    });

  it('sees limits and the queue', async () => {
    for (const table of ['gates', 'score_queue']) await asMetrics(`select count(*) from ${table}`);
  });

  it('sees no person, no key and no word of anybody, and changes nothing', async () => {
    const tables = await queryRows<{ name: string }>(
      db,
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and relname not in ('gates', 'score_queue', 'migrations')`,
    );
    assert.ok(tables.length > 30);
    for (const { name } of tables) await assert.rejects(asMetrics(`select from ${name}`), DENIED, name);
    await assert.rejects(asMetrics(`update gates set breaker = 'open' where id = '${randomUUID()}'`), DENIED);
  });
});
