import type { Knex } from 'knex';
import type { Database } from './knex.js';
import { refusalCode } from './refusal-code.js';

/** A row that PostgreSQL will never take, and the code with which it says so. */
export interface RefusedRow<Row> {
  row: Row;
  code: string;
}

/**
 * Stores rows as one set; where PostgreSQL refuses that, one by one, so that a row that cannot be stored takes no other
 * with it. Gives those that it refuses. Within a transaction of the caller it goes on after a refusal.
 */
export async function storeRows<Row>(
  db: Database,
  rows: readonly Row[],
  store: (trx: Knex.Transaction, rows: readonly Row[]) => Promise<unknown>,
): Promise<RefusedRow<Row>[]> {
  const refusalOf = async (some: readonly Row[]): Promise<string | undefined> => {
    try {
      await db.transaction((trx) => store(trx, some));
      return undefined;
    } catch (error) {
      const code = refusalCode(error);
      if (code === undefined) throw error;
      return code;
    }
  };
  if (rows.length === 0 || (await refusalOf(rows)) === undefined) return [];
  const refused: RefusedRow<Row>[] = [];
  for (const row of rows) {
    const code = await refusalOf([row]);
    if (code !== undefined) refused.push({ row, code });
  }
  return refused;
}
