import type { ScheduleRecord } from '../temporal/schedule-client.js';

/** As our own notes are; what came after a pause stands behind it. */
const NOTE = /^paused by API key ([\da-f-]{36}) at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z): (.*?)(?: \| .*)?$/s;

export function noteOf(what: string, { apiKeyId, at, reason }: Record<'apiKeyId' | 'at' | 'reason', string>): string {
  return `${what} by API key ${apiKeyId} at ${at}: ${reason}`;
}

/** Who paused a schedule, and why, by the note that Temporal keeps; somebody may have paused it there. */
export function toPaused({ paused, note }: Pick<ScheduleRecord, 'paused' | 'note'>): {
  reason: string;
  apiKeyId: string | null;
  since: Date | null;
  until: null;
} | null {
  if (!paused) return null;
  const [, apiKeyId = '', since = '', reason = ''] = NOTE.exec(note ?? '') ?? [];
  const begin = new Date(since);
  if (Number.isNaN(begin.getTime()))
    return { reason: note ?? 'Nobody said why.', apiKeyId: null, since: null, until: null };
  return { reason, apiKeyId, since: begin, until: null };
}
