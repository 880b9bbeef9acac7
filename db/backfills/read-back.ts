import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';

/** A column whose results are to be read from the LMS. */
export interface ColumnToCheck {
  target: number;
  context: string;
  lineItemId: string;
}

export interface ReadBackStore {
  /** The next column after a place that has an id in the LMS and a key. */
  findColumnToCheck(backfill: string, after: number): Promise<ColumnToCheck | undefined>;
  /** Keeps what the LMS shows, as parts of its maximum, beside the lines of the column. Repeating it changes nothing. */
  storeSeen(input: {
    backfill: string;
    target: number;
    seen: readonly { userId: string; grade: number }[];
  }): Promise<void>;
}

export function createReadBack(db: Knex): ReadBackStore {
  return {
    async findColumnToCheck(backfill, after) {
      const [column] = await queryRows<ColumnToCheck>(
        db,
        `select t.target, t.context, l.line_item_id as "lineItemId"
         from backfill_targets t join line_items l on l.id = t.line_item
         where t.backfill = :backfill and t.target > :after and t.problem is null and t.blocked is null
           and l.line_item_id is not null
         order by t.target limit 1`,
        { backfill, after },
      );
      return column;
    },
    async storeSeen({ backfill, target, seen }) {
      await queryRows(
        db,
        `with stamped as (
           update backfill_targets set read_at = now() where backfill = :backfill and target = :target
         )
         update backfill_items i set seen_given = s.grade
         from jsonb_to_recordset(:seen::jsonb) as s("userId" text, grade double precision)
         where i.backfill = :backfill and i.target = :target and i.user_id = s."userId" and i.state = 'staged'`,
        { backfill, target, seen: JSON.stringify(seen) },
      );
    },
  };
}
