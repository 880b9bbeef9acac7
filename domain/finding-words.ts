/** What is wrong, in words: the same in health and in notices. */
import { failureOf, isFailureType } from './failure.js';

export interface Words {
  sentence: string;
  advice: string;
}

/** A number with the words that fit it: `1 score waits`, `3 scores wait`. The words after it are the same for both. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A type that a newer release stored is shown by its name. */
export function factsOf(type: string): Words {
  if (isFailureType(type)) return failureOf(type);
  return { sentence: `The reason is ${type}.`, advice: 'Look at the attempts.' };
}

export function sayBreakerOpen({ platformId, type }: { platformId: string; type: string | null }): Words {
  const { sentence, advice } = factsOf(type ?? 'PlatformUnavailable');
  return { sentence: `Calls to ${platformId} are held back. ${sentence}`, advice };
}

export function sayParked(parked: {
  kind: 'context' | 'lineItem';
  type: string;
  count: number;
  waiting: number;
}): Words {
  const { kind, type, count, waiting } = parked;
  const { sentence, advice } = factsOf(type);
  const [one, many] =
    kind === 'context' ? ['course is', 'courses are'] : ['gradebook column is', 'gradebook columns are'];
  const there = counted(waiting, 'score waits', 'scores wait');
  return { sentence: `${counted(count, one, many)} set aside, and ${there} there. ${sentence}`, advice };
}

export function sayLaunchNeeded(count: number): Words {
  const courses = counted(
    count,
    'course has no service key that works, and waits',
    'courses have no service key that works, and wait',
  );
  return {
    sentence: `${courses} for somebody to launch an activity.`,
    advice: 'Ask a teacher or student of the course to open an activity of the tool.',
  };
}

export function sayBackfillsUnapproved(count: number): Words {
  return {
    sentence: `${counted(count, 'backfill is previewed and waits', 'backfills are previewed and wait')} for an approval.`,
    advice: 'Look at GET /v1/backfills?state=awaitingApproval, then approve or cancel each.',
  };
}

/** Of a run that ended otherwise than it should. `startedAt` in ISO 8601. */
export function sayRunEnded(run: {
  what: string;
  state: 'failed' | 'incomplete';
  startedAt: string;
  trouble: string;
}): Words {
  const { what, state, startedAt, trouble } = run;
  const how = state === 'failed' ? 'failed' : 'did not do all';
  return {
    sentence: `${what} of ${startedAt} ${how}: ${trouble}.`,
    advice: 'Look at it in GET /v1/runs, and at its workflow in the Temporal UI.',
  };
}

export function sayRunNotEnded({
  what,
  startedAt,
  endsBy,
}: {
  what: string;
  startedAt: string;
  endsBy: string;
}): Words {
  return {
    sentence: `${what} of ${startedAt} should have ended by ${endsBy}, and did not.`,
    advice: 'Look at it in GET /v1/runs, and at its workflow in the Temporal UI.',
  };
}

export function sayEndpointsDisabled(origins: readonly string[]): Words {
  const [first = ''] = origins;
  const whose =
    origins.length === 1 ? `The endpoint for notices at ${first} is` : `${origins.length} endpoints for notices are`;
  return {
    sentence: `${whose} switched off: nothing was taken there for days, or its receiver said that it is gone.`,
    advice: 'See in GET /v1/notice-deliveries what failed; then PATCH /v1/notices/{id} with "disabled": false.',
  };
}

export function sayEndpointsNeglected(count: number): Words {
  return {
    sentence: `Nobody has found out for ten minutes what ${counted(count, 'endpoint for notices is', 'endpoints for notices are')} to be told.`,
    advice: 'Look at the schedule sweep, and at the log of PostgreSQL: what is new is told when a sweep has looked.',
  };
}
