import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';

/** Who may make a column: a create whose end nobody knows may still make it, so that a second one waits. */
export interface Reservations {
  /**
   * Reserves the making of a column for one call. Null: it is ours. Else another call was begun less than `restMs` ago
   * whose end nobody knows, so that the column may come to be, and this is what is left of that, in milliseconds.
   */
  reserveCreate(input: { lineItem: string; restMs: number }): Promise<number | null>;
  /** The call was answered: no column came of it. */
  endReservation(lineItem: string): Promise<void>;
}

export function createReservations(db: Knex): Reservations {
  return {
    async reserveCreate({ lineItem, restMs }) {
      const [row] = await queryRows<{ restsMs: number | null }>(
        db,
        `with reserved as (
           update line_items set create_reserved_at = clock_timestamp()
           where id = :lineItem and (create_reserved_at is null
             or create_reserved_at <= clock_timestamp() - make_interval(secs => :restMs / 1000.0)) returning 1
         )
         select case when not exists (select from reserved) then greatest(ceil(1000 * extract(epoch from
           create_reserved_at - clock_timestamp()) + :restMs), 0)::double precision end as "restsMs"
         from line_items where id = :lineItem`,
        { lineItem, restMs },
      );
      return row ? row.restsMs : restMs;
    },
    async endReservation(lineItem) {
      await db.raw('update line_items set create_reserved_at = null where id = ?', [lineItem]);
    },
  };
}
