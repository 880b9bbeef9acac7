/** All rows of the database, column by column, with the class that each column is declared with. */
import type { Knex } from 'knex';
import { COLUMNS } from '../../db/privacy/columns.js';
import type { ColumnClass, Declaration } from '../../db/privacy/columns/declare.js';
import { queryRows, type Database } from '../../db/server/knex.js';
import type { Canaries } from './canary.js';
import { MAY_STAND_IN_COLUMNS } from './classes.js';
import { searchText, type Sighting } from './search.js';

export interface ColumnSighting extends Sighting {
  column: string;
  declared: ColumnClass;
}

/** Bytes are read as the texts that they may be, and as hex. */
export async function searchColumns(db: Database, canaries: Canaries): Promise<ColumnSighting[]> {
  const found: ColumnSighting[] = [];
  for (const [table, declarations] of Object.entries<readonly Declaration[]>(COLUMNS)) {
    const [row] = await queryRows<Record<string, string | null>>(db, selectAll(table, declarations));
    for (const { names, class: declared } of declarations) {
      for (const name of names) {
        for (const sighting of searchText(row?.[name] ?? '', canaries)) {
          found.push({ ...sighting, column: `${table}.${name}`, declared });
        }
      }
    }
  }
  return found;
}

export const isLeak = ({ canary, declared }: ColumnSighting): boolean =>
  !MAY_STAND_IN_COLUMNS[declared].includes(canary.class);

/** Of these types a column can hold words, or a grade. */
const PLANTED: Readonly<Record<string, (text: string, number: number) => unknown>> = {
  ...{ text: (text: string) => text, 'character varying': (text: string) => text },
  ...{ json: (text: string) => JSON.stringify({ deep: [text] }), jsonb: (text: string) => JSON.stringify([text]) },
  ...{ bytea: (text: string) => Buffer.from(text), ARRAY: (text: string) => [text] },
  ...{ numeric: (_: string, number: number) => number, 'double precision': (_: string, number: number) => number },
};

/**
 * Puts one canary into each column that can hold one, in tables of the transaction alone that stand before the real ones. Gives
 * the columns.
 */
export async function plantInColumns(
  trx: Knex.Transaction,
  toPlant: (column: string) => { text: string; number: number },
): Promise<string[]> {
  const planted: string[] = [];
  for (const [table, declarations] of Object.entries<readonly Declaration[]>(COLUMNS)) {
    await trx.raw(`create temp table "${table}" on commit drop as select * from public."${table}" limit 0`);
    const types = await queryRows<{ name: string; type: string }>(
      trx,
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name = ?`,
      [table],
    );
    const row: Record<string, unknown> = {};
    for (const name of declarations.flatMap(({ names }) => names)) {
      const write = PLANTED[types.find((column) => column.name === name)?.type ?? ''];
      if (!write) continue;
      const { text, number } = toPlant(`${table}.${name}`);
      row[name] = write(text, number);
      planted.push(`${table}.${name}`);
    }
    await trx(`pg_temp.${table}`).insert(row);
  }
  return planted;
}

function selectAll(table: string, declarations: readonly Declaration[]): string {
  const columns = declarations.flatMap(({ names }) =>
    names.map((name) => `string_agg(t."${name}"::text, E'\\n') as "${name}"`),
  );
  return `select ${columns.join(', ')} from "${table}" t`;
}
