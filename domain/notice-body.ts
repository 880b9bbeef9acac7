import { counted } from './finding-words.js';
import type { DeliveryType, NoticeFormat } from './notice.js';
import { sayNotice, type Notice } from './notice-words.js';

/** What one message says. The same in all tries, as far as the words of the release are. */
export interface Message {
  format: NoticeFormat;
  type: DeliveryType;
  createdAt: Date;
  notices: readonly Notice[];
}

/** Lines of one message in Slack, which nobody would read more of. */
const MOST_LINES = 20;

const STATUS = { needsAttention: 'Needs attention', recovered: 'Recovered', told: 'For information' } as const;

/** The body that is signed and sent. */
export function writeMessage(message: Message): string {
  return JSON.stringify(message.format === 'slack' ? { text: toText(message) } : toEvent(message));
}

function toEvent({ type, createdAt, notices }: Message): object {
  return {
    type: `passback.${type}`,
    timestamp: createdAt.toISOString(),
    data: {
      notices: notices.map((notice) => ({
        ...notice.facts,
        ...{ id: notice.id, kind: notice.kind, status: notice.status, incident: notice.incident },
        ...{ since: notice.since.toISOString(), at: notice.createdAt.toISOString() },
        ...sayNotice(notice),
      })),
    },
  };
}

/** Scores are counted: a line for each would bury all else. */
function toText({ type, notices }: Message): string {
  if (type === 'outcomes') return escaped(sumUp(notices));
  const lines = notices.slice(0, MOST_LINES).map((notice) => {
    const { sentence, advice } = sayNotice(notice);
    const where = ['platformId', 'contextId'].flatMap((name) => {
      const value = notice.facts[name];
      return typeof value === 'string' && !sentence.includes(value) ? [value] : [];
    });
    const place = where.length > 0 ? ` (${where.join(', ')})` : '';
    const help = notice.status === 'recovered' ? '' : ` ${advice}`;
    return `${STATUS[notice.status]}: ${sentence}${help}${place}`;
  });
  const left = notices.length - lines.length;
  if (left > 0) lines.push(`and ${left} more: GET /v1/health/operations`);
  return escaped(lines.join('\n'));
}

function sumUp(notices: readonly Notice[]): string {
  const counts = new Map<string, number>();
  for (const { facts } of notices) {
    const state = typeof facts['state'] === 'string' ? facts['state'] : 'unknown';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const parts = [...counts].map(([state, count]) => `${count} ${state}`);
  return `${counted(notices.length, 'score has', 'scores have')} an outcome: ${parts.join(', ')}.`;
}

/** https://docs.slack.dev/messaging/formatting-message-text: three characters, and none else, mean something. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
