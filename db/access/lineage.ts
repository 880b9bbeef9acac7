import { queryRows, type Database } from '../server/knex.js';

/**
 * Whether one person may hold both keys: one of them has made the other, or both go back to the same key below a bootstrap
 * key, for whoever makes a key has seen it. Keys that were made with a bootstrap key belong to different people, but all of
 * them have been seen by whoever holds that.
 */
export async function isOneLineage(db: Database, one: string, other: string): Promise<boolean> {
  const [found] = await queryRows<{ isOne: boolean }>(
    db,
    `select coalesce(a.lineage, a.id) = coalesce(b.lineage, b.id)
       or (a.is_bootstrap and ${isMadeByBootstrap('b')}) or (b.is_bootstrap and ${isMadeByBootstrap('a')}) as "isOne"
     from api_keys a, api_keys b where a.id = :one and b.id = :other`,
    { one, other },
  );
  return found?.isOne ?? one === other;
}

/** The first of a lineage has a maker only where that is a bootstrap key. */
function isMadeByBootstrap(key: string): string {
  return `exists (select from api_keys f where f.id = coalesce(${key}.lineage, ${key}.id) and f.created_by is not null)`;
}
