import { reachesPlatform } from '../../domain/reach.js';
import type { Static } from 'typebox';
import Type from 'typebox';
import { FAILURE_WINDOWS } from '../../domain/failure.js';
import { factsOf } from '../../domain/finding-words.js';
import type { FailureCount, FailureCounts } from '../../db/scores/failures.js';
import { onceForAll } from '../operations/once-for-all.js';
import { callerOf } from '../plugins/auth.js';
import type { Api, RouteOptions } from '../route.js';
import { FailureCountSchema, failureFilterProperties, FailuresSchema, type FailureSchema } from '../schemas/failure.js';
import { commonProblems } from '../schemas/problem.js';
import { withFailureWindow } from '../scores/failure-window.js';

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'What failed of late, by kind, platform and window',
    description:
      'Counts rejected scores that failed within an hour, a day, three days and a week. Each count has the filter that ' +
      'lists what it counts, and retries it. Counted once in some seconds for all who ask; a limited key sees what concerns its platforms.',
    response: { 200: FailuresSchema, ...commonProblems },
  },
} as const;

const COUNT = {
  config: { scope: 'read' },
  schema: {
    tags: ['scores'],
    summary: 'Count what a retry would retry',
    description: 'Rejected scores of a filter, counted now. All given filters must hold.',
    querystring: Type.Object(failureFilterProperties),
    response: { 200: FailureCountSchema, ...commonProblems },
  },
} as const;

const FRESH_MS = 3_000;
const MOST_COUNTED = 100_000;
const HOUR_MS = 3_600_000;

/** What an outage left behind. */
export async function failureRoutes(app: Api, { deps, settings }: RouteOptions): Promise<void> {
  const { failures } = deps.store;
  const counted = onceForAll(() => failures.count(), { freshMs: settings.failuresFreshMs ?? FRESH_MS });

  app.get('/failures', LIST, async (request) => {
    const { platforms } = callerOf(request);
    const counts = await counted();
    const { countedAt, countedSince } = counts;
    const seen = counts.failures.filter(({ platformId }) => reachesPlatform(platforms, platformId));
    return { countedAt, countedSince, failures: seen.map((failure) => toFailure(failure, counts)) };
  });

  app.get('/failures/count', COUNT, async (request) => {
    const { platforms } = callerOf(request);
    const filter = withFailureWindow(request.query);
    const { count, takenBack } = await failures.countMatching({ ...filter, platforms, limit: MOST_COUNTED + 1 });
    return { count: Math.min(count, MOST_COUNTED), takenBack, isCapped: count + takenBack > MOST_COUNTED };
  });
}

function toFailure(
  { type, platformId, counts }: FailureCount,
  { countedAt, countedSince }: FailureCounts,
): Static<typeof FailureSchema> {
  const { sentence, advice } = factsOf(type);
  const windows = FAILURE_WINDOWS.map((hours, place) => {
    const failedAfter = new Date(countedAt.getTime() - hours * HOUR_MS);
    const filter = { state: 'rejected' as const, failureType: type, platformId, failedAfter, failedBefore: countedAt };
    return { hours, count: counts[place] ?? 0, isCapped: failedAfter < countedSince, filter };
  });
  return { type, sentence, advice, platformId, windows };
}
