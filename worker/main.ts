/** Composition root of a worker process. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.js';
import { ConfigError } from '../config/config.js';
import { toListenError } from '../config/listening.js';
import { createLogger } from '../config/logger.js';
import { secretsOf } from '../config/secrets-of.js';
import { loadSettings } from '../config/settings.js';
import { startProgram } from '../config/start.js';
import { createReadDeliveryTimes } from '../db/scores/delivery-times.js';
import { createKnex, createPgPool } from '../db/server/knex.js';
import { migrateAt } from '../db/server/migrate.js';
import { findRingProblems } from '../db/vault/check-ring.js';
import { createKeyRing } from '../db/vault/key-ring.js';
import { createLtiaasClient } from '../ltiaas/client.js';
import { serveMetrics } from '../metrics/serve-metrics.js';
import { startTraces } from '../metrics/traces.js';
import { createPayloadCodec } from '../waking/payload-codec.js';
import { createActivityDeps } from './activity-deps.js';
import { createWorkers } from './create-workers.js';
import { createDataConverter } from './data-converter.js';
import { createFindUnready } from './find-unready.js';
import { serveHealth } from './health.js';
import { findHopeless } from './hopeless.js';
import { keepTrying } from './keep-trying.js';
import { createWorkerMetrics } from './metrics.js';
import { createNamespaceSetup, keepNamespace } from './namespace-setup.js';
import { findTemporalMetricsAddress, installRuntime } from './runtime.js';
import { createNoticeSender } from '../tool/notice-sender.js';
import { createScoreSource } from '../tool/score-source.js';
import { toMissingProblem } from './search-attributes.js';
import { tellActivities } from './tell-activities.js';
import { traceActivities } from './trace-activities.js';

const { env } = startProgram('worker', process.env);
const { config, temporal } = loadSettings(env, 'worker');
const logger = createLogger({ level: config.log.level, name: 'worker', secrets: secretsOf(env) });
installRuntime(logger, await findTemporalMetricsAddress(config.metrics));

const url = config.database.url.reveal();
const { poolMax, migrateOnStart } = config.database;
const hotMax = Math.max(1, Math.floor(poolMax / 2));
const pooled = {
  url,
  onWarning: (cause: string) => logger.warn({ cause }, 'a connection to the database was lost, or could not be made'),
  applicationName: 'passback worker',
};
const db = createKnex({ ...pooled, poolMax: Math.max(1, poolMax - hotMax) });
const hotPool = createPgPool({ ...pooled, poolMax: hotMax });
const attempt = <T>(what: string, action: () => Promise<T>): Promise<T> =>
  keepTrying(action, {
    onFailure: (error) => logger.warn({ err: error }, `${what} is not to be had yet`),
    findHopeless,
  });

// The SDK listens for these signals from here on, but ends only workers that run: a start that waits would never end.
const endStart = (): never => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, endStart);

const { healthHost: host, healthPort: port } = config.worker;
let workers: Worker[] = [];
let isStopping = false;
const health = await serveHealth(
  {
    isAlive: () => workers.every((worker) => worker.getState() !== 'FAILED'),
    findUnready: createFindUnready({ db, workers: () => workers, connection: () => connection }),
  },
  { host, port },
).catch((error: unknown) => {
  throw toListenError(error, { names: { host: 'WORKER_HEALTH_HOST', port: 'WORKER_HEALTH_PORT' }, host, port });
});

const metrics = createWorkerMetrics(createReadDeliveryTimes(db));
const { host: metricsHost, port: metricsPort } = config.metrics;
if (metricsPort !== undefined) {
  await serveMetrics(() => metrics.text(), { host: metricsHost, port: metricsPort }).catch((error: unknown) => {
    const names = { host: 'METRICS_HOST', port: 'METRICS_PORT' };
    throw toListenError(error, { names, host: metricsHost, port: metricsPort });
  });
}

if (migrateOnStart) await attempt('the database', () => migrateAt({ url, applicationName: 'passback worker' }));
const keyRing = createKeyRing(config.encryption.keys.map(({ id, key }) => ({ id, key: key.reveal() })));
const ringProblems = await attempt('the database', () => findRingProblems(db, keyRing));
if (ringProblems.length > 0) throw new ConfigError(ringProblems);
// The native one first: it says why it cannot connect, where the other only says that it waited.
const native = await attempt('Temporal', () => NativeConnection.connect(temporal.connectionOptions));
const connection = await attempt('Temporal', () => Connection.connect(temporal.connectionOptions));
const { namespace } = temporal;
const { prefix } = config.temporal;
await attempt('the Temporal namespace', () => connection.workflowService.describeNamespace({ namespace }));
const codecKeys = config.temporal.codecKeys.map(({ id, key }) => ({ id, key: key.reveal() }));
const dataConverter = createDataConverter(createPayloadCodec(codecKeys));
const client = new Client({ connection, namespace, dataConverter });
const setup = createNamespaceSetup({
  ...{ connection, client, db, codecKey: codecKeys[0]?.id },
  schedules: { prefix, sweepIntervalMs: config.worker.sweepIntervalMs, ...config.schedules },
});
const missing = await attempt('Temporal', () => setup.addSearchAttributes());
if (missing.length > 0) throw new ConfigError([toMissingProblem(missing)]);

const traces = await startTraces(env, 'passback-worker');
const ltiaas = createLtiaasClient({
  baseUrl: config.ltiaas.url,
  apiKey: config.ltiaas.apiKey.reveal(),
  timeoutMs: config.ltiaas.timeoutMs,
  onCall(call) {
    metrics.observeCall(call);
    traces?.observeCall(call);
  },
});
const { url: sourceUrl, secret: sourceSecret } = config.scoreSource;
const scoreSource =
  sourceUrl === undefined || sourceSecret === undefined
    ? null
    : createScoreSource({ url: sourceUrl, secret: sourceSecret.reveal() });
const noticeSender = createNoticeSender(config.notices);
const activities = createActivities(
  createActivityDeps({
    db,
    logger,
    hotPool,
    keyRing,
    ltiaas,
    client,
    prefix,
    isDraining: () => isStopping || workers.some((worker) => worker.getState() !== 'RUNNING'),
    laneMs: config.submit.laneDurationMs,
    callTimeoutMs: config.ltiaas.timeoutMs,
    lingerMs: config.submit.lingerMs,
    concurrency: config.submit.concurrency,
    storeNames: config.roster.storeNames,
    resendsDrift: config.schedules.resendsDrift,
    attemptsKeptMs: config.retention.attempts,
    retention: config.retention,
    scoreSource,
    noticeSender,
    metrics,
  }),
);
workers = await createWorkers({
  connection: native,
  namespace,
  activities: tellActivities(activities, logger),
  interceptors: traces ? [traceActivities(traces)] : [],
  dataConverter,
  role: config.worker.role,
  prefix,
  version: config.worker.version,
  bundlePath: config.worker.bundlePath,
  maxConcurrentBatches: config.worker.maxConcurrentBatches,
  shutdownGraceMs: config.worker.shutdownGraceMs,
});
await attempt('Temporal', () => setup.addSchedules());
const endKeeping = keepNamespace(setup, {
  onRestored: (still) =>
    still.length === 0
      ? logger.warn(
          'Temporal had lost all, or is another one: set up anew, with schedules as declared; goes on from the database',
        )
      : logger.error({ missing: still }, toMissingProblem(still)),
  onTrouble: (error) => logger.warn({ err: error }, 'Temporal cannot be asked for its schedules'),
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.off(signal, endStart);
  process.once(signal, () => logger.info({ signal }, 'stopping'));
}
// The SDK itself shuts its workers down on SIGTERM and SIGINT; run() ends when they are drained.
logger.info({ role: config.worker.role }, 'the worker runs');
const ends = await Promise.allSettled(workers.map((worker) => worker.run()));
isStopping = true;
endKeeping();
metrics.stop();
await Promise.allSettled([
  ltiaas.close(),
  scoreSource?.close(),
  noticeSender.close(),
  native.close(),
  connection.close(),
]);
await Promise.all([db.destroy(), hotPool.end(), traces?.stop()]);
health.close();
const failed = ends.find((end) => end.status === 'rejected');
if (failed) {
  logger.fatal({ err: failed.reason }, 'a worker failed');
  process.exitCode = 1;
}
