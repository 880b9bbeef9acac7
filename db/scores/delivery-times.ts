import { queryRows, type Database } from '../server/knex.js';

/**
 * For each of these scores that is in its gradebook as it was accepted: the seconds from its becoming due to its
 * submission. A newer grade that came on the way counts from the first of them.
 */
export type ReadDeliveryTimes = (scores: readonly string[]) => Promise<number[]>;

export function createReadDeliveryTimes(db: Database): ReadDeliveryTimes {
  return async (scores) => {
    const rows = await queryRows<{ seconds: number }>(
      db,
      `select extract(epoch from submitted_at - due_at)::double precision as seconds from scores
       where id = any (:scores::uuid[]) and state = 'submitted' and submitted_at >= due_at`,
      { scores: [...scores] },
    );
    return rows.map(({ seconds }) => seconds);
  };
}
