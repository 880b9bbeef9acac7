import type { Paused } from '../../db/platforms/pausing.js';
import type { ScheduleWords } from '../../db/access/schedule-words.js';
import type { ScheduleRecord } from '../temporal/schedule-client.js';

/** A schedule with the words that Temporal was not given. */
export interface ToldSchedule extends Omit<ScheduleRecord, 'paused'> {
  /** Who paused it, and why; somebody may have done so in Temporal. Null: it is not paused. */
  paused: Paused | null;
}

/** The note that Temporal keeps: who did what, and when. `id` is that of the words, in the details of the audit entry. */
export function noteOf(what: string, { apiKeyId, at, id }: Record<'apiKeyId' | 'at' | 'id', string>): string {
  return `${what} by API key ${apiKeyId} at ${at}, note ${id}`;
}

/** The latest note stands behind that of a pause, which counts for longer. */
export const NOTES_APART = ' | ';

const UUID = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
const NOTE = new RegExp(
  `^(.+) by API key (${UUID}) at (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z), note (${UUID})$`,
);

/** Looks up the words of all of them at once. */
export async function tellSchedules(words: ScheduleWords, records: readonly ScheduleRecord[]): Promise<ToldSchedule[]> {
  const notes = records.flatMap(({ note }) => partsOf(note).flatMap((part) => NOTE.exec(part)?.[4] ?? []));
  const reasons = await words.read(notes);
  return records.map((record) => {
    const told = partsOf(record.note).map((part) => tell(part, reasons));
    return {
      ...record,
      note: told.length === 0 ? null : told.map(({ text }) => text).join(NOTES_APART),
      paused: record.paused ? toPaused(told[0]) : null,
    };
  });
}

/** The same for somebody who sees some platforms only: what an operator of all of them wrote may name the others. */
export function withoutWords(schedule: ToldSchedule): ToldSchedule {
  const { paused } = schedule;
  return {
    ...schedule,
    note: null,
    paused: paused && { ...paused, reason: 'An operator of all platforms paused it.' },
  };
}

interface Told {
  text: string;
  reason: string;
  apiKeyId: string | null;
  since: string | null;
}

const partsOf = (note: string | null): string[] => (note === null ? [] : note.split(NOTES_APART));

/** A note that is none of ours was made in Temporal. */
function tell(part: string, reasons: ReadonlyMap<string, string>): Told {
  const [, what = '', apiKeyId = '', since = '', id = ''] = NOTE.exec(part) ?? [];
  if (Number.isNaN(Date.parse(since))) return { text: part, reason: part, apiKeyId: null, since: null };
  const reason = reasons.get(id) ?? 'The reason is no longer kept.';
  return { text: `${what} by API key ${apiKeyId} at ${since}: ${reason}`, reason, apiKeyId, since };
}

function toPaused(told: Told | undefined): Paused {
  const { reason, apiKeyId, since } = told ?? { reason: 'Nobody said why.', apiKeyId: null, since: null };
  return { reason, apiKeyId, since, until: null };
}
