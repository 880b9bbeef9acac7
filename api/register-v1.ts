import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { authPlugin } from './plugins/auth.js';
import { closedDoorsPlugin } from './plugins/closed-doors.js';
import { idempotencyPlugin } from './plugins/idempotency.js';
import { ProblemError } from './problems.js';
import type { RouteOptions } from './route.js';
import { apiKeyRoutes } from './routes/api-keys.js';
import { auditRoutes } from './routes/audit.js';
import { backfillActionRoutes } from './routes/backfill-actions.js';
import { backfillReportRoutes } from './routes/backfill-reports.js';
import { backfillRoutes } from './routes/backfills.js';
import { bulkOperationRoutes } from './routes/bulk-operations.js';
import { consoleSessionRoutes } from './routes/console-sessions.js';
import { contextActionRoutes } from './routes/context-actions.js';
import { contextRoutes } from './routes/contexts.js';
import { diagnosisRoutes } from './routes/diagnosis.js';
import { failureRoutes } from './routes/failures.js';
import { gradePolicyRoutes } from './routes/grade-policies.js';
import { launchRoutes } from './routes/launches.js';
import { lineItemRoutes } from './routes/line-items.js';
import { membershipRoutes } from './routes/memberships.js';
import { noticeDeliveryRoutes } from './routes/notice-deliveries.js';
import { noticeEndpointRoutes } from './routes/notice-endpoints.js';
import { operationsRoutes } from './routes/operations.js';
import { peopleRoutes } from './routes/people.js';
import { pauseRoutes } from './routes/pauses.js';
import { platformActionRoutes } from './routes/platform-actions.js';
import { platformRoutes } from './routes/platforms.js';
import { resultRoutes } from './routes/results.js';
import { runRoutes } from './routes/runs.js';
import { scheduleRoutes } from './routes/schedules.js';
import { scoreReleaseRoutes } from './routes/score-releases.js';
import { scoreRevisionRoutes } from './routes/score-revisions.js';
import { scoreRoutes } from './routes/scores.js';
import { serviceKeyRoutes } from './routes/service-keys.js';
import { storyRoutes } from './routes/stories.js';
import { webhookEventRoutes } from './routes/webhook-events.js';
import { webhookReferenceRoutes } from './routes/webhook-references.js';
import { webhookSecretRoutes } from './routes/webhook-secrets.js';
import { webhookSourceRoutes } from './routes/webhook-sources.js';
import { whoamiRoutes } from './routes/whoami.js';
import { withdrawalRoutes } from './routes/withdrawals.js';

/** All that an API key opens. Webhook events come in beside it: they carry a signature in place of a key. */
const ROUTES = [
  launchRoutes,
  serviceKeyRoutes,
  scoreRoutes,
  storyRoutes,
  scoreReleaseRoutes,
  scoreRevisionRoutes,
  failureRoutes,
  withdrawalRoutes,
  contextRoutes,
  contextActionRoutes,
  lineItemRoutes,
  membershipRoutes,
  resultRoutes,
  gradePolicyRoutes,
  platformRoutes,
  platformActionRoutes,
  pauseRoutes,
  operationsRoutes,
  diagnosisRoutes,
  scheduleRoutes,
  runRoutes,
  bulkOperationRoutes,
  whoamiRoutes,
  apiKeyRoutes,
  consoleSessionRoutes,
  auditRoutes,
  peopleRoutes,
  webhookSourceRoutes,
  webhookSecretRoutes,
  webhookReferenceRoutes,
  webhookEventRoutes,
  noticeEndpointRoutes,
  noticeDeliveryRoutes,
  backfillRoutes,
  backfillActionRoutes,
  backfillReportRoutes,
];

/** Everything below `/v1` but the door for webhook events. */
export async function registerV1(v1: FastifyInstance, options: RouteOptions): Promise<void> {
  await v1.register(authPlugin, { callers: options.callers });
  await v1.register(closedDoorsPlugin);
  await registerRateLimit(v1, options);
  await v1.register(idempotencyPlugin, { keys: options.deps.store.idempotencyKeys });
  for (const routes of ROUTES) await v1.register(routes, options);
}

/** Counted per API key and process. A stream of scores is one request. */
async function registerRateLimit(v1: FastifyInstance, { settings }: RouteOptions): Promise<void> {
  if (settings.requestsPerMinute === null) return;
  await v1.register(fastifyRateLimit, {
    max: settings.requestsPerMinute,
    timeWindow: 60_000,
    // After the key is known, before the body is read.
    hook: 'onRequest',
    keyGenerator: (request) => request.caller?.apiKeyId ?? request.ip,
    errorResponseBuilder: (_request, { ttl }) =>
      new ProblemError('too-many-requests', `Wait ${Math.ceil(ttl / 1_000)} seconds.`),
  });
}
