import type { Knex } from 'knex';
import { MIGRATIONS } from '../migrations/index.js';
import { grantToRoles } from './grants.js';
import { createKnex, queryRows, type PoolOptions } from './knex.js';

/** Any number that no other program of this database uses. */
const MIGRATION_LOCK = 7_228_622;
const LOOK_AGAIN_MS = 200;

/** The database was migrated by a newer release than this one, which must not touch it. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError';
  constructor(options: { cause: unknown }) {
    super(
      'The database has migrations that this release does not know. Start the release that made them, or a newer one.',
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

type Migration = (typeof MIGRATIONS)[number];

/** Names come from us, not from files, so they are the same under tsx and in the build. */
const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => [...MIGRATIONS],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ sql }) => ({
    up: async (trx) => {
      await trx.raw(NO_LIMITS);
      await trx.raw(sql.replaceAll('?', '\\?'));
    },
    down: async () => Promise.reject(new Error('Migrations go forward only: restore a backup to go back.')),
  }),
};

/**
 * Applies what is missing, all of it in one transaction, and gives the names applied. Needs two connections. Safe to call
 * from every process at once: an advisory lock, which dies with its transaction, lets one through. Who waits for it holds no
 * connection: behind a pooler those may be fewer than the processes that start, and the one that migrates needs a second.
 */
export async function migrate(db: Knex): Promise<string[]> {
  if (await isUsedOnly(db)) return [];
  for (;;) {
    const applied = await db.transaction((guard) => migrateUnderLock(db, guard));
    if (applied !== undefined) return applied;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
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
  const applied = new Set(await db('migrations').pluck<string[]>('name'));
  const missing = MIGRATIONS.filter(({ name }) => !applied.has(name)).length;
  if (applied.size > MIGRATIONS.length - missing) throw new NewerDatabaseError({ cause: null });
  if (missing > 0) throw new OwnerNeededError(missing);
  return true;
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
    await grantToRoles(guard);
    return applied;
  } catch (error) {
    if (String(error).includes('migration directory is corrupt')) throw new NewerDatabaseError({ cause: error });
    throw error;
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
