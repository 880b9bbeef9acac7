/** What was really written to a database: rows that were rolled back, or set to what they were, are not. */
import type { Knex } from 'knex';
import { queryRows } from '../../db/server/knex.js';

export interface WrittenRows {
  /** The tables written to since the last call, each once, but those that `but` names. */
  take(): Promise<string[]>;
}

/** Watches all tables of a test's own database from now on, by a trigger on each. */
export async function watchWrites(db: Knex, { but = [] }: { but?: readonly string[] } = {}): Promise<WrittenRows> {
  await db.raw('create unlogged table written_rows (name text)');
  await db.raw(`create function note_written() returns trigger language plpgsql security definer as $$
    begin insert into written_rows values (tg_table_name); return null; end $$`);
  const tables = await queryRows<{ name: string }>(
    db,
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and c.relname <> all (:but)`,
    { but: ['written_rows', ...but] },
  );
  for (const { name } of tables) {
    await db.raw(`create trigger note_change after update on ${name} for each row when (old.* is distinct from new.*)
      execute function note_written()`);
    await db.raw(
      `create trigger note_row after insert or delete on ${name} for each row execute function note_written()`,
    );
  }
  return {
    async take() {
      const rows = await queryRows<{ name: string }>(db, 'delete from written_rows returning name');
      return [...new Set(rows.map(({ name }) => name))].toSorted();
    },
  };
}
