import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { LIST_NEIGHBOURS, SHARES_SCORES } from './resolve-sql.js';

/** Another backfill that has some of these scores in hand; columns must have been looked up before. */
export async function findOverlap(trx: Knex.Transaction, backfill: string): Promise<string | undefined> {
  for (const { id: other } of await queryRows<{ id: string }>(trx, LIST_NEIGHBOURS, { backfill })) {
    // Lines that came a moment ago are in no statistics, and a loop over two sides that look small would take hours.
    await trx.raw('set local enable_nestloop = off');
    const shared = await queryRows(trx, SHARES_SCORES, { backfill, other });
    await trx.raw('set local enable_nestloop = on');
    if (shared.length > 0) return other;
  }
  return undefined;
}
