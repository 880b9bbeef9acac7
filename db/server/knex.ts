import { Socket } from 'node:net';
import knex, { type Knex } from 'knex';
import pg from 'pg';

/** A knex handle, or a transaction passed by a caller: repositories take either and use it for every statement. */
export type Database = Knex | Knex.Transaction;

export interface PoolOptions {
  url: string;
  /** Connections at most. */
  poolMax: number;
  /** Receives what knex would print to the console, such as lost connections. Default: silence. */
  onWarning?: (message: string) => void;
  /** Shown by `pg_stat_activity`. */
  applicationName?: string;
  /**
   * A connection on which nothing comes from the database for so long, in milliseconds, is given up with all that waits
   * for it; longer than any statement takes. Null: never, for migrations. Default five minutes: what a summary of a
   * million corrections takes, many times over.
   */
  silenceMs?: number | null;
}

/** A connection that cannot be made in this time is not to be had. */
const CONNECT_MS = 10_000;
/** An idle connection whose other end is gone is noticed some ten seconds after this. */
const KEEP_ALIVE_MS = 10_000;
const SILENCE_MS = 5 * 60_000;
const IDLE_MS = 10_000;

/**
 * Opens a pool on demand; nothing is connected before the first query. The pool shrinks to nothing when idle, so that a
 * process can end by `destroy()` alone.
 *
 * A machine or a pooler that goes away without a word leaves connections behind that look alive. The limit is on the
 * socket: it holds for connecting, for each statement and for the ROLLBACK after it, and what it ends is no longer in the
 * pool. pg's `query_timeout` leaves its connection where it is, for the next to wait on. Of `statement_timeout` and
 * `idle_in_transaction_session_timeout` nothing is said to the server, since a pooler refuses them at the start and in
 * transaction mode hands a `set` on to others: an operator gives them to the role (docs/runbook.md).
 */
export function createKnex(options: PoolOptions): Knex {
  const { poolMax, onWarning = () => undefined } = options;
  // knex adds stacks of its driver, which tell nobody anything.
  const report = (message: unknown): void => onWarning(String(message).replaceAll(/\n[^\S\n]+at .*/g, ''));
  return knex({
    client: 'pg',
    connection: toConnection(options),
    pool: { min: 0, max: poolMax, idleTimeoutMillis: IDLE_MS },
    acquireConnectionTimeout: 10_000,
    log: { warn: report, error: report, deprecate: report, debug: () => undefined },
  });
}

/** What is called for every chunk of scores goes by `pg` itself: one function by its name, and nothing to be built. */
export interface Queryable {
  query<Row extends object>(text: string, values: unknown[]): Promise<{ rows: Row[] }>;
}

/** A pool of `pg` with all that {@link createKnex} says of connections. */
export function createPgPool(options: PoolOptions): pg.Pool {
  const { poolMax, onWarning = () => undefined } = options;
  const pool = new pg.Pool({ ...toConnection(options), max: poolMax, idleTimeoutMillis: IDLE_MS });
  // An idle connection that is lost is out of the pool by then; without a listener it would end the process.
  return pool.on('error', (error) => onWarning(error.message));
}

function toConnection({ url, applicationName, silenceMs = SILENCE_MS }: PoolOptions) {
  return {
    connectionString: url,
    ...(applicationName && { application_name: applicationName }),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: CONNECT_MS,
    stream: () => createSocket(silenceMs),
  };
}

/** The database said nothing for too long. The code is that of a connection which timed out. */
class SilentDatabaseError extends Error {
  override readonly name = 'SilentDatabaseError';
  readonly code = 'ETIMEDOUT';
}

function createSocket(silenceMs: number | null): Socket {
  const socket = new Socket();
  if (silenceMs === null) return socket;
  return socket.setTimeout(silenceMs, () => {
    socket.destroy(new SilentDatabaseError(`Nothing came from the database for ${silenceMs} ms.`));
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
