import knex, { type Knex } from 'knex';

/** A knex handle, or a transaction passed by a caller: repositories take either and use it for every statement. */
export type Database = Knex | Knex.Transaction;

export interface KnexOptions {
  url: string;
  /** Connections at most. */
  poolMax: number;
  /** Receives what knex would print to the console, such as lost connections. Default: silence. */
  onWarning?: (message: string) => void;
  /** Shown by `pg_stat_activity`. */
  applicationName?: string;
}

/**
 * Opens a pool on demand; nothing is connected before the first query. The pool shrinks to nothing when idle, so that a
 * process can end by `destroy()` alone.
 */
export function createKnex({ url, poolMax, onWarning = () => undefined, applicationName }: KnexOptions): Knex {
  const report = (message: unknown): void => onWarning(String(message));
  return knex({
    client: 'pg',
    connection: { connectionString: url, ...(applicationName && { application_name: applicationName }) },
    pool: { min: 0, max: poolMax, idleTimeoutMillis: 10_000 },
    acquireConnectionTimeout: 10_000,
    log: { warn: report, error: report, deprecate: report, debug: () => undefined },
  });
}

/** Runs one statement of raw SQL (knex bindings: `?` and `:name`) and gives its rows, whose shape the caller vouches for. */
export async function queryRows<Row>(
  db: Database,
  sql: string,
  bindings: Knex.ValueDict | readonly Knex.RawBinding[] = [],
): Promise<Row[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(sql, bindings);
  return rows;
}
