/** What a notice says, in words that need no name. */
import {
  counted,
  factsOf,
  sayBackfillsUnapproved,
  sayBreakerOpen,
  sayEndpointsDisabled,
  sayLaunchNeeded,
  sayParked,
  sayRunEnded,
  sayRunNotEnded,
  type Words,
} from './finding-words.js';
import type { IncidentKind, NoticeKind, NoticeStatus } from './notice.js';

/** Ids, counts and codes; of each kind its own. */
export type NoticeFacts = Readonly<Record<string, unknown>>;

/** One thing that an endpoint is told. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  status: NoticeStatus;
  /** The same when it begins and when it is over. */
  incident: string | null;
  facts: NoticeFacts;
  since: Date;
  createdAt: Date;
}

const NOTHING = 'Nothing.';
const NIGHT = 'The nightly run';

const RECOVERED: Readonly<Record<IncidentKind, string>> = {
  launchNeeded: 'The course has a service key that works, or nothing waits there any more.',
  contextParked: 'The course is no longer set aside.',
  lineItemParked: 'The gradebook column is no longer set aside.',
  breakerOpen: 'Calls to the platform go on.',
  nightIncomplete: 'The nightly run ended well again.',
  backfillUnapproved: 'The backfill no longer waits for an approval.',
  endpointDisabled: 'The endpoint for notices is no longer switched off by failures.',
};

/** A notice of a kind that a newer release made is said by its name. */
export function sayNotice({ kind, status, facts }: Pick<Notice, 'kind' | 'status' | 'facts'>): Words {
  if (status === 'recovered') {
    const sentence: string | undefined = Object.entries(RECOVERED).find(([known]) => known === kind)?.[1];
    return { sentence: sentence ?? `It is over: ${kind}.`, advice: NOTHING };
  }
  const text = (name: string): string => textOf(facts[name]);
  const count = (name: string): number => Number(facts[name] ?? 0);
  switch (kind) {
    case 'launchNeeded':
      return sayLaunchNeeded(1);
    case 'contextParked':
      return sayParked({ kind: 'context', type: text('failureType'), count: 1, waiting: count('waiting') });
    case 'lineItemParked':
      return sayParked({ kind: 'lineItem', type: text('failureType'), count: 1, waiting: count('waiting') });
    case 'breakerOpen':
      return sayBreakerOpen({ platformId: text('platformId'), type: text('failureType') || null });
    case 'nightIncomplete':
      return sayNight(facts);
    case 'backfillUnapproved':
      return sayBackfillsUnapproved(1);
    case 'endpointDisabled':
      return sayEndpointsDisabled([text('origin')]);
    case 'scoresRejected':
      return sayRejected(facts);
    case 'scoreOutcome':
      return sayOutcome(text('state'), text('failureType'));
    default:
      return { sentence: `It needs somebody: ${String(kind)}.`, advice: 'Look at GET /v1/health/operations.' };
  }
}

function sayNight(facts: NoticeFacts): Words {
  const of = { what: NIGHT, startedAt: textOf(facts['startedAt']) };
  const state = textOf(facts['state']);
  if (state !== 'failed' && state !== 'incomplete') return sayRunNotEnded({ ...of, endsBy: textOf(facts['endsBy']) });
  return sayRunEnded({ ...of, state, trouble: listOf(facts['trouble']).map(textOf).join(', ') });
}

function sayRejected(facts: NoticeFacts): Words {
  const types = [...new Set(listOf(facts['rejected']).map((row) => textOf(memberOf(row, 'failureType'))))];
  const why = types.slice(0, 3).map((type) => factsOf(type).sentence);
  const count = Number(facts['count'] ?? 0);
  return {
    sentence: `${counted(count, 'score was', 'scores were')} rejected since ${textOf(facts['from'])}. ${why.join(' ')}`,
    advice: 'Look at GET /v1/scores?state=rejected, each with what helps.',
  };
}

function sayOutcome(state: string, failureType: string): Words {
  if (state === 'submitted') return { sentence: 'The score is in the gradebook.', advice: NOTHING };
  return factsOf(failureType);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
