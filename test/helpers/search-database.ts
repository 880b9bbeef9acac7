import { queryRows, type Database } from '../../db/server/knex.js';

/** The columns of all tables, weeks included, in which some text stands, as `table.column`; bytes are read as well. */
export async function searchDatabase(db: Database, texts: readonly string[]): Promise<string[]> {
  const columns = await queryRows<{ table: string; column: string; type: string }>(
    db,
    `select c.table_name as table, c.column_name as column, c.data_type as type from information_schema.columns c
     join pg_class r on r.relname = c.table_name and r.relnamespace = 'public'::regnamespace and r.relkind = 'r'
     where c.table_schema = 'public' and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea')
     order by 1, 2`,
  );
  const found: string[] = [];
  for (const { table, column, type } of columns) {
    const words = type === 'bytea' ? texts.map((text) => Buffer.from(text).toString('hex')) : texts;
    const value = type === 'bytea' ? `encode(??, 'hex')` : '??::text';
    const sql = `select 1 from ?? where exists (select from unnest(?::text[]) w where position(w in ${value}) > 0) limit 1`;
    if ((await queryRows(db, sql, [table, [...words], column])).length > 0) found.push(`${table}.${column}`);
  }
  return found;
}
