import { clashesOf, WRONG } from './clashes.js';
import type { Config, MigrateConfig } from './config-type.js';
import { keys, type Key, type KeyName, type ProcessName } from './keys.js';
import { ValueError } from './parse.js';

export type { ClockTime, Config, MigrateConfig } from './config-type.js';
export type { ProcessName } from './keys.js';

/** The environment, handed in: `process.env` is read in the composition roots only. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the environment, at once. Shows no value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const MIGRATE_KEYS: readonly KeyName[] = ['DATABASE_URL', 'DATABASE_POOL_MAX', 'MIGRATE_ON_START', 'LOG_LEVEL'];

/**
 * Reads the environment for one process: pure, frozen, and complete or not at all. Empty strings count as not set.
 * @throws {ConfigError} that names every problem
 */
export function loadConfig(env: Environment, process: 'migrate'): MigrateConfig;
export function loadConfig(env: Environment, process: ProcessName): Config;
export function loadConfig(env: Environment, process: ProcessName): Config | MigrateConfig {
  const names = Object.keys(keys).filter(isKeyName);
  const problems = names
    .filter((name) => process !== 'migrate' || MIGRATE_KEYS.includes(name))
    .flatMap((name) => problemsOf(env, name, process));
  const clashes = process === 'migrate' ? [] : clashesOf((name) => findIfRight(env, name, keys[name]), process);
  if (problems.length + clashes.length > 0) throw new ConfigError([...problems, ...clashes]);
  if (process === 'migrate') return deepFreeze(nestMigrate(env));
  return deepFreeze(nest(env));
}

function nestMigrate(env: Environment): MigrateConfig {
  return {
    database: {
      url: get(env, 'DATABASE_URL', keys.DATABASE_URL),
      poolMax: get(env, 'DATABASE_POOL_MAX', keys.DATABASE_POOL_MAX),
      migrateOnStart: get(env, 'MIGRATE_ON_START', keys.MIGRATE_ON_START),
    },
    log: { level: get(env, 'LOG_LEVEL', keys.LOG_LEVEL) },
  };
}

function nest(env: Environment): Config {
  return {
    ...nestMigrate(env),
    encryption: { keys: get(env, 'ENCRYPTION_KEYS', keys.ENCRYPTION_KEYS) },
    ltiaas: {
      url: get(env, 'LTIAAS_URL', keys.LTIAAS_URL),
      apiKey: get(env, 'LTIAAS_API_KEY', keys.LTIAAS_API_KEY),
      timeoutMs: get(env, 'LTIAAS_TIMEOUT', keys.LTIAAS_TIMEOUT),
    },
    temporal: nestTemporal(env),
    metrics: {
      host: get(env, 'METRICS_HOST', keys.METRICS_HOST),
      port: find(env, 'METRICS_PORT', keys.METRICS_PORT),
      temporalPort: find(env, 'TEMPORAL_METRICS_PORT', keys.TEMPORAL_METRICS_PORT),
    },
    ...{ api: nestApi(env), gradePolicy: get(env, 'GRADE_POLICY', keys.GRADE_POLICY) },
    worker: nestWorker(env),
    submit: {
      concurrency: get(env, 'SUBMIT_CONCURRENCY', keys.SUBMIT_CONCURRENCY),
      laneDurationMs: get(env, 'LANE_DURATION', keys.LANE_DURATION),
      lingerMs: get(env, 'LINGER', keys.LINGER),
    },
    platform: {
      inFlightMax: find(env, 'PLATFORM_IN_FLIGHT', keys.PLATFORM_IN_FLIGHT),
      ratePerSecond: find(env, 'PLATFORM_RATE', keys.PLATFORM_RATE),
    },
    roster: { storeNames: get(env, 'STORE_NAMES', keys.STORE_NAMES) },
    retention: { attempts: get(env, 'ATTEMPTS_KEPT', keys.ATTEMPTS_KEPT), ...get(env, 'RETENTION', keys.RETENTION) },
    schedules: {
      timeZone: get(env, 'NIGHTLY_TIME_ZONE', keys.NIGHTLY_TIME_ZONE),
      nightlyAt: get(env, 'NIGHTLY_AT', keys.NIGHTLY_AT),
      nightlyLimitMs: get(env, 'NIGHTLY_LIMIT', keys.NIGHTLY_LIMIT),
      rosterAt: get(env, 'ROSTER_AT', keys.ROSTER_AT),
      reconcileAt: get(env, 'RECONCILE_AT', keys.RECONCILE_AT),
      resendsDrift: get(env, 'RECONCILE_RESEND', keys.RECONCILE_RESEND),
    },
    scoreSource: {
      url: find(env, 'SCORE_SOURCE_URL', keys.SCORE_SOURCE_URL),
      secret: find(env, 'SCORE_SOURCE_SECRET', keys.SCORE_SOURCE_SECRET),
    },
    backfill: {
      approvalScores: get(env, 'BACKFILL_APPROVAL_SCORES', keys.BACKFILL_APPROVAL_SCORES),
      approvalDrop: get(env, 'BACKFILL_APPROVAL_DROP', keys.BACKFILL_APPROVAL_DROP),
    },
    notices: { mayBePrivate: get(env, 'NOTICES_TO_PRIVATE_ADDRESSES', keys.NOTICES_TO_PRIVATE_ADDRESSES) },
  };
}

