import { counted, type Finding } from '../operations/finding.js';
import type { EventTrouble } from '../../db/webhooks/webhook-events.js';

type Words = Pick<Finding, 'type' | 'severity' | 'advice'> & { sentence: (count: number, source: string) => string };

const WORDS: Readonly<Record<EventTrouble['kind'], Words>> = {
  unmatched: {
    type: 'webhookEventsUnmatched',
    severity: 'warning',
    sentence: (count, source) =>
      `${counted(count, `event of ${source} waits: its`, `events of ${source} wait: their`)} reference, course or student is not known yet.`,
    advice: 'GET /v1/webhook-events?state=unmatched has the reason of each. References are missing most often.',
  },
  expired: {
    type: 'webhookEventsExpired',
    severity: 'warning',
    sentence: (count, source) =>
      `${counted(count, `event of ${source} expired within a week: what it`, `events of ${source} expired within a week: what they`)} named never came.`,
    advice: 'Their grades are in no gradebook. Have the service send them again, once their references are there.',
  },
  invalid: {
    type: 'webhookEventsInvalid',
    severity: 'warning',
    sentence: (count, source) =>
      `${counted(count, `event of ${source} that came within a week cannot be used as it is`, `events of ${source} that came within a week cannot be used as they are`)}.`,
    advice: 'Correct the mapping (try it by a dry run), then POST /v1/webhook-events/replay.',
  },
  late: {
    type: 'webhookEventsLate',
    severity: 'critical',
    sentence: (count, source) =>
      `${counted(count, `event of ${source} was`, `events of ${source} were`)} stored over five minutes ago and not looked at.`,
    advice: 'Look at the log of the API.',
  },
  reused: {
    type: 'webhookEventIdsReused',
    severity: 'warning',
    sentence: (count, source) =>
      `${counted(count, 'event', 'events')} of ${source} came again under the same id with other content, which was not taken.`,
    advice: 'Map an event id that is new for each change of a grade.',
  },
};

export function ofEventTrouble({ kind, source, count, since }: EventTrouble): Finding {
  const { sentence, ...words } = WORDS[kind];
  return { ...words, sentence: sentence(count, source), count, subject: source, since };
}
