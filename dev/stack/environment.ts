import path from 'node:path';
import { SANDBOX_SCORE_SOURCE_SECRET, SCORE_SOURCE_PATH } from '../../sandbox/tool/score-source.js';
import type { StackSettings } from './settings.js';

/** The addresses of what the processes talk to, as far as the stack started it. */
export interface StackAddresses {
  /** Of the database, for API and worker. */
  appUrl: string;
  ltiaasUrl: string;
  /** Undefined: another LTIAAS is used, and the environment says whether there is a score source. */
  sandboxUrl: string | undefined;
  /** Undefined: the caller's own server, and what the environment says about it holds. */
  temporal: { address: string; uiUrl: string } | undefined;
}

/**
 * Leaves out variables that are set to nothing, or to blanks, as an exported copy of `.env.example` does. For most that means "not set"; the Temporal SDK takes an empty
 * TEMPORAL_API_KEY for a key and switches TLS on.
 */
export function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

/** The environment of API and worker: the caller's, with what the stack knows better. */
export function processEnvironment(
  env: NodeJS.ProcessEnv,
  settings: StackSettings,
  addresses: StackAddresses,
  dataDir: string,
): NodeJS.ProcessEnv {
  return {
    ...(addresses.temporal === undefined ? env : withoutTemporalAccess(env)),
    ...(addresses.temporal === undefined ? {} : temporalVariables(addresses.temporal, dataDir)),
    ...scoreSourceVariables(env, addresses.sandboxUrl),
    DATABASE_URL: addresses.appUrl,
    LTIAAS_URL: addresses.ltiaasUrl,
    LTIAAS_API_KEY: settings.ltiaasApiKey,
    ENCRYPTION_KEYS: settings.encryptionKeys,
    BOOTSTRAP_API_KEY: settings.apiKey,
    HOST: settings.host,
    PORT: String(settings.port),
    METRICS_HOST: settings.metricsHost,
    TEMPORAL_METRICS_PORT: String(settings.temporalMetricsPort),
    WORKER_HEALTH_HOST: settings.workerHealthHost,
    WORKER_HEALTH_PORT: String(settings.workerHealthPort),
  };
}

/** The sandbox's score source, where the environment names no other. */
function scoreSourceVariables(env: NodeJS.ProcessEnv, sandboxUrl: string | undefined): NodeJS.ProcessEnv {
  if (sandboxUrl === undefined || env['SCORE_SOURCE_URL'] !== undefined) return {};
  return {
    SCORE_SOURCE_URL: `${sandboxUrl}${SCORE_SOURCE_PATH}`,
    SCORE_SOURCE_SECRET: SANDBOX_SCORE_SOURCE_SECRET,
  };
}

function temporalVariables({ address, uiUrl }: { address: string; uiUrl: string }, dataDir: string): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_UI_URL: uiUrl,
    TEMPORAL_CONFIG_FILE: plainProfileFile(dataDir),
  };
}

/** Where PLAIN_PROFILE is kept. */
export function plainProfileFile(dataDir: string): string {
  return path.join(dataDir, 'temporal', 'plain-profile.toml');
}

/** A profile that says nothing, in place of the user's own, which may name credentials of Temporal Cloud. */
export const PLAIN_PROFILE = '[profile.default]';

/** Keys and certificates without an address are for another server than ours. */
function withoutTemporalAccess(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const access = /^TEMPORAL_(API_KEY|TLS|GRPC_META_|PROFILE|CODEC_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !access.test(name)));
}

/** The address of a server of ours for its clients on this machine. */
export function httpUrl(host: string, port: number): string {
  // A server that listens on every address is reached on this one.
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}
