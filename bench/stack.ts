import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import { createKeyRing, type KeyRing } from '../db/server/key-ring.js';
import { createKnex } from '../db/server/knex.js';
import { migrate } from '../db/server/migrate.js';
import { startEmbeddedPostgres } from '../dev/embedded-postgres.js';
import { findOrFetchTemporal } from '../dev/fetch-temporal.js';
import { findFreePort } from '../dev/machine/free-port.js';
import { startNodeProcess, type NodeProcess } from '../dev/processes.js';
import { startTemporalServer } from '../dev/temporal-server.js';
import { API_KEY } from './workload.js';

/** What a benchmark runs on: all as in production, with nothing on it but the benchmark. */
export interface BenchStack {
  db: Knex;
  client: Client;
  keyRing: KeyRing;
  /** Where everything is, for more processes of ours. */
  env: NodeJS.ProcessEnv;
  /** For measuring: process ids by name. */
  pids: { worker: number; postgres: number; temporal: number };
  stop(): Promise<void>;
}

export interface BenchStackOptions {
  ltiaasUrl: string;
  /** Folder for CPU profiles of the worker. */
  profile: string | undefined;
  say: (text: string) => void;
}

/** Starts Postgres (synced to disk), Temporal (on a file) and one worker with its defaults, in a folder that goes with them. */
export async function startBenchStack({ ltiaasUrl, profile, say }: BenchStackOptions): Promise<BenchStack> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-bench-'));
  // Postgres runs under another account when we are root, and must be able to pass through.
  chmodSync(folder, 0o755);
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const program = await findOrFetchTemporal({ env: process.env, onProgress: say });
    const postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') });
    closers.push(() => postgres.stop());
    const temporal = await startTemporalServer({ program: program.path, dataDir: path.join(folder, 'temporal') });
    closers.push(() => temporal.stop());
    const db = createKnex({ url: postgres.url, poolMax: 4, applicationName: 'passback bench' });
    closers.push(() => db.destroy());
    await migrate(db);
    const key = Buffer.alloc(32, 7);
    const connection = await Connection.connect({ address: temporal.address });
    closers.push(() => connection.close());
    const env = {
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_CONFIG_FILE: path.join(folder, 'no-profile.toml'),
      LTIAAS_URL: ltiaasUrl,
      LTIAAS_API_KEY: API_KEY,
      ENCRYPTION_KEYS: `bench:${key.toString('base64')}`,
      // What is seeded must not be sent before it is measured.
      SWEEP_INTERVAL: '1h',
    };
    const worker = await startWorker({
      ...env,
      WORKER_HEALTH_PORT: String(await findFreePort()),
      ...(profile !== undefined && { BENCH_PROFILE: path.resolve(profile) }),
    });
    closers.push(() => worker.stop());
    const pids = { worker: worker.pid, postgres: postgres.pid, temporal: temporal.pid };
    return { db, client: new Client({ connection }), keyRing: createKeyRing([{ id: 'bench', key }]), env, pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The worker takes its settings from the caller's environment (SUBMIT_CONCURRENCY and so on), but no addresses. */
async function startWorker(env: NodeJS.ProcessEnv): Promise<NodeProcess> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  const program = env['BENCH_PROFILE'] === undefined ? '../worker/main' : './profiled-worker';
  return startNodeProcess({
    name: 'worker',
    entry: path.join(import.meta.dirname, `${program}${path.extname(import.meta.filename)}`),
    env: { ...Object.fromEntries(inherited), LOG_LEVEL: 'info', ...env },
    readyPattern: /the worker runs/,
    stopTimeoutMs: 10_000,
    onLine: (line) => {
      if (/"level":"?(warn|error|fatal|[456]0)/.test(line)) console.error(`worker: ${line}`);
    },
  });
}