function nestTemporal(env: Environment): Config['temporal'] {
  return {
    address: find(env, 'TEMPORAL_ADDRESS', keys.TEMPORAL_ADDRESS),
    namespace: get(env, 'TEMPORAL_NAMESPACE', keys.TEMPORAL_NAMESPACE),
    uiUrl: find(env, 'TEMPORAL_UI_URL', keys.TEMPORAL_UI_URL),
    prefix: find(env, 'TEMPORAL_PREFIX', keys.TEMPORAL_PREFIX) ?? '',
    codecKeys: find(env, 'TEMPORAL_CODEC_KEYS', keys.TEMPORAL_CODEC_KEYS) ?? [],
  };
}

function nestWorker(env: Environment): Config['worker'] {
  const { deploymentName, buildId } = {
    deploymentName: find(env, 'TEMPORAL_DEPLOYMENT_NAME', keys.TEMPORAL_DEPLOYMENT_NAME),
    buildId: find(env, 'TEMPORAL_WORKER_BUILD_ID', keys.TEMPORAL_WORKER_BUILD_ID),
  };
  return {
    role: get(env, 'WORKER_ROLE', keys.WORKER_ROLE),
    version: deploymentName === undefined || buildId === undefined ? undefined : { deploymentName, buildId },
    healthHost: get(env, 'WORKER_HEALTH_HOST', keys.WORKER_HEALTH_HOST),
    healthPort: get(env, 'WORKER_HEALTH_PORT', keys.WORKER_HEALTH_PORT),
    shutdownGraceMs: get(env, 'WORKER_SHUTDOWN_GRACE', keys.WORKER_SHUTDOWN_GRACE),
    bundlePath: find(env, 'WORKER_BUNDLE', keys.WORKER_BUNDLE),
    maxConcurrentBatches: get(env, 'MAX_CONCURRENT_BATCHES', keys.MAX_CONCURRENT_BATCHES),
    sweepIntervalMs: get(env, 'SWEEP_INTERVAL', keys.SWEEP_INTERVAL),
  };
}

function nestApi(env: Environment): Config['api'] {
  return {
    host: get(env, 'HOST', keys.HOST),
    port: get(env, 'PORT', keys.PORT),
    trustProxy: get(env, 'TRUST_PROXY', keys.TRUST_PROXY),
    rateLimitPerMinute: get(env, 'RATE_LIMIT', keys.RATE_LIMIT),
    bodyLimitBytes: get(env, 'BODY_LIMIT', keys.BODY_LIMIT),
    spoolLimitBytes: get(env, 'SPOOL_LIMIT', keys.SPOOL_LIMIT),
    headersTimeoutMs: get(env, 'HEADERS_TIMEOUT', keys.HEADERS_TIMEOUT),
    bodyTimeoutMs: get(env, 'BODY_TIMEOUT', keys.BODY_TIMEOUT),
    streamLeastRate: get(env, 'STREAM_LEAST_RATE', keys.STREAM_LEAST_RATE),
    maxConnections: get(env, 'MAX_CONNECTIONS', keys.MAX_CONNECTIONS),
    shutdownDelayMs: get(env, 'API_SHUTDOWN_DELAY', keys.API_SHUTDOWN_DELAY),
    bootstrapKey: find(env, 'BOOTSTRAP_API_KEY', keys.BOOTSTRAP_API_KEY),
  };
}

function problemsOf(env: Environment, name: KeyName, process: ProcessName): string[] {
  const key: Key<unknown> = keys[name];
  try {
    const isSet = find(env, name, key) !== undefined;
    if (isSet || !key.requiredBy?.includes(process) || isGivenElsewhere(env, name)) return [];
    return [`${name} is not set: ${key.remedy ?? 'give a value'}`];
  } catch (error) {
    if (error instanceof ValueError) return [`${name} ${error.message}`];
    throw error;
  }
}

/** Temporal's own configuration file may hold the address. */
function isGivenElsewhere(env: Environment, name: KeyName): boolean {
  return name === 'TEMPORAL_ADDRESS' && Boolean(env['TEMPORAL_CONFIG_FILE'] || env['TEMPORAL_PROFILE']);
}

function findIfRight(env: Environment, name: KeyName, key: Key<unknown>): unknown {
  try {
    return find(env, name, key);
  } catch (error) {
    if (error instanceof ValueError) return WRONG;
    throw error;
  }
}

function find<T>(env: Environment, name: KeyName, key: Key<T>): T | undefined {
  const text = env[name]?.trim() || key.default;
  return text === undefined ? undefined : key.parse(text);
}

/** For keys that are required or have a default, after they have been checked. */
function get<T>(env: Environment, name: KeyName, key: Key<T>): T {
  const value = find(env, name, key);
  if (value === undefined) throw new ConfigError([`${name} is not set`]);
  return value;
}

function isKeyName(name: string): name is KeyName {
  return Object.hasOwn(keys, name);
}

function deepFreeze<T extends object>(value: T): T {
  // Bytes cannot be frozen; they hide in a Secret.
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(Object(inner));
  return Object.freeze(value);
}
