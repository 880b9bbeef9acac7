import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { ApiStore } from '../db/api-store.js';
import type { Failure } from '../domain/failure.js';
import type { LtiaasClient } from '../ltiaas/client.js';
import type { familyOf } from '../ltiaas/family.js';
import type { readIdToken } from '../ltiaas/payloads.js';
import { consolePlugin, type ConsoleOptions } from '../console/console.js';
import { createCallers, type Callers } from './callers.js';
import type { Facts } from './operations/facts.js';
import { createHourlyCalls } from './operations/hourly-calls.js';
import { bodyDeadlinesPlugin } from './plugins/body-deadlines.js';
import { closingPlugin } from './plugins/closing.js';
import { deedsPlugin } from './plugins/deeds.js';
import { earlyAnswersPlugin } from './plugins/early-answers.js';
import { jsonPlugin } from './plugins/json.js';
import type { ApiMetrics } from './watching/api-metrics.js';
import { metricsPlugin } from './plugins/metrics.js';
import { openapiPlugin } from './plugins/openapi.js';
import { answerClientError } from './client-errors.js';
import { registerV1 } from './register-v1.js';
import { answerFrameworkError, explainError, problemsPlugin } from './plugins/problems.js';
import { requestLogPlugin } from './plugins/request-log.js';
import { requestTracesPlugin, type RequestTraces } from './plugins/request-traces.js';
import { healthRoutes } from './routes/health.js';
import type { RouteOptions } from './route.js';
import { receiveWebhookRoutes } from './routes/receive-webhooks.js';
import type { Schedules } from './temporal/schedule-client.js';
import type { Workflows } from './temporal/workflow-client.js';
import { createSpoolSpace } from './spool-space.js';
import { createUnknownKeys } from './unknown-keys.js';
import { createWebhooks } from './webhooks/create-webhooks.js';

/** What the API needs from outside. server.ts hands in the real things; tests hand in fakes for Temporal and LTIAAS. */
export interface Deps {
  store: ApiStore;
  workflows: Workflows;
  schedules: Schedules;
  /** Rejections are understood by `classify`. */
  ltiaas: Pick<LtiaasClient, 'getIdToken' | 'listLineItems' | 'membershipPages'>;
  readIdToken: typeof readIdToken;
  /** The kind of failure behind a call to LTIAAS that went wrong; throws what is no such error. */
  classify: (error: unknown, operation: 'getIdToken' | 'listLineItems' | 'listMemberships') => Failure;
  familyOf: typeof familyOf;
  now: () => Date;
  /** Of this release. */
  version: string;
}

export interface ApiSettings {
  /** Of bodies that are not streams. */
  bodyLimitBytes: number;
  /** What uploads and answers that wait may take on disk, together. Default one gigabyte. */
  spoolLimitBytes?: number;
  /** Whether, and how far, forwarded headers are believed. */
  trustProxy?: boolean | number | string;
  /** Requests per minute and API key; null: no limit. */
  requestsPerMinute: number | null;
  /** Contexts that one request wakes; the sweep finds the others. Default 200. */
  wakesPerRequest?: number;
  /** What clients may keep waiting, and how many of them. */
  connections?: Partial<ConnectionLimits>;
  /** A backfill of more scores, or with a sharper drop in percent of the maximum, is approved by somebody else. */
  approval?: { scores: number; drop: number };
  /** How long a caller's key is remembered, in milliseconds. Default 10,000. */
  callerCacheMs?: number;
  /** Hashes, in base64, of the API keys that came with the configuration. Default: none. */
  bootstrapHashes?: readonly string[];
  /** How often events are looked for that a process left behind, in milliseconds. Default 15,000. */
  webhookIntervalMs?: number;
  /** Whether notices may go to private addresses, and over http. Default false. */
  noticesMayBePrivate?: boolean;
  /** How long counts of failures are told again, in milliseconds. Default 3,000. */
  failuresFreshMs?: number;
  /** How long a diagnosis is told again, in milliseconds. Default 1,000. */
  diagnosisFreshMs?: number;
  /** How long webhook sources are remembered, in milliseconds. Default 5,000. */
  webhookSourceCacheMs?: number;
}

