/** A migrated database for a test file, cloned from a template, so that no two files share a row. */
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { Knex } from 'knex';
import pg from 'pg';
import { APP_ROLE } from '../../db/server/grants.js';
import { createKnex, queryRows, type Database, type Queryable } from '../../db/server/knex.js';
import { migrate } from '../../db/server/migrate.js';
import { MIGRATIONS } from '../../db/migrations/index.js';
import { startEmbeddedPostgres } from '../../dev/embedded-postgres.js';
import { ensureRole } from '../../dev/postgres/readiness.js';

export interface TestDatabase {
  /** With all rights, for what a test prepares and looks at. */
  db: Knex;
  url: string;
  /** As API and worker connect. */
  appUrl: string;
}

/** Where cleanup is registered: the context of a test or suite; the file's end by default. */
export interface Cleanup {
  after(run: () => Promise<void>): void;
}

/** Any number that no lock of ours uses. */
const TEMPLATE_LOCK = 7_228_699;

/**
 * Gives a database of its own, dropped when `cleanup` ends. At the head of a file:
 * `const { db } = await createTestDatabase();`
 * The cluster is that of `TEST_DATABASE_URL`; without it, one is started for this process.
 */
export async function createTestDatabase(cleanup: Cleanup = { after }): Promise<TestDatabase> {
  const adminUrl = await clusterUrl();
  const template = await ensureTemplate(adminUrl);
  const name = `passback_test_${randomUUID().replaceAll('-', '')}`;
  await withAdmin(adminUrl, (admin) => admin.query(`create database ${name} template ${template}`));
  const url = withDatabase(adminUrl, name);
  const db = createKnex({ url, poolMax: 10, applicationName: 'passback-test' });
  const appUrl = asRole(url, APP_ROLE);
  const appDb = createKnex({ url: appUrl, poolMax: 10, applicationName: 'passback-test' });
  appDbs.set(db, appDb);
  cleanup.after(async () => {
    await Promise.all([db.destroy(), appDb.destroy()]);
    await withAdmin(adminUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    await releaseCluster();
  });
  live += 1;
  return { db, url, appUrl };
}

const appDbs = new WeakMap<Knex, Knex>();

/** The same database as API and worker see it, which may less; for what the tests do not share a transaction with. */
export const asApp = (db: Knex): Knex => appDbs.get(db) ?? db;

/** Of the app's role in clusters of tests. */
const APP_PASSWORD = 'of-tests';

/** The same database, or transaction, as what goes by `pg` sees it. */
export const toQueryable = (db: Database): Queryable => ({
  query: async (text, values) => ({
    rows: await queryRows(db, text.replaceAll(/\$\d/g, '?'), values as Knex.RawBinding[]),
  }),
});

/**
 * Waits until `check` gives something truthy; fails with `what` after the deadline. Looks less often the longer it takes:
 * checks every 10 ms were a third of what some tests cost.
 */
export async function eventually<T>(
  what: string,
  check: () => Promise<T> | T,
  deadlineMs = 10_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (let restMs = 10; ; restMs = Math.min(restMs * 1.3, 100)) {
    const found = await check();
    if (found) return found;
    if (performance.now() > end) throw new Error(`Never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

/** Waits until a statement of the database waits for a lock. */
export async function whenBlocked(db: Knex): Promise<void> {
  await eventually('a statement that waits for a lock', async () => {
    const { rows } = await db.raw<{ rows: unknown[] }>(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  });
}

/** Made beside its name and renamed, so that a half-migrated template is never cloned. One process makes it. */
async function ensureTemplate(adminUrl: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(MIGRATIONS)).digest('hex').slice(0, 16);
  const name = `passback_template_${hash}`;
  await withAdmin(adminUrl, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount) return;
    const draft = `${name}_draft`;
    await admin.query(`drop database if exists ${draft} with (force)`);
    await admin.query(`create database ${draft}`);
    await ensureRole(adminUrl, APP_ROLE, APP_PASSWORD, 'pg_read_all_stats');
    const db = createKnex({ url: withDatabase(adminUrl, draft), poolMax: 4 });
    await migrate(db).finally(() => db.destroy());
    await admin.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

async function withAdmin<T>(url: string, use: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.end();
  }
}

function asRole(url: string, role: string): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = APP_PASSWORD;
  return changed.href;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Where the cluster of {@link createTestDatabase} writes its log, which all databases in it share. */
export async function databaseLogFile(): Promise<string> {
  await clusterUrl();
  const file = process.env['TEST_DATABASE_LOG'] ?? ownLogFile;
  if (file === undefined) throw new Error('TEST_DATABASE_URL names a cluster whose log nobody knows.');
  return file;
}

let ownLogFile: string | undefined;
let live = 0;
let ownCluster: Promise<{ url: string; stop(): Promise<void> }> | undefined;

async function clusterUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return given;
  ownCluster ??= startOwnCluster();
  return (await ownCluster).url;
}

async function startOwnCluster(): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'passback-test-'));
  // mkdtemp makes a folder that Postgres, under another account when we are root, could not enter.
  chmodSync(dataDir, 0o755);
  ownLogFile = path.join(dataDir, 'postgres.log');
  const server = await startEmbeddedPostgres({ dataDir, fsync: false, logFile: ownLogFile });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function releaseCluster(): Promise<void> {
  live -= 1;
  if (live > 0 || !ownCluster) return;
  const cluster = ownCluster;
  ownCluster = undefined;
  await (await cluster).stop();
}
