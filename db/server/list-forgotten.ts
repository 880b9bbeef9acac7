import { queryRows, type Database } from './knex.js';

/** Of work that is kept as rows, what runs and has not moved for a minute. */
export async function listForgotten(db: Database, table: 'bulk_operations' | 'person_requests'): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    db,
    `select id from ${table} where ended_at is null and updated_at < now() - interval '1 minute'
     order by updated_at limit 100`,
  );
  return rows.map(({ id }) => id);
}
