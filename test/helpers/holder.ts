/** A living worker as the database sees it: a session with the advisory locks of its numbers. */
import { after } from 'node:test';
import type { Knex } from 'knex';
import pg from 'pg';
import { queryRows } from '../../db/server/knex.js';
import { HOLDER_LOCK_CLASS } from '../../db/server/worker-holder.js';
import { eventually } from './database.js';

/** Lives until the end of the file, or until `kill` ends its session as the death of its process would. */
export async function createHolder(
  { db, url }: { db: Knex; url: string },
  ...holders: number[]
): Promise<{ kill(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  after(() => client.end().catch(() => undefined));
  for (const holder of holders) {
    await client.query('select pg_advisory_lock($1::int, $2::int)', [HOLDER_LOCK_CLASS, holder]);
  }
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return {
    async kill() {
      await db.raw('select pg_terminate_backend(?)', [rows[0]?.pid ?? 0]);
      await eventually('the session to be gone', async () => {
        const left = await queryRows(
          db,
          `select 1 from pg_locks where locktype = 'advisory' and classid = ? and objid = any (?::int[]) and database =
             (select oid from pg_database where datname = current_database())`,
          [HOLDER_LOCK_CLASS, [...holders]],
        );
        return left.length === 0;
      });
    },
  };
}