/** Times are in milliseconds. */
export interface ConnectionLimits {
  /** For the head of a request. Default 15,000. */
  headersTimeoutMs: number;
  /** For a body that is read whole. Default 60,000. */
  bodyTimeoutMs: number;
  /** Bytes per second of a stream, over `bodyTimeoutMs`. Default 20. */
  streamLeastRate: number;
  /** Connections beyond these are closed as they come. Default 5,000. */
  most: number;
}

const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeoutMs: 15_000,
  bodyTimeoutMs: 60_000,
  streamLeastRate: 20,
  most: 5_000,
};

export interface AppOptions {
  deps: Deps;
  /** How the whole goes, looked up once for all who ask (`createFacts`). */
  facts: () => Promise<Facts>;
  /** Undefined: nobody collects them. */
  traces?: RequestTraces | undefined;
  /** Counts requests; undefined: nobody watches. */
  metrics?: ApiMetrics;
  settings: ApiSettings;
  logger: FastifyBaseLogger;
}

/** A stream may pause for this long, in milliseconds, before its connection is given up. */
const IDLE_CONNECTION_MS = 120_000;
const SPOOL_LIMIT_BYTES = 1_000_000_000;

/** Builds the API from what it is handed; listens nowhere yet. */
export async function buildApp({
  deps,
  facts,
  settings,
  logger,
  metrics,
  traces,
}: AppOptions): Promise<FastifyInstance> {
  const { callerCacheMs: cacheMs, bootstrapHashes } = settings;
  const callers = createCallers(deps.store.apiKeys, { now: deps.now, cacheMs, bootstrapHashes });
  const limits = { ...CONNECTION_LIMITS, ...settings.connections };
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: settings.bodyLimitBytes,
    trustProxy: toTrustProxy(settings.trustProxy),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    genReqId: () => randomUUID(),
    connectionTimeout: IDLE_CONNECTION_MS,
    // A stream of scores has no longest duration: bodies have deadlines of their own.
    requestTimeout: 0,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    },
    routerOptions: { maxParamLength: 300 },
    // Values of the wrong type are refused, not bent: null would become "" and "1" a number.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: true } },
  });
  app.server.maxConnections = limits.most;
  const hourlyCalls = createHourlyCalls(deps.store, deps.now);
  const webhooks = createWebhooks(app, { deps, settings });
  const space = createSpoolSpace({ limitBytes: settings.spoolLimitBytes ?? SPOOL_LIMIT_BYTES });
  const options: RouteOptions = { deps, settings, callers, facts, hourlyCalls, webhooks, space };

  // Grades and people are nothing for caches on the way.
  app.addHook('onRequest', async ({ url }, reply) => {
    if (url.startsWith('/v1/')) reply.header('cache-control', 'no-store');
  });
  await app.register(closingPlugin);
  await app.register(requestLogPlugin);
  await app.register(requestTracesPlugin, { traces });
  await app.register(earlyAnswersPlugin);
  await app.register(bodyDeadlinesPlugin, limits);
  await app.register(problemsPlugin);
  await app.register(jsonPlugin);
  await app.register(openapiPlugin);
  await app.register(deedsPlugin, deps.store);
  await app.register(metricsPlugin, { metrics });
  await app.register(healthRoutes, options);
  await app.register(async (v1) => registerV1(v1, options), { prefix: '/v1' });
  // Events carry a signature in place of an API key.
  await app.register(receiveWebhookRoutes, { ...options, prefix: '/v1' });
  await app.register(consolePlugin, { prefix: '/console', ...toConsoleOptions(deps, callers) });
  return app;
}

function toConsoleOptions({ store, now }: Deps, callers: Callers): ConsoleOptions {
  const { consoleSessions: sessions } = store;
  const listHashes = (): Promise<string[]> => sessions.listHashes();
  const unknown = createUnknownKeys({ listHashes, now: () => now().getTime() });
  return { sessions, callers, unknown, explain: explainError, now };
}

/** A number is how many proxies stand before us. */
function toTrustProxy(
  trusted: boolean | number | string = false,
): boolean | string | ((address: string, hop: number) => boolean) {
  return typeof trusted === 'number' ? (_address, hop) => hop < trusted : trusted;
}
