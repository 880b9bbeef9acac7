import { queryRows, type Database } from '../server/knex.js';

/**
 * Takes out of events whatever may say who they were about, their id at the source included, and ends those that wait. The
 * bodies that held them beside others go too. Repeating it changes nothing.
 */
export async function emptyEvents(trx: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const emptied = await queryRows<{ part: string | null }>(
    trx,
    `update webhook_events set ${EMPTY}, event_id = 'erased:' || id, facts = '{}', reference = null, reason = 'personErased',
       state = case when state in ('stored', 'unmatched') then 'ignored' else state end
     where id = any (?::uuid[]) returning part_of as part`,
    [[...ids]],
  );
  const wholes = emptied.flatMap(({ part }) => (part === null ? [] : [part]));
  if (wholes.length > 0) await trx.raw(`update webhook_events set ${EMPTY} where id = any (?::uuid[])`, [wholes]);
}

const EMPTY = `body = null, data_key = null, digest = '\\x', reason_fact = null, reason_pointer = null, reason_detail = null`;
