import { queryRows, type Database } from '../server/knex.js';

/** Why schedules were changed, in the words of the audit trail: Temporal, which shows schedules, keeps the id of a note only. */
export interface ScheduleWords {
  /** The reasons by the ids of their notes; of an entry that is no longer kept there is none. */
  read(notes: readonly string[]): Promise<Map<string, string>>;
}

export function createScheduleWords(db: Database): ScheduleWords {
  return {
    async read(notes) {
      if (notes.length === 0) return new Map();
      const rows = await queryRows<{ note: string; reason: string }>(
        db,
        `select details ->> 'note' as note, reason from audit_entries
         where action = any (:actions) and details ->> 'note' = any (:notes) and reason is not null`,
        { actions: ACTIONS, notes: [...notes] },
      );
      return new Map(rows.map(({ note, reason }) => [note, reason]));
    },
  };
}

const ACTIONS = ['schedules.change', 'schedules.trigger', 'schedules.pause', 'schedules.unpause'];
