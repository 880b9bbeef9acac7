import { MIGRATIONS } from '../migrations/index.js';
import { queryRows, type Database } from './knex.js';

export interface DatabaseFacts {
  /** Its clock. */
  at: Date;
  /** Of the server: `18.1`. */
  version: string;
  /** Of this release, not applied yet. */
  missing: string[];
  /** Applied by another release. */
  unknown: string[];
}

/** Looks at the database as a whole. Rejects as it does. */
export function createDatabaseLook(db: Database): () => Promise<DatabaseFacts> {
  return async () => {
    const [facts] = await queryRows<Pick<DatabaseFacts, 'at' | 'version'> & { isMigrated: boolean }>(
      db,
      `select clock_timestamp() as at, split_part(current_setting('server_version'), ' ', 1) as version,
         to_regclass('migrations') is not null as "isMigrated"`,
    );
    if (!facts) throw new Error('The database said nothing.');
    const rows = facts.isMigrated ? await queryRows<{ name: string }>(db, 'select name from migrations') : [];
    const applied = new Set(rows.map(({ name }) => name));
    const known = new Set(MIGRATIONS.map(({ name }) => name));
    return {
      ...{ at: facts.at, version: facts.version },
      missing: [...known].filter((name) => !applied.has(name)),
      unknown: [...applied].filter((name) => !known.has(name)),
    };
  };
}
