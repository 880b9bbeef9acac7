/** The API's process: reads the configuration, makes what the API is handed, listens, and ends in good order. */
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import closeWithGrace from 'close-with-grace';
import type { Knex } from 'knex';
import { ConfigError, type Config } from '../config/config.js';
import { toListenError } from '../config/listening.js';
import { createLogger, type Logger } from '../config/logger.js';
import { secretsOf } from '../config/secrets-of.js';
import { loadSettings } from '../config/settings.js';
import { startProgram } from '../config/start.js';
import { readVersion } from '../config/version.js';
import { createApiStore } from '../db/api-store.js';
import type { BootstrapOutcome } from '../db/access/bootstrap-key.js';
import { createGateWakes } from '../db/platforms/gate-wakes.js';
import { createKnex } from '../db/server/knex.js';
import { migrateAt } from '../db/server/migrate.js';
import { findRefusal } from '../db/server/refusals.js';
import { findRingProblems } from '../db/vault/check-ring.js';
import { createKeyRing } from '../db/vault/key-ring.js';
import { DEFAULT_LIMITS, LMS_FAMILIES, type LmsFamily, type PlatformLimits } from '../domain/platform.js';
import { classify } from '../ltiaas/classify.js';
import { createLtiaasClient } from '../ltiaas/client.js';
import { familyOf } from '../ltiaas/family.js';
import { readIdToken } from '../ltiaas/payloads.js';
import { createLtiaasCallTimes } from '../metrics/ltiaas-calls.js';
import { serveMetrics } from '../metrics/serve-metrics.js';
import { startTraces } from '../metrics/traces.js';
import { buildApp, type Deps } from './app.js';
import { hashSecret, hintOf } from './bearer-secret.js';
import { createFacts } from './operations/facts.js';
import { createApiMetrics } from './watching/api-metrics.js';
import { createPayloadCodec } from '../waking/payload-codec.js';
import { createScheduleClient } from './temporal/schedule-client.js';
import { createWorkflowClient } from './temporal/workflow-client.js';

/** A database that starts with us may take this long, in milliseconds. */
const DATABASE_PATIENCE_MS = 60_000;
/** What requests under way get when the process is told to stop. */
const GRACE_MS = 10_000;
/** How often stale idempotency keys, sessions and events are deleted. */
const PRUNE_EVERY_MS = 3_600_000;

const SAID_OF_BOOTSTRAP_KEY: Readonly<Record<BootstrapOutcome, { level: 'info' | 'warn'; message: string } | null>> = {
  kept: null,
  made: { level: 'info', message: 'the API key of BOOTSTRAP_API_KEY was made' },
  revived: { level: 'info', message: 'the API key of BOOTSTRAP_API_KEY is taken again, in place of another' },
  revoked: {
    level: 'warn',
    message: 'the API key of BOOTSTRAP_API_KEY was revoked, and stays so; set another value to get in with it',
  },
  taken: {
    level: 'warn',
    message: 'BOOTSTRAP_API_KEY is a key that was made through the API, and stays what it is; set another value',
  },
};

const { env, sayLastWords, endsInOrder } = startProgram('api', process.env);
const { config, temporal } = loadSettings(env, 'api');
const logger = createLogger({ level: config.log.level, name: 'api', secrets: secretsOf(env) });

const db = createKnex({
  url: config.database.url.reveal(),
  poolMax: config.database.poolMax,
  applicationName: 'passback-api',
  onWarning: (cause) => logger.warn({ cause }, 'a connection to the database was lost, or could not be made'),
});
const keyRing = createKeyRing(config.encryption.keys.map(({ id, key }) => ({ id, key: key.reveal() })));
const store = createApiStore(db, {
  keyRing,
  limits: limitsOf(config),
  gradePolicy: config.gradePolicy,
});
await prepareDatabase(db, config, logger);

const { connectionOptions, namespace } = temporal;
const connection = Connection.lazy(connectionOptions);
const codec = createPayloadCodec(config.temporal.codecKeys.map(({ id, key }) => ({ id, key: key.reveal() })));
const ltiaas = createLtiaasClient({
  baseUrl: config.ltiaas.url,
  apiKey: config.ltiaas.apiKey.reveal(),
  timeoutMs: config.ltiaas.timeoutMs,
  onCall: (call) => observeCall(call),
});

