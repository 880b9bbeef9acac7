import type { Knex } from 'knex';
import { MIGRATIONS } from '../migrations/index.js';
import type { Migration } from '../migrations/migration.js';
import { mayUseNewerSchema, noteOldestRelease } from './compatibility.js';
import { grantToRoles } from './grants.js';
import { createKnex, queryRows, type PoolOptions } from './knex.js';

/** Any number that no other program of this database uses. */
const MIGRATION_LOCK = 7_228_622;
const LOOK_AGAIN_MS = 200;
/** Who waits for a whole table has everyone else wait behind it: a migration gives up soon, and tries again later. */
const LONGEST_WAIT = '3s';
const REST_MS = 1_000;
/** Of PostgreSQL: lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';
/** Some ten minutes, in which a backup or a report should end that stands in the way. */
const MOST_TRIES = 150;

/** The database was migrated by a newer release, whose schema does not bear this one (docs/upgrading.md). */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';
  constructor(options: { cause: unknown }) {
    super(
      'The database was migrated by a release that this one is too old for. Start that release, or a newer one.',
      options,
    );
  }
}

/** The role of the connection uses the database, and another one owns and migrates it. */
export class OwnerNeededError extends Error {
  override readonly name = 'OwnerNeededError';
  constructor(missing: number) {
    super(
      `The database lacks ${missing} migrations, which this role may not make. Run npm run migrate as its owner; ` +
        'MIGRATE_ON_START=false leaves it to that.',
    );
  }
}

/** A role may have limits, which are right for all other work. */
const NO_LIMITS = 'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0';

/** Names come from us, not from files, so they are the same under tsx and in the build. */
const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => [...MIGRATIONS],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ sql, isConcurrent = false }) => ({
    config: { transaction: !isConcurrent },
    up: async (on) => {
      if (isConcurrent) return await runAlone(on, sql);
      await on.raw(NO_LIMITS);
      await on.raw(`set local lock_timeout = '${LONGEST_WAIT}'`);
      await on.raw(sql.replaceAll('?', '\\?'));
    },
    down: async () => Promise.reject(new Error('Migrations go forward only: restore a backup to go back.')),
  }),
};

/** Statement by statement, since PostgreSQL takes several that come together as one transaction. */
async function runAlone(db: Knex, sql: string): Promise<void> {
  for (const statement of sql.split(/;\s*$/m)) {
    if (statement.trim() !== '') await db.raw(statement.replaceAll('?', '\\?'));
  }
}

/**
 * Applies what is missing, all of it in one transaction but for what builds indexes beside writers, and gives the names
 * applied. Waits for no table for long: it gives way, and tries again. Needs two connections. Safe to call
 * from every process at once: an advisory lock, which dies with its transaction, lets one through. Who waits for it holds no
 * connection: behind a pooler those may be fewer than the processes that start, and the one that migrates needs a second.
 */
export async function migrate(db: Knex): Promise<string[]> {
  if (await isUsedOnly(db)) return [];
  for (let tries = 1; ;) {
    const applied = await db
      .transaction((guard) => migrateUnderLock(db, guard))
      .catch((error: unknown) => {
        if (!isLockedOut(error) || tries >= MOST_TRIES) throw error;
        tries += 1;
        return 'stands back' as const;
      });
    if (Array.isArray(applied)) return applied;
    await new Promise((resolve) => setTimeout(resolve, applied === undefined ? LOOK_AGAIN_MS : REST_MS));
  }
}

function isLockedOut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
}

/**
 * Whether another role migrates, and has.
 *
 * @throws {OwnerNeededError} where it has not yet; {NewerDatabaseError}
 */
async function isUsedOnly(db: Knex): Promise<boolean> {
  const [role] = await queryRows<{ mayMigrate: boolean | null }>(
    db,
    `select has_table_privilege(to_regclass('migrations')::oid, 'insert') as "mayMigrate"`,
  );
  // Null: there is no such table yet.
  if (role?.mayMigrate !== false) return false;
  const { missing, unknown } = await compare(db);
  if (unknown > 0 && !(await mayUseNewerSchema(db))) throw new NewerDatabaseError({ cause: null });
  if (missing > 0) throw new OwnerNeededError(missing);
  return true;
}

/** Migrations of ours that the database lacks, and those that it has and we do not know. */
async function compare(db: Knex): Promise<{ missing: number; unknown: number }> {
  const applied = new Set(await db('migrations').pluck<string[]>('name'));
  const missing = MIGRATIONS.filter(({ name }) => !applied.has(name)).length;
  return { missing, unknown: applied.size - (MIGRATIONS.length - missing) };
}

/** Undefined: another process migrates. Knex's own lock row, which a kill leaves behind for ever, is cleared first. */
async function migrateUnderLock(db: Knex, guard: Knex.Transaction): Promise<string[] | undefined> {
  await guard.raw(NO_LIMITS);
  const [lock] = await queryRows<{ taken: boolean }>(guard, 'select pg_try_advisory_xact_lock(?) as taken', [
    MIGRATION_LOCK,
  ]);
  if (!lock?.taken) return undefined;
  const config: Knex.MigratorConfig = { migrationSource, tableName: 'migrations' };
  if (await db.schema.hasTable('migrations_lock')) await db.migrate.forceFreeMigrationsLock(config);
  try {
    const [, applied] = (await db.migrate.latest(config)) as [number, string[]];
    await noteOldestRelease(guard);
    await grantToRoles(guard);
    return applied;
  } catch (error) {
    if (!String(error).includes('migration directory is corrupt')) throw error;
    if ((await mayUseNewerSchema(guard)) && (await compare(guard)).missing === 0) return [];
    throw new NewerDatabaseError({ cause: error });
  }
}

/** The same over connections of its own, which bear statements of any length and others' migrations. */
export async function migrateAt(options: Pick<PoolOptions, 'url' | 'applicationName'>): Promise<string[]> {
  const db = createKnex({ ...options, poolMax: 3, silenceMs: null });
  try {
    return await migrate(db);
  } finally {
    await db.destroy();
  }
}
