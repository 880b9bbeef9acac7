/** Makes scores that wait go on, after a person or a launch removed what they waited for. */
import { changeScores } from '../scores/transitions.js';
import { queryRows, type Database } from '../server/knex.js';

const UNPARKED = `parked_type = null, parked_detail = null, parked_at = null, parked_until = null, parked_times = 0`;

/** Ends the parking of contexts, and says which were parked. */
export async function unparkContexts(trx: Database, contexts: readonly string[]): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    trx,
    `update contexts set ${UNPARKED} where id = any (?::uuid[]) and parked_type is not null returning id`,
    [[...contexts]],
  );
  return rows.map(({ id }) => id);
}

/** Ends the parking of columns, and says which were parked. */
export async function unparkLineItems(trx: Database, lineItems: readonly string[]): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    trx,
    `update line_items set ${UNPARKED}, updated_at = now()
     where id = any (?::uuid[]) and parked_type is not null returning id`,
    [[...lineItems]],
  );
  return rows.map(({ id }) => id);
}

/** Ends the parking of those columns of a context that are parked for one of the reasons. */
export async function unparkLineItemsOf(trx: Database, context: string, types: readonly string[]): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    trx,
    `update line_items set ${UNPARKED}, updated_at = now()
     where context = ? and parked_type = any (?::text[]) returning id`,
    [context, [...types]],
  );
  return rows.map(({ id }) => id);
}

/**
 * Ends the rests of the due scores of a context, and counts what waits there (due or to be read back). Scores for the
 * next nightly run stay so. `lineItems` narrows it to some columns.
 */
export async function endRests(trx: Database, context: string, lineItems?: readonly string[]): Promise<number> {
  const bindings = { context, lineItems: lineItems ? [...lineItems] : null };
  const within = `context = :context and (:lineItems::uuid[] is null or line_item = any (:lineItems::uuid[]))`;
  await trx.raw(
    `with resting as (
       select id from scores where ${within} and state = 'due' and not awaits_nightly and not_before > now()
       order by id for update
     )
     ${changeScores('woken', 'resting')}`,
    bindings,
  );
  const [counted] = await queryRows<{ waiting: number }>(
    trx,
    `select count(*)::int as waiting from scores
     where ${within} and ((state = 'due' and not awaits_nightly) or state = 'unknown')`,
    bindings,
  );
  return counted?.waiting ?? 0;
}
