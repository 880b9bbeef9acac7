import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../dev/embedded-postgres.js';
import { findOrFetchTemporal } from '../../dev/fetch-temporal.js';
import { keep } from '../../dev/machine/kept-file.js';
import { findFreePort } from '../../dev/machine/free-port.js';
import { startNodeProcess, type NodeProcess } from '../../dev/processes.js';
import { ownEntries } from '../../dev/stack.js';
import { PLAIN_PROFILE, plainProfileFile } from '../../dev/stack/environment.js';
import { writeLinesTo } from '../../dev/stack/line-log.js';
import { startTemporalServer, type TemporalServer } from '../../dev/temporal-server.js';
import { createKnex } from '../../db/server/knex.js';
import { root } from '../helpers/repository.js';

/** Passwords of the roles that deploy/postgres/create-roles.sh makes. */
const PASSWORDS = {
  OWNER_PASSWORD: 'of-the-owner',
  APP_PASSWORD: 'of-the-app',
  METRICS_PASSWORD: 'of-the-metrics',
  TEMPORAL_DB_PASSWORD: 'of-temporal',
};

export interface InstallationOptions {
  /** Of its data; must not be there yet. */
  folder: string;
  /** Of PostgreSQL with pg_dump. */
  postgresFolder: string;
  /** What API and workers are told beside the addresses of their servers. */
  env: NodeJS.ProcessEnv;
  onProgress: (text: string) => void;
}

/** Passback with roles as in production, each part started by itself, as whoever restores a backup does. */
export interface Installation {
  /** Runs a shell command in the repository as an operator does: with the tools and the owner of the database, or a superuser. */
  run(command: string, as: 'owner' | 'superuser', variables?: Record<string, string>): Promise<void>;
  startApi(): Promise<void>;
  startWorkers(): Promise<void>;
  /** Kills all of it at once, and deletes what it kept. */
  lose(): Promise<void>;
}

/** Starts PostgreSQL and Temporal, both with nothing in them: no role, no database, no schedule. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { folder, postgresFolder, env, onProgress } = options;
  mkdirSync(folder);
  // As root, PostgreSQL runs under another account, which must be able to pass through.
  chmodSync(folder, 0o711);
  const postgres = await startEmptyPostgres(options);
  const programs: NodeProcess[] = [];
  let temporal: TemporalServer | undefined;
  const lose = async (): Promise<void> => {
    const all = [...programs, ...(temporal ? [temporal] : []), postgres];
    for (const part of all) part.kill();
    await Promise.all(all.map(({ exited }) => exited));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { path: program } = await findOrFetchTemporal({ env: process.env, onProgress });
    temporal = await startTemporalServer({ program, dataDir: path.join(folder, 'temporal') });
  } catch (error) {
    await lose();
    throw error;
  }
  keep(plainProfileFile(folder), PLAIN_PROFILE);
  const urlAs = (role: string, password: string): string =>
    `postgres://${role}:${password}@127.0.0.1:${postgres.port}/passback`;
  const programEnv = {
    ...env,
    DATABASE_URL: urlAs('passback_app', PASSWORDS.APP_PASSWORD),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_CONFIG_FILE: plainProfileFile(folder),
  };
  const start = async (name: string, entry: string, port: string, variables: NodeJS.ProcessEnv): Promise<void> => {
    const started = await startNodeProcess({
      ...{ name, entry, env: { ...programEnv, ...variables }, readyUrl: `http://127.0.0.1:${port}/readyz` },
      ...{ onCrash: onProgress, onLine: writeLinesTo(path.join(folder, `${name}.log`)) },
    });
    programs.push(started);
  };
  const superuser = new URL(postgres.url);
  return {
    lose,
    async run(command, as, variables = {}) {
      const isOwner = as === 'owner';
      await runShell(command, {
        ...process.env,
        ...{ PATH: `${postgresFolder}${path.delimiter}${process.env['PATH'] ?? ''}`, ...PASSWORDS },
        ...{ PGHOST: '127.0.0.1', PGPORT: String(postgres.port), POSTGRES_USER: superuser.username },
        PGUSER: isOwner ? 'passback_owner' : superuser.username,
        PGPASSWORD: isOwner ? PASSWORDS.OWNER_PASSWORD : superuser.password,
        DATABASE_URL: urlAs('passback_owner', PASSWORDS.OWNER_PASSWORD),
        ...variables,
      });
    },
    startApi: () => start('api', ownEntries().api, env['PORT'] ?? '', {}),
    async startWorkers() {
      const ports = [await findFreePort(), await findFreePort()].map(String);
      await Promise.all(
        ports.map((port, place) => start(`worker-${place}`, ownEntries().worker, port, { WORKER_HEALTH_PORT: port })),
      );
    },
  };
}

/** What `npm start` needs is taken away again: roles and database are for create-roles.sh to make. */
async function startEmptyPostgres({
  folder,
  postgresFolder,
  onProgress,
}: InstallationOptions): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    ...{ dataDir: path.join(folder, 'postgres'), env: { ...process.env, PG_BIN_DIR: postgresFolder } },
    ...{ onProgress, fsync: false },
  });
  const admin = createKnex({ url: postgres.url.replace(/passback$/, 'postgres'), poolMax: 1 });
  try {
    await admin.raw('drop database passback');
    await admin.raw('drop role passback_app');
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  } finally {
    await admin.destroy();
  }
}

/** An answer of 400 and above is a failure. */
const PREAMBLE = 'curl() { command curl --fail-with-body --max-time 30 "$@"; }\n';

async function runShell(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('bash', ['-euc', PREAMBLE + command], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}\n${text}`);
}
