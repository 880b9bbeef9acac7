import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { ContextToWake } from '../../db/bulk/page.js';
import type { PauseTarget } from '../../db/platforms/pauses.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import { IdParamsSchema, ReasonOnlySchema, ReasonSchema } from '../schemas/building-blocks.js';
import { ContextSchema } from '../schemas/context.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { getContext, toContext } from './contexts.js';
import { DeploymentSchema, PlatformSchema } from '../schemas/platform.js';
import { getPlatform, getWholePlatform, toPlatform } from './platforms.js';
import { toInstant } from '../to-instant.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const PauseBodySchema = Type.Object({
  reason: ReasonSchema,
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it ends by itself; without it, somebody must resume it.' }),
  ),
});

const problems = { ...commonProblems, ...notFoundProblem };
const config = { scope: 'operate' } as const;
const DESCRIPTION =
  'The kill switch: within a second nothing more is sent to it or read from it, and what is under way ends as it does. ' +
  'Scores go on being accepted, and say what they wait for. Once more: another reason, another end.';

const PAUSE_PLATFORM = {
  config,
  schema: {
    ...{ tags: ['platforms'], summary: 'Pause a platform', description: DESCRIPTION },
    ...{ params: IdParamsSchema, body: PauseBodySchema, response: { 200: PlatformSchema, ...problems } },
  },
} as const;

const PAUSE_DEPLOYMENT = {
  config,
  schema: {
    ...{ tags: ['platforms'], summary: 'Pause a deployment', description: DESCRIPTION },
    ...{ params: IdParamsSchema, body: PauseBodySchema, response: { 200: DeploymentSchema, ...problems } },
  },
} as const;

const RESUME_DEPLOYMENT = {
  config,
  schema: {
    ...{ tags: ['platforms'], summary: 'Resume a deployment', description: 'Ends its pause.' },
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: { 200: DeploymentSchema, ...problems },
  },
} as const;

const PAUSE_CONTEXT = {
  config,
  schema: {
    ...{ tags: ['contexts'], summary: 'Pause a context', description: DESCRIPTION },
    ...{ params: IdParamsSchema, body: PauseBodySchema, response: { 200: ContextSchema, ...problems } },
  },
} as const;

/** The kill switch; what a resume of platforms and contexts ends beside is told with them. */
export async function pauseRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { store, workflows, now } = options.deps;
  const { pauses, platforms } = store;

  app.post('/platforms/:id/pause', PAUSE_PLATFORM, async (request) => {
    const { id } = await getWholePlatform(request, options, request.params.id);
    await pause(request, { kind: 'platform', id }, request.body);
    return toPlatform(await getPlatform(request, options, id));
  });

  app.post('/deployments/:id/pause', PAUSE_DEPLOYMENT, async (request) => {
    const { id } = await getDeployment(request, request.params.id);
    await pause(request, { kind: 'deployment', id }, request.body);
    return getDeployment(request, id);
  });

  app.post('/deployments/:id/resume', RESUME_DEPLOYMENT, async (request) => {
    const { id } = await getDeployment(request, request.params.id);
    const audit = entryOf(request, { subject: id, reason: request.body.reason });
    await wake(request, await pauses.resume({ kind: 'deployment', id, audit }));
    return getDeployment(request, id);
  });

  app.post('/contexts/:id/pause', PAUSE_CONTEXT, async (request) => {
    const { id } = await getContext(request, options, request.params.id);
    await pause(request, { kind: 'context', id }, request.body);
    return toContext(await getContext(request, options, id), workflows);
  });

  async function pause(
    request: FastifyRequest,
    { kind, id }: Pick<PauseTarget, 'kind' | 'id'>,
    { reason, until: wanted }: Static<typeof PauseBodySchema>,
  ): Promise<void> {
    const until = wanted === undefined ? null : toEnd(wanted, now());
    const audit = entryOf(request, { subject: id, reason, details: { resumesAt: until?.toISOString() ?? null } });
    // Who waits shows at once why.
    await wake(request, await pauses.pause({ kind, id, reason, until, audit }));
  }

  const wake = async (request: FastifyRequest, waiting: readonly ContextToWake[]): Promise<void> =>
    wakerOf(request, options).wake(waiting.map((context) => ({ ...context, trigger: 'operator' })));

  async function getDeployment(request: FastifyRequest, deployment: string) {
    const found = await platforms.findOfDeployment({ deployment, platforms: callerOf(request).platforms });
    const shown = found && toPlatform(found).deployments.find(({ id }) => id === deployment.toLowerCase());
    if (!shown) throw notFound('deployment');
    return shown;
  }
}

/** @throws {ProblemError} where the moment has passed, or is none */
function toEnd(text: string, now: Date): Date {
  const until = toInstant(text, '/until');
  if (until.getTime() > now.getTime()) return until;
  throw new ProblemError('invalid-request', 'until must be an instant ahead.', { pointer: '/until' });
}
