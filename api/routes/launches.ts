import { reachesDeployment } from '../../domain/reach.js';
import { fetchIdToken, issuedAt, parseIdToken, toLaunch, warningsOf } from '../courses/launches.js';
import type { IdToken } from '../../ltiaas/payloads.js';
import { callerOf } from '../plugins/auth.js';
import { ProblemError } from '../problems.js';
import { LaunchAnswerSchema, LaunchBodySchema } from '../schemas/launch.js';
import { commonProblems, unprocessableProblem } from '../schemas/problem.js';
import { notAfter, toInstant } from '../to-instant.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const RECORD = {
  config: { scope: 'launches:write', readsTexts: true },
  schema: {
    tags: ['launches'],
    summary: 'Record a launch',
    description:
      'Call it at every launch, with the ltik or with the id token: it brings the newest service key, and lets go on ' +
      'whatever waited for one. Repeating is safe, and an older launch never replaces a newer key. 201 when ' +
      'something new was learnt, 200 when nothing changed.',
    body: LaunchBodySchema,
    response: { 200: LaunchAnswerSchema, 201: LaunchAnswerSchema, ...commonProblems, ...unprocessableProblem },
  },
} as const;

export async function launchRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps } = options;

  app.post('/launches', RECORD, async (request, reply) => {
    const { token, launchedAt } = await readLaunch(request.body);
    assertVisible(token, callerOf(request).platforms);
    const launch = toLaunch(token, { launchedAt, familyOf: deps.familyOf });
    const origin = { apiKey: callerOf(request).apiKeyId, requestId: request.id };
    const recorded = await deps.store.launches.record(launch, origin);
    const waker = wakerOf(request, options);
    const { context, deployment, gate, resumed } = recorded;
    if (resumed > 0) await waker.wake([{ context, deployment, gate, trigger: 'launch', lineItems: true }]);
    const warnings = warningsOf(launch);
    return reply.code(recorded.changed ? 201 : 200).send({
      platformId: launch.platformId,
      deploymentId: launch.deploymentId,
      contextId: launch.contextId,
      resourceLinkId: launch.resourceLinkId ?? null,
      lineItemId: launch.lineItemId ?? null,
      serviceKeyId: recorded.serviceKeyId,
      services: {
        assignmentAndGrades: launch.serviceKey?.assignmentAndGrades ?? false,
        namesAndRoles: launch.serviceKey?.namesAndRoles ?? false,
      },
      context,
      resumed,
      ...(warnings.length > 0 && { warnings }),
      workflows: waker.links(),
    });
  });

  async function readLaunch({
    ltik,
    idToken,
    launchedAt,
  }: {
    ltik?: string;
    idToken?: Record<string, unknown>;
    launchedAt?: string;
  }): Promise<{ token: IdToken; launchedAt: Date }> {
    if ((ltik === undefined) === (idToken === undefined)) {
      throw new ProblemError('invalid-request', 'Send either an ltik or an idToken.', { pointer: '' });
    }
    const toldAt = launchedAt === undefined ? undefined : toInstant(launchedAt, '/launchedAt');
    const token = ltik === undefined ? parseIdToken(deps.readIdToken, idToken) : await fetchIdToken(deps, ltik);
    const tokenAt = token.launchedAt === undefined ? undefined : new Date(token.launchedAt);
    const issued = ltik === undefined ? undefined : issuedAt(ltik);
    const now = deps.now();
    return { token, launchedAt: notAfter(now, toldAt ?? tokenAt ?? issued ?? now) };
  }
}

function assertVisible({ platform }: IdToken, platforms: readonly string[] | null): void {
  if (reachesDeployment(platforms, { platformId: platform.id, deploymentId: platform.deploymentId })) return;
  throw new ProblemError('forbidden', 'This API key is limited to other platforms, or deployments.');
}
