import Type from 'typebox';
import { decodeCursor, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { doOutside, entryOf } from '../plugins/deeds.js';
import { ProblemError } from '../problems.js';
import {
  IdParamsSchema,
  pageSchema,
  ReasonOnlySchema,
  ReasonSchema,
  WorkflowLinkSchema,
} from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { getWholePlatform } from './platforms.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

/** Courses that one call starts; the next page is the caller's to ask for. */
const MOST_CONTEXTS = 200;

const REFRESH_ROSTERS = {
  config: { scope: 'operate' },
  schema: {
    tags: ['platforms'],
    summary: "Read a platform's rosters again",
    description:
      'Now, even those that are fresh: of the courses with a service key that may read rosters, 200 a call. While ' +
      '`nextCursor` is not null there are more: repeat the call with it.',
    params: IdParamsSchema,
    body: Type.Object({
      reason: ReasonSchema,
      cursor: Type.Optional(Type.String({ maxLength: 200, description: '`nextCursor` of the call before.' })),
    }),
    response: {
      202: pageSchema({ contexts: Type.Integer(), workflows: Type.Array(WorkflowLinkSchema) }),
      ...commonProblems,
      ...notFoundProblem,
      ...conflictProblem,
    },
  },
} as const;

const FORGET_KEYS = {
  config: { scope: 'admin' },
  schema: {
    tags: ['platforms'],
    summary: "Forget a platform's keys",
    description:
      'Deletes its service keys, and the data keys that they are encrypted under, for good: when an institution leaves, or ' +
      'they may have leaked. Its scores stay and wait; each course goes on with its next launch. A worker may use what it ' +
      'has read for another minute: pause the platform first where that matters.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: {
      200: Type.Object({
        serviceKeys: Type.Integer({ description: 'Service keys that were deleted.' }),
        contexts: Type.Integer({ description: 'Courses that they were of.' }),
        dataKeys: Type.Integer({ description: 'Data keys that were deleted.' }),
      }),
      ...commonProblems,
      ...notFoundProblem,
    },
  },
} as const;

/** What operators do to all courses of a platform. */
export async function platformActionRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { store } = options.deps;

  app.post('/platforms/:id/roster-refresh', REFRESH_ROSTERS, async (request, reply) => {
    const { platforms } = callerOf(request);
    const found = await getWholePlatform(request, options, request.params.id);
    if (found.paused) throw new ProblemError('paused', 'The platform is paused: resume it first.');
    const { id: subject, platformId } = found;
    const { reason, cursor } = request.body;
    const after = decodeCursor(cursor, 'uuid');
    const records = await store.contexts.list({
      ...{ platforms, platformId, hasRoster: true, after, limit: MOST_CONTEXTS + 1 },
    });
    const { rows, nextCursor } = toPage(records, MOST_CONTEXTS, ({ id }) => id);
    // What only a workflow does is not due in Postgres: no sweep would start what is left out here.
    const waker = wakerOf(request, { ...options, settings: { ...options.settings, wakesPerRequest: MOST_CONTEXTS } });
    const details = { contexts: rows.length, isComplete: nextCursor === null };
    const workflows = await doOutside(request, store.audit, {
      entry: { subject, reason, details },
      async work() {
        await waker.wake(
          rows.map(({ id: context, deployment, gate }) => ({
            ...{ context, deployment, gate, trigger: 'operator', scores: false, roster: true },
          })),
        );
        const links = waker.links();
        if (links.length === rows.length) return links;
        throw new ProblemError('temporal-unavailable', 'Not all were started: repeat the call later.', {
          headers: { 'retry-after': '10' },
        });
      },
    });
    return reply.code(202).send({ contexts: rows.length, workflows, nextCursor });
  });

  app.post('/platforms/:id/forget-keys', FORGET_KEYS, async (request) => {
    const { id } = await getWholePlatform(request, options, request.params.id);
    return store.forgetKeys({ id, audit: entryOf(request, { subject: id, reason: request.body.reason }) });
  });
}
