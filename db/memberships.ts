import type { Database } from './knex.js';
import { queryRows } from './knex.js';

export interface RosterMember {
  userId: string;
  roles: readonly string[];
  status: 'Active' | 'Inactive' | 'Deleted';
  name?: string | null | undefined;
  email?: string | null | undefined;
}

export interface RosterStore {
  /** The number of a new read of a context's roster. */
  beginRead(context: string): Promise<number>;
  /** Stores one page of a read. Repeating it changes nothing. Names and e-mails are kept only where configured so. */
  storePage(input: { context: string; read: number; members: readonly RosterMember[] }): Promise<void>;
  /**
   * Ends a read that saw every page: only now does absence count. Who is missing from two complete reads is inactive.
   * Gives the number of members seen, and of those made inactive.
   */
  completeRead(input: { context: string; read: number }): Promise<{ seen: number; left: number }>;
}

export function createRosters(db: Database, { storeNames }: { storeNames: boolean }): RosterStore {
  return {
    async beginRead(context) {
      const [row] = await queryRows<{ read: number }>(
        db,
        'update contexts set roster_read = roster_read + 1 where id = ? returning roster_read as read',
        [context],
      );
      if (!row) throw new Error(`There is no context ${context}.`);
      return row.read;
    },
    async storePage({ context, read, members }) {
      const byUser = new Map(members.map((member) => [member.userId, member]));
      const rows = [...byUser.values()].map(({ userId, roles, status, name, email }) => ({
        userId,
        roles,
        status,
        ...(storeNames && { name, email }),
      }));
      await db.raw(
        `insert into memberships (context, user_id, roles, status, name, email, seen_in_read)
         select ?::uuid, "userId", roles, status, name, email, ?::integer
         from jsonb_to_recordset(?::jsonb) as i("userId" text, roles text[], status text, name text, email text)
         order by "userId"
         on conflict (context, user_id) do update set roles = excluded.roles, status = excluded.status,
           name = excluded.name, email = excluded.email, seen_in_read = excluded.seen_in_read, missed_reads = 0,
           updated_at = now()`,
        [context, read, JSON.stringify(rows)],
      );
    },
    async completeRead({ context, read }) {
      const [row] = await queryRows<{ seen: number; left: number }>(
        db,
        `with missed as (
           update memberships set missed_reads = missed_reads + 1, updated_at = now(),
             status = case when missed_reads >= 1 then 'Inactive' else status end
           where context = :context and seen_in_read < :read and status = 'Active'
           returning status
         ), stamped as (
           update contexts set roster_read_at = now() where id = :context
         )
         select (select count(*) from memberships where context = :context and seen_in_read = :read)::int as seen,
           (select count(*) from missed where status = 'Inactive')::int as left`,
        { context, read },
      );
      return row ?? { seen: 0, left: 0 };
    },
  };
}
