import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../dev/machine/free-port.js';
import { keptPort } from '../../dev/machine/kept-file.js';
import { aborted } from '../../dev/machine/time-limit.js';
import { startNodeProcess, type NodeProcess } from '../../dev/processes.js';
import { ownEntries, startStack, type ProgramName, type Stack, type StackEntries } from '../../dev/stack.js';
import { plainProfileFile } from '../../dev/stack/environment.js';
import { writeLinesTo } from '../../dev/stack/line-log.js';
import { startPooledDatabase, type PooledDatabase } from './pooled-database.js';

/** A lane of eight seconds: pauses can outlast it, and what a killed process left is settled soon. */
export const LANE_MS = 8_000;
/** For one call to LTIAAS. */
export const CALL_TIMEOUT_MS = 2_000;

const READY_WITHIN_MS = 90_000;

/** All of Passback as `npm start` runs it, with one more worker, in a folder of its own. */
export interface ChaosStack {
  apiUrl: string;
  apiKey: string;
  sandboxUrl: string;
  /** Of what runs under the name now: `worker-0`, `worker-1`, `api`, `temporal`, `postgres`, `pooler`. */
  pidOf(name: string): number;
  /** Whether it answers that it is ready; of a server without such an answer: undefined. */
  readyUrlOf(name: string): string | undefined;
  deleteTemporalFiles(): void;
  /** Orderly, with one of the program as it is now at its place; the second worker does not take part. */
  replace(name: ProgramName): Promise<void>;
  stop(): Promise<void>;
}

/** What every campaign can be told of its stack. */
export interface ChaosRunOptions extends ChaosStackOptions {
  /** Calls the campaign off; all that it started is stopped. */
  signal?: AbortSignal;
  print: (text: string) => void;
}

/** Runs a campaign on a stack of its own, and tells which processes ended without having been killed, in words. */
export async function withChaosStack<T>(
  options: ChaosRunOptions,
  campaign: (stack: ChaosStack) => Promise<T>,
): Promise<{ result: T; endedAlone: string[] }> {
  const { print, signal = new AbortController().signal } = options;
  const endedAlone: string[] = [];
  const onProgress = (text: string): void => {
    print(text);
    if (/ended with (?!SIGKILL)/.test(text)) endedAlone.push(text);
  };
  const stack = await startChaosStack(options, onProgress);
  try {
    const calledOff = aborted(signal).then(() => Promise.reject(new Error('The campaign was called off.')));
    return { result: await Promise.race([campaign(stack), calledOff]), endedAlone: [...endedAlone] };
  } finally {
    await stack.stop();
  }
}

export interface ChaosStackOptions {
  /** Workflows bundled beforehand, for quick starts of workers. */
  bundlePath?: string | undefined;
  /** Keeps the folder, with its logs, and says where. */
  keepFolder?: boolean;
  /** PostgreSQL is reached through a pooler in transaction mode only, with so many connections for all. */
  pooledConnections?: number | undefined;
  /** Default: those of these sources. */
  entries?: StackEntries;
}

async function startChaosStack(options: ChaosStackOptions, onProgress: (text: string) => void): Promise<ChaosStack> {
  const { bundlePath, keepFolder = false, pooledConnections, entries = ownEntries() } = options;
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'passback-chaos-'));
  // As root, Postgres runs under another account, which must be able to pass through.
  chmodSync(dataDir, 0o711);
  const ports = [await findFreePort(), await findFreePort()];
  const readyUrls = ports.map((port) => `http://127.0.0.1:${port}/readyz`);
  const env = { ...chaosEnvironment(bundlePath), PORT: String(await findFreePort()) };
  let database: PooledDatabase | undefined;
  let stack: Stack | undefined;
  let second: NodeProcess | undefined;
  const stop = async (): Promise<void> => {
    await second?.stop();
    await stack?.stop();
    await database?.stop();
    if (keepFolder) onProgress(`logs are in ${path.join(dataDir, 'logs')}`);
    else rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    if (pooledConnections !== undefined) {
      database = await startPooledDatabase({ dataDir, env, connections: pooledConnections, onProgress });
    }
    const given = { ...env, ...(database && { DATABASE_URL: database.url }), WORKER_HEALTH_PORT: String(ports[0]) };
    const started = await startStack({ dataDir, env: given, onProgress, entries });
    stack = started;
    const { sandboxUrl, databaseUrl, apiUrl, apiKey, processes } = started;
    if (sandboxUrl === undefined) throw new Error('The stack has no sandbox.');
    second = await startNodeProcess({
      name: 'second worker',
      entry: entries.worker,
      env: {
        ...env,
        ...{ DATABASE_URL: databaseUrl, LTIAAS_URL: sandboxUrl, WORKER_HEALTH_PORT: String(ports[1]) },
        TEMPORAL_ADDRESS: `127.0.0.1:${keptPort(path.join(dataDir, 'temporal', 'port'))}`,
        TEMPORAL_CONFIG_FILE: plainProfileFile(dataDir),
      },
      ...{ readyUrl: readyUrls[1] ?? '', restart: true, stopTimeoutMs: 7_000, onCrash: onProgress },
      onLine: writeLinesTo(path.join(dataDir, 'logs', 'worker-1.log')),
    });
    const pids = { second };
    return {
      ...{ apiUrl, apiKey, sandboxUrl, stop },
      pidOf(name) {
        if (name === 'worker-1') return pids.second.pid;
        const part = [...processes, ...(database?.processes ?? [])].find(
          (candidate) => candidate.name === name.replace('-0', ''),
        );
        if (!part) throw new RangeError(`The stack has no ${name}.`);
        return part.pid;
      },
      replace: (name) => started.replace(name, AbortSignal.timeout(READY_WITHIN_MS)),
      deleteTemporalFiles() {
        for (const end of ['', '-wal', '-shm'])
          rmSync(path.join(dataDir, 'temporal', `temporal.db${end}`), { force: true });
      },
      readyUrlOf: (name) =>
        name === 'api' ? `${apiUrl}/readyz` : name.startsWith('worker-') ? readyUrls[Number(name.at(-1))] : undefined,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What API and workers of every campaign are told, with a new key ring. */
export function chaosEnvironment(bundlePath: string | undefined): NodeJS.ProcessEnv {
  return {
    ...inheritedEnvironment(),
    LTIAAS_API_KEY: 'chaos',
    LTIAAS_TIMEOUT: String(CALL_TIMEOUT_MS),
    ENCRYPTION_KEYS: `chaos:${randomBytes(32).toString('base64')}`,
    LANE_DURATION: `${LANE_MS / 1_000} s`,
    SWEEP_INTERVAL: '10 s',
    LINGER: '3 s',
    LOG_LEVEL: 'warn',
    ...(bundlePath !== undefined && { WORKER_BUNDLE: bundlePath }),
  };
}

/** What a user has who has set nothing of ours. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const notPassedOn = /^(TEMPORAL_(?!CLI_PATH$)|DATABASE_|LTIAAS_|ENCRYPTION_|BOOTSTRAP_|HOST$|PORT$|WORKER_|NODE_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !notPassedOn.test(name)));
}
