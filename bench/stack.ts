import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Knex } from 'knex';
import { createKeyRing } from '../db/vault/key-ring.js';
import type { KeyWrap } from '../db/vault/key-wrap.js';
import { createKnex } from '../db/server/knex.js';
import { migrate } from '../db/server/migrate.js';
import { startEmbeddedPostgres } from '../dev/embedded-postgres.js';
import { findOrFetchTemporal } from '../dev/fetch-temporal.js';
import { findFreePort } from '../dev/machine/free-port.js';
import { keep } from '../dev/machine/kept-file.js';
import { startNodeProcess, type NodeProcess } from '../dev/processes.js';
import { PLAIN_PROFILE, plainProfileFile } from '../dev/stack/environment.js';
import { startTemporalServer } from '../dev/temporal-server.js';
import { registerSearchAttributes } from '../worker/search-attributes.js';
import { API_KEY } from './workload.js';

/** What a benchmark runs on: all as in production, with nothing on it but the benchmark. */
export interface BenchStack {
  db: Knex;
  client: Client;
  keyRing: KeyWrap;
  /** Where everything is, for more processes of ours. */
  env: NodeJS.ProcessEnv;
  /** Of this stack alone, and goes with it; the database's account can read there. */
  folder: string;
  /** For measuring: process ids by name. `worker` is 0 where there is none. */
  readonly pids: { worker: number; postgres: number; temporal: number };
  /** kill -9 for the worker, and another one at once. Resolves when the new one has said that it runs. */
  replaceWorker(): Promise<void>;
  stop(): Promise<void>;
}

export interface BenchStackOptions {
  ltiaasUrl: string;
  /** Folder for CPU profiles of the worker. */
  profile?: string | undefined;
  /** False: without a worker, so that what comes in is kept and not sent. */
  hasWorker?: boolean;
  /** Settings of the worker beyond its defaults. */
  workerEnv?: NodeJS.ProcessEnv;
  say: (text: string) => void;
}

/** Starts Postgres (synced to disk), Temporal (on a file) and one worker with its defaults, in a folder that goes with them. */
export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-bench-'));
  // Postgres runs under another account when we are root, and must be able to pass through.
  chmodSync(folder, 0o755);
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const program = await findOrFetchTemporal({ env: process.env, onProgress: options.say });
    const postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') });
    closers.push(() => postgres.stop());
    const temporal = await startTemporalServer({ program: program.path, dataDir: path.join(folder, 'temporal') });
    closers.push(() => temporal.stop());
    const db = createKnex({ url: postgres.url, poolMax: 4, applicationName: 'passback bench' });
    closers.push(() => db.destroy());
    await migrate(db);
    const key = Buffer.alloc(32, 7);
    keep(plainProfileFile(folder), PLAIN_PROFILE);
    const connection = await Connection.connect({ address: temporal.address });
    closers.push(() => connection.close());
    const env = {
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_CONFIG_FILE: plainProfileFile(folder),
      LTIAAS_URL: options.ltiaasUrl,
      LTIAAS_API_KEY: API_KEY,
      ENCRYPTION_KEYS: `bench:${key.toString('base64')}`,
      // What is seeded must not be sent before it is measured.
      SWEEP_INTERVAL: '1h',
    };
    const startOne = await createWorkerStart({ ...env, ...options.workerEnv }, folder, options);
    let worker = options.hasWorker === false ? undefined : await startOne();
    // Else a worker does it, and the API could wake nobody.
    if (!worker) await registerSearchAttributes(connection, 'default');
    closers.push(() => worker?.stop());
    return {
      ...{ db, client: new Client({ connection }), keyRing: createKeyRing([{ id: 'bench', key }]), env, folder, stop },
      get pids() {
        return { worker: worker?.pid ?? 0, postgres: postgres.pid, temporal: temporal.pid };
      },
      async replaceWorker() {
        worker?.kill();
        worker = await startOne();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As the build does, workflows are bundled once, so that a worker that starts has nothing left to compile. */
async function createWorkerStart(
  env: NodeJS.ProcessEnv,
  folder: string,
  { profile }: BenchStackOptions,
): Promise<() => Promise<NodeProcess>> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(import.meta.dirname, `../workflows/index${path.extname(import.meta.filename)}`),
    failureConverterPath: path.join(
      import.meta.dirname,
      `../workflows/failure-converter${path.extname(import.meta.filename)}`,
    ),
    logger: new DefaultLogger('ERROR'),
  });
  const bundle = path.join(folder, 'workflow-bundle.cjs');
  writeFileSync(bundle, code);
  return async () =>
    startWorker({
      ...env,
      WORKER_BUNDLE: bundle,
      WORKER_HEALTH_PORT: String(await findFreePort()),
      ...(profile !== undefined && { BENCH_PROFILE: path.resolve(profile) }),
    });
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
      // The queues of calls have no workflows, which the SDK warns of at each start.
      if (/"level":"?(warn|error|fatal|[456]0)/.test(line) && !line.includes('No workflows registered')) {
        console.error(`worker: ${line}`);
      }
    },
  });
}
