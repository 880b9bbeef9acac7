import path from 'node:path';
import { startEmbeddedPostgres } from '../embedded-postgres.js';
import { findOrFetchTemporal } from '../fetch-temporal.js';
import { type NodeProcess, startNodeProcess } from '../processes.js';
import { startTemporalServer } from '../temporal-server.js';
import { type KeptServer, keepServing } from './keep-serving.js';
import { writeLinesTo } from './line-log.js';
import { pidFile } from './orphans.js';
import type { StackSettings } from './settings.js';

interface Surroundings {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  onProgress: (text: string) => void;
  signal: AbortSignal;
}

/** The same database for whoever migrates and looks, and for API and worker. */
export interface DatabaseUrls {
  ownerUrl: string;
  appUrl: string;
}

/** Postgres of the stack, brought back if it ends. */
export async function startPostgres({
  dataDir,
  env,
  onProgress,
}: Surroundings): Promise<{ kept: KeptServer } & DatabaseUrls> {
  const options = {
    dataDir: path.join(dataDir, 'postgres'),
    logFile: path.join(dataDir, 'logs', 'postgres.log'),
    env,
    onProgress,
  };
  const server = await startEmbeddedPostgres(options);
  onProgress(`Postgres serves on port ${server.port}`);
  const startAgain = () => startEmbeddedPostgres({ ...options, port: server.port });
  const { url: ownerUrl, appUrl } = server;
  return { kept: keepServing('postgres', server, startAgain, onProgress), ownerUrl, appUrl };
}

/** Temporal of the stack, fetched if need be, brought back if it ends. */
export async function startTemporal({
  dataDir,
  env,
  onProgress,
  signal,
}: Surroundings): Promise<{ kept: KeptServer; address: string; uiUrl: string }> {
  const program = await findOrFetchTemporal({ env, onProgress, signal });
  const options = {
    program: program.path,
    dataDir: path.join(dataDir, 'temporal'),
    namespace: env['TEMPORAL_NAMESPACE'] ?? 'default',
    logFile: path.join(dataDir, 'logs', 'temporal.log'),
    onProgress,
  };
  const server = await startTemporalServer(options);
  onProgress(`Temporal serves on ${server.address}, its UI on ${server.uiUrl}`);
  const startAgain = () => startTemporalServer({ ...options, port: server.port });
  const kept = keepServing('temporal', server, startAgain, onProgress);
  return { kept, address: server.address, uiUrl: server.uiUrl };
}

/** The sandbox of the stack. It keeps its gradebooks in memory: brought back, it is empty. */
export async function startSandbox(
  { dataDir, env, onProgress, signal }: Surroundings,
  entry: string,
  settings: StackSettings,
): Promise<{ kept: NodeProcess; url: string }> {
  const url = `http://127.0.0.1:${settings.sandboxPort}`;
  const kept = await startNodeProcess({
    name: 'sandbox',
    entry,
    env: {
      ...env,
      SANDBOX_HOST: '127.0.0.1',
      SANDBOX_PORT: String(settings.sandboxPort),
      LTIAAS_API_KEY: settings.ltiaasApiKey,
    },
    pidFile: pidFile(dataDir, 'sandbox'),
    readyPattern: /"ready":\s*true/,
    onLine: writeLinesTo(path.join(dataDir, 'logs', 'sandbox.log')),
    onCrash: onProgress,
    restart: true,
    stopTimeoutMs: 1500,
    signal,
  });
  onProgress(`the sandbox serves on ${url}`);
  return { kept, url };
}
