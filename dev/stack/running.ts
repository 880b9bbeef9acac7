import path from 'node:path';
import { keptAppUrl, keptPostgresUrl } from '../embedded-postgres.js';
import { findLockHolder } from '../machine/single-holder-lock.js';
import { keptTemporal } from '../temporal-server.js';
import { httpUrl, processEnvironment, withoutEmpty } from './environment.js';
import { readSettled } from './settings.js';

/** A stack that another process runs. */
export interface RunningStack {
  apiUrl: string;
  apiKey: string;
  databaseUrl: string;
  /** Undefined when LTIAAS_URL is set. */
  sandboxUrl: string | undefined;
  temporalUiUrl: string | undefined;
  /** What its API and worker were started with, as far as the caller's variables are those of the stack. */
  env: NodeJS.ProcessEnv;
}

/**
 * Finds the stack on a folder by what it keeps there. Variables such as DATABASE_URL, LTIAAS_URL or PORT have to be set
 * as they were for the stack.
 *
 * @throws Error in one sentence when none runs there
 */
export function findRunningStack(dataDir: string, callersEnv: NodeJS.ProcessEnv): RunningStack {
  const env = withoutEmpty(callersEnv);
  const settings = readSettled(dataDir, env);
  const databaseUrl = env['DATABASE_URL'] ?? keptPostgresUrl(path.join(dataDir, 'postgres'));
  const appUrl = env['DATABASE_URL'] ?? keptAppUrl(path.join(dataDir, 'postgres'));
  const temporal = env['TEMPORAL_ADDRESS'] === undefined ? keptTemporal(path.join(dataDir, 'temporal')) : undefined;
  const isHeld = findLockHolder(dataDir, 'stack') !== undefined;
  if (!isHeld || settings === undefined || databaseUrl === undefined || appUrl === undefined) {
    throw new Error(`No stack runs on ${dataDir}: start one in another terminal, with npm start or npm run dev.`);
  }
  const sandboxUrl = env['LTIAAS_URL'] === undefined ? `http://127.0.0.1:${settings.sandboxPort}` : undefined;
  const addresses = { appUrl, ltiaasUrl: sandboxUrl ?? env['LTIAAS_URL'] ?? '', sandboxUrl, temporal };
  return {
    apiUrl: httpUrl(settings.host, settings.port),
    apiKey: settings.apiKey,
    databaseUrl,
    sandboxUrl,
    temporalUiUrl: temporal?.uiUrl ?? env['TEMPORAL_UI_URL'],
    env: processEnvironment(env, settings, addresses, dataDir),
  };
}
