/** Makes scores that wait go on, after a person or a launch removed what they waited for. */
import { IS_WANTED_NOW, isFreeOf, restsBeyond } from '../scores/readiness.js';
import { changeScores } from '../scores/transitions.js';
import { isParked } from './parking.js';
import { queryRows, type Database } from '../server/knex.js';

/** Columns may be looked for at once. */
export const LOOKS_WELL = 'columns_failure = null, columns_failed_times = 0, columns_rest_until = null';

const UNPARKED = `parked_type = null, parked_detail = null, parked_at = null, parked_until = null, parked_times = 0`;

/** Ends the parking of contexts, and says which were parked. */
export async function unparkContexts(trx: Database, contexts: readonly string[]): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    trx,
    `update contexts c set ${UNPARKED} where id = any (?::uuid[]) and ${isParked('c')} returning id`,
    [[...contexts]],
  );
  return rows.map(({ id }) => id);
}

/** Ends the parking of columns, and says which were parked. */
export async function unparkLineItems(trx: Database, lineItems: readonly string[]): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    trx,
    `update line_items l set ${UNPARKED}, updated_at = now()
     where id = any (?::uuid[]) and ${isParked('l')} returning id`,
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
 * Ends the rests of the due scores of a context, and of looking for its columns, and counts what waits there (due or to be
 * read back). Scores for the next nightly run stay so. `lineItems` narrows it to some columns.
 */
export async function endRests(trx: Database, context: string, lineItems?: readonly string[]): Promise<number> {
  await endSomeRests(trx, { context, lineItems });
  await letColumnsBeSought(trx, context);
  return countWanted(trx, context, lineItems);
}

const WITHIN = `q.context = :context and (:lineItems::uuid[] is null or s.line_item = any (:lineItems::uuid[]))`;

/** Ends the rests of so many due scores, those after an id, and gives theirs in order. Default: of all. */
export async function endSomeRests(
  trx: Database,
  input: { context: string; lineItems?: readonly string[] | undefined; after?: string; limit?: number },
): Promise<string[]> {
  const { context, lineItems, after, limit } = input;
  const rows = await queryRows<{ id: string }>(
    trx,
    `with resting as (
       select s.id from score_queue q join scores s on s.id = q.score
       where ${WITHIN} and s.state = 'due' and ${isFreeOf('night')} and ${restsBeyond('now()')}
         and (:after::uuid is null or s.id > :after::uuid)
       order by s.id limit :limit for update of s
     ), woken as (${changeScores('woken', 'resting')} returning s.id)
     select id from woken order by id`,
    { context, lineItems: lineItems ? [...lineItems] : null, after: after ?? null, limit: limit ?? null },
  );
  return rows.map(({ id }) => id);
}

export async function letColumnsBeSought(trx: Database, context: string): Promise<void> {
  await trx.raw(`update contexts set ${LOOKS_WELL} where id = ? and columns_failed_times > 0`, [context]);
}

/** Scores of a context that are due or to be read back, whenever. */
export async function countWanted(trx: Database, context: string, lineItems?: readonly string[]): Promise<number> {
  const [counted] = await queryRows<{ waiting: number }>(
    trx,
    `select count(*)::int as waiting from score_queue q join scores s on s.id = q.score where ${WITHIN} and ${IS_WANTED_NOW}`,
    { context, lineItems: lineItems ? [...lineItems] : null },
  );
  return counted?.waiting ?? 0;
}
