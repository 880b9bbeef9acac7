import { reachesPlatform } from '../../domain/reach.js';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { LMS_FAMILIES } from '../../domain/platform.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import type { Platform } from '../../db/platforms/platforms.js';
import { notFound, ProblemError } from '../problems.js';
import {
  IdParamsSchema,
  LtiIdSchema,
  pageQueryProperties,
  pageSchema,
  ReasonOnlySchema,
  ReasonSchema,
} from '../schemas/building-blocks.js';
import { CountedPlatformSchema, LimitBySchema, PlatformSchema } from '../schemas/platform.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const ChangeSchema = Type.Object(
  {
    family: Type.Optional(
      Type.Unsafe<(typeof LMS_FAMILIES)[number] | null>({
        enum: [...LMS_FAMILIES, null],
        description: 'The LMS product; null leaves it to guessing again.',
      }),
    ),
    limitBy: Type.Optional(LimitBySchema),
    limits: Type.Optional(
      Type.Object(
        {
          inFlightMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
          ratePerSecond: Type.Optional(
            Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0.001, maximum: 10_000 }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    deploymentId: Type.Optional({
      ...LtiIdSchema,
      description: 'Whose limits are meant, and of those that share them; without it, all.',
    }),
    reason: ReasonSchema,
  },
  { additionalProperties: false },
);

const problems = { ...commonProblems, ...notFoundProblem };
const tags = ['platforms'];

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'List platforms',
    description:
      'LMS registrations from which a launch was recorded, with the limits and the breaker of each deployment.',
    querystring: Type.Object({ platformId: Type.Optional(LtiIdSchema), ...pageQueryProperties }),
    response: { 200: pageSchema({ platforms: Type.Array(PlatformSchema) }), ...commonProblems },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags,
    summary: 'Look at one platform',
    description: 'With the number of its courses, and the limits and the breaker of each deployment.',
    params: IdParamsSchema,
    response: { 200: CountedPlatformSchema, ...problems },
  },
} as const;

const CHANGE = {
  config: { scope: 'operate' },
  schema: {
    tags,
    summary: 'Change a platform',
    description: 'Its LMS product, how many calls it gets, and what shares them. What is left out stays.',
    params: IdParamsSchema,
    body: ChangeSchema,
    response: { 200: PlatformSchema, ...unprocessableProblem, ...problems },
  },
} as const;

const RESUME = {
  config: { scope: 'operate' },
  schema: {
    tags,
    summary: 'Resume a platform',
    description: 'Ends its pause, and closes its breakers at once, after somebody has put right what was wrong.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: { 200: PlatformSchema, ...problems },
  },
} as const;

export async function platformRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { platforms, pauses, transact } = options.deps.store;

  app.get('/platforms', LIST, async (request) => {
    const { platformId, limit = DEFAULT_PAGE_SIZE, cursor } = request.query;
    const after = decodeCursor(cursor, 'text');
    const seen = { platforms: callerOf(request).platforms, platformId };
    const records = await platforms.list({ ...seen, limit: limit + 1, after });
    const { rows, nextCursor } = toPage(records, limit, ({ platformId }) => platformId);
    return { platforms: rows.map(toPlatform), nextCursor };
  });

  app.get('/platforms/:id', LOOK_AT_ONE, async (request) => {
    const found = await getPlatform(request, options, request.params.id);
    const { platforms: reach } = callerOf(request);
    return { ...toPlatform(found), contexts: await platforms.countContexts({ id: found.id, platforms: reach }) };
  });

  app.patch('/platforms/:id', CHANGE, async (request) => {
    const { reason, ...change } = request.body;
    const { id, deployments } = await getWholePlatform(request, options, request.params.id);
    const { deploymentId } = change;
    if (deploymentId !== undefined && !deployments.some((known) => known.deploymentId === deploymentId)) {
      throw new ProblemError('unknown-deployment', 'The platform has no such deployment.', {
        pointer: '/deploymentId',
      });
    }
    await transact(async (store) => {
      await store.platforms.change({ id, ...change });
      await store.audit.insert(entryOf(request, { subject: id, reason, details: change }));
    });
    return toPlatform(await getPlatform(request, options, id));
  });

  app.post('/platforms/:id/resume', RESUME, async (request) => {
    const { id } = await getWholePlatform(request, options, request.params.id);
    const { reason } = request.body;
    const waiting = await pauses.resume({ kind: 'platform', id, audit: entryOf(request, { subject: id, reason }) });
    await wakerOf(request, options).wake(waiting.map((context) => ({ ...context, trigger: 'operator' })));
    return toPlatform(await getPlatform(request, options, id));
  });
}

/** @throws {ProblemError} 404 for one that is not there, or that the key may not see */
export async function getPlatform(
  request: FastifyRequest,
  { deps }: Pick<RouteOptions, 'deps'>,
  id: string,
): Promise<Platform> {
  const found = await deps.store.platforms.find({ id, platforms: callerOf(request).platforms });
  if (!found) throw notFound('platform');
  return found;
}

/** The same for what is done to all of it. @throws {ProblemError} 403 for who reaches some of its deployments only */
export async function getWholePlatform(
  request: FastifyRequest,
  options: Pick<RouteOptions, 'deps'>,
  id: string,
): Promise<Platform> {
  const found = await getPlatform(request, options, id);
  if (reachesPlatform(callerOf(request).platforms, found.platformId)) return found;
  throw new ProblemError('forbidden', 'This API key is limited to deployments of the platform.');
}

export function toPlatform(record: Platform): Static<typeof PlatformSchema> {
  const deployments = record.deployments.map((deployment) => ({
    id: deployment.id,
    deploymentId: deployment.deploymentId,
    gate: deployment.gate,
    limits: {
      inFlightMax: deployment.inFlightMax,
      inFlightNow: deployment.inFlightCap,
      ratePerSecond: deployment.ratePerSecond,
    },
    breaker: { state: deployment.breaker, type: deployment.breakerType, since: deployment.breakerSince },
    blockedUntil: deployment.blockedUntil,
    paused: deployment.paused,
  }));
  return { ...record, deployments };
}