const { uiUrl, prefix } = config.temporal;
const deps: Deps = {
  store,
  ltiaas,
  readIdToken,
  familyOf,
  classify: (error, operation) => classify({ error, family: 'unknown', operation }),
  workflows: createWorkflowClient({
    connection,
    namespace,
    codec,
    uiUrl,
    prefix,
    gateWakes: createGateWakes(db),
    lingerMs: config.submit.lingerMs,
  }),
  schedules: createScheduleClient({ connection, namespace, codec, uiUrl, prefix }),
  now: () => new Date(),
  version: readVersion(),
};
const traces = await startTraces(env, 'passback-api');
const facts = createFacts(deps);
const metrics = createApiMetrics({ ...deps, facts });
const observeCall = createLtiaasCallTimes(metrics.register);
const app = await buildApp({
  logger,
  ...{ deps, facts, metrics, traces },
  settings: {
    bodyLimitBytes: config.api.bodyLimitBytes,
    spoolLimitBytes: config.api.spoolLimitBytes,
    trustProxy: config.api.trustProxy,
    requestsPerMinute: config.api.rateLimitPerMinute || null,
    connections: {
      headersTimeoutMs: config.api.headersTimeoutMs,
      bodyTimeoutMs: config.api.bodyTimeoutMs,
      streamLeastRate: config.api.streamLeastRate,
      most: config.api.maxConnections,
    },
    noticesMayBePrivate: config.notices.mayBePrivate,
    bootstrapHashes: await store.apiKeys.listBootstrapHashes(),
    approval: { scores: config.backfill.approvalScores, drop: config.backfill.approvalDrop },
  },
});

const pruning = setInterval(() => {
  store.idempotencyKeys.prune().catch(() => logger.warn('stale idempotency keys could not be deleted'));
  store.apiKeys.prune().catch(() => logger.warn('secrets of API keys that are over could not be deleted'));
  store.consoleSessions.prune().catch(() => logger.warn('old sessions of the console could not be deleted'));
  store.personRequests.pruneDocuments().catch(() => logger.warn('old documents of exports could not be deleted'));
  store.webhooks.prune().catch(() => logger.warn('old webhook events could not be ended'));
}, PRUNE_EVERY_MS);

endsInOrder();
closeWithGrace({ delay: GRACE_MS + config.api.shutdownDelayMs, logger: false }, async ({ err, signal }) => {
  if (err) sayLastWords(err);
  else logger.info({ signal }, 'stopping');
  clearInterval(pruning);
  app.announceClose();
  if (!err) await delay(config.api.shutdownDelayMs);
  await app.close();
  await ltiaas.close();
  await connection.close();
  await db.destroy();
  await traces?.stop();
});

await listenForPrometheus(config.metrics);
const { host, port } = config.api;
const listenTextResolver = (address: string): string => `listening on ${address}`;
await app.listen({ host, port, listenTextResolver }).catch((error: unknown) => {
  throw toListenError(error, { names: { host: 'HOST', port: 'PORT' }, host, port });
});

async function listenForPrometheus({ host, port }: Config['metrics']): Promise<void> {
  if (port === undefined) return;
  await serveMetrics(() => metrics.text(), { host, port }).catch((error: unknown) => {
    throw toListenError(error, { names: { host: 'METRICS_HOST', port: 'METRICS_PORT' }, host, port });
  });
}

async function prepareDatabase(knex: Knex, { database, api }: Config, log: Logger): Promise<void> {
  await waitForDatabase(knex, log);
  if (database.migrateOnStart) {
    const applied = await migrateAt({ url: database.url.reveal(), applicationName: 'passback-api' }).catch(refuse);
    if (applied.length > 0) log.info({ applied }, 'migrated the database');
  }
  const problems = await findRingProblems(knex, keyRing);
  if (problems.length > 0) throw new ConfigError(problems);
  const secret = api.bootstrapKey?.reveal();
  if (secret === undefined) return;
  const outcome = await store.apiKeys.setBootstrapKey(hashSecret(secret), hintOf(secret));
  const said = SAID_OF_BOOTSTRAP_KEY[outcome];
  if (said) log[said.level]({ outcome }, said.message);
}

/** @throws {ConfigError} for what no waiting helps, else the error itself */
function refuse(error: unknown): never {
  const refusal = findRefusal(error);
  throw refusal === undefined ? error : new ConfigError([`DATABASE_URL ${refusal}`]);
}

async function waitForDatabase(knex: Knex, log: Logger): Promise<void> {
  for (const deadline = performance.now() + DATABASE_PATIENCE_MS; ;) {
    try {
      await knex.raw('select 1');
      return;
    } catch (error) {
      if (findRefusal(error) !== undefined || performance.now() > deadline) refuse(error);
      log.info({ err: error }, 'waiting for the database');
      await delay(1_000);
    }
  }
}

/** Limits by LMS product, with what the configuration sets for all of them. */
function limitsOf({ platform }: Config): Record<LmsFamily, PlatformLimits> {
  const of = (family: LmsFamily): PlatformLimits => ({
    inFlightMax: platform.inFlightMax ?? DEFAULT_LIMITS[family].inFlightMax,
    ratePerSecond: platform.ratePerSecond ?? DEFAULT_LIMITS[family].ratePerSecond,
  });
  const entries = LMS_FAMILIES.map((family) => [family, of(family)] as const);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(entries) };
}
