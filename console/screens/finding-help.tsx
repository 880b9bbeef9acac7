import type { VNode } from 'preact';
import { toQuery } from '../api-client.js';
import type { Static } from 'typebox';
import type { FindingSchema } from '../../api/schemas/health.js';

type Finding = Pick<Static<typeof FindingSchema>, 'type' | 'subject'>;

/** Where what a finding counts is listed. A finding that no list shows has none: its advice says what to do. */
export function HelpLink({ finding: { type, subject } }: { finding: Finding }): VNode | null {
  const of = subject ?? '';
  switch (type) {
    case 'scoresRejected':
      return toScores({ state: 'rejected', failureType: of });
    case 'scoresUndecided':
      return toScores({ waitingFor: 'decision', platformId: of });
    case 'scoresDue':
    case 'scoresLate':
      return toScores({ state: 'due', platformId: of });
    case 'launchNeeded':
      return toScores({ waitingFor: 'launch' });
    case 'breakerOpen':
      return toScores({ waitingFor: 'platform', platformId: of });
    case 'platformPaused':
      return toScores({ waitingFor: 'platformPaused', platformId: of });
    case 'deploymentsPaused':
      return toScores({ waitingFor: 'deploymentPaused', platformId: of });
    case 'lineItemsParked':
      return toScores({ waitingFor: 'lineItemParked' });
    case 'contextsParked':
      return link('/console/courses?parked=true', 'Look at the courses');
    case 'contextsPaused':
      return link(`/console/courses${toQuery({ paused: 'true', platformId: of })}`, 'Look at the courses');
    case 'backfillsUnapproved':
      return link('/console/backfills?state=awaitingApproval', 'Look at the backfills');
    case 'backfillsPaused':
      return link('/console/backfills?state=paused', 'Look at the backfills');
    case 'backfillsFailed':
      return link('/console/backfills?state=failed', 'Look at the backfills');
    case 'webhookEventsUnmatched':
      return toEvents({ source: of, state: 'unmatched' });
    case 'webhookEventsExpired':
      return toEvents({ source: of, state: 'expired' });
    case 'webhookEventsInvalid':
      return toEvents({ source: of, state: 'invalid' });
    case 'webhookEventsLate':
      return toEvents({ source: of, state: 'stored' });
    default:
      return type.startsWith('schedule') || type.startsWith('run') ? link('/console/runs', 'Look at the runs') : null;
  }
}

const link = (href: string, label: string): VNode => (
  <a class="button" href={href}>
    {label}
  </a>
);

const toScores = (query: Record<string, string>): VNode =>
  link(`/console/scores${toQuery(query)}`, 'Look at the scores');

const toEvents = (query: Record<string, string>): VNode =>
  link(`/console/webhooks${toQuery(query)}`, 'Look at the events');
