/** PgBouncer in transaction mode, for tests of what a pooler changes; they skip where it is missing. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from '../../dev/machine/free-port.js';
import { endProcess, hasEnded, sendSignal } from '../../dev/machine/operating-system-process.js';
import { giveTo, postgresAccount } from '../../dev/postgres/account.js';
import { keepServing } from '../../dev/stack/keep-serving.js';

/** Debian puts it where only root's PATH leads. */
const PLACES = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
const READY_WITHIN_MS = 20_000;

const program = PLACES.map((folder) => path.join(folder, 'pgbouncer')).find(isExecutable);

/** For `test`: why what needs it is left out, or false. */
export const withoutPgBouncer = program === undefined && 'PgBouncer is missing: apt-get install pgbouncer';

export interface PoolerOptions {
  /** PostgreSQL's own address. */
  databaseUrl: string;
  /** To PostgreSQL, for all clients together. */
  connections: number;
  onProgress: (text: string) => void;
}

export interface Pooler {
  /** Leads through it. */
  url: string;
  name: string;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Puts it before a database; it is brought back at the same address if it ends. */
export async function startPooler(options: PoolerOptions): Promise<Pooler> {
  const { databaseUrl, connections, onProgress } = options;
  if (program === undefined) throw new Error('PgBouncer is not on this machine: apt-get install pgbouncer');
  const port = await findFreePort();
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  const name = pathname.slice(1);
  // It refuses to run as root, as PostgreSQL does.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-pooler-'));
  const account = postgresAccount(folder);
  giveTo(account, folder);
  const file = path.join(folder, 'pgbouncer.ini');
  const settings = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '' },
    ...{ pool_mode: 'transaction', default_pool_size: connections, max_client_conn: 1_000 },
    // Clients are taken at their word: the address is open to this machine only, and the database to this test.
    auth_type: 'any',
    // After PostgreSQL was away: default 15 s, in which every client would fail.
    server_login_retry: 1,
  };
  const server = `host=${hostname} port=${serverPort} dbname=${name} user=${username} password=${password}`;
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  writeFileSync(file, ['[databases]', `${name} = ${server}`, '[pgbouncer]', ...lines, ''].join('\n'), { mode: 0o600 });
  giveTo(account, file);
  const url = `postgres://${username}@127.0.0.1:${port}/${name}`;

  const start = async () => {
    const child = spawn(program, ['-q', file], { ...account, cwd: '/', detached: true, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const exited = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    const stop = async (): Promise<void> => {
      if (!hasEnded(child))
        await endProcess(pid, [
          { signal: 'SIGTERM', waitMs: 2_000 },
          { signal: 'SIGKILL', waitMs: 2_000 },
        ]);
      await exited;
    };
    const kill = (): void => {
      if (!hasEnded(child)) sendSignal(pid, 'SIGKILL');
    };
    process.once('exit', kill);
    void exited.then(() => process.off('exit', kill));
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await serves(url))) {
      if (hasEnded(child)) throw new Error('PgBouncer did not start.');
      if (performance.now() > deadline) {
        await stop();
        throw new Error(`PgBouncer leads to no database within ${READY_WITHIN_MS / 1_000} s.`);
      }
      await delay(100);
    }
    return { pid, exited, stop, kill };
  };
  const kept = keepServing('pooler', await start(), start, onProgress);
  return {
    url,
    name: kept.name,
    get pid() {
      return kept.pid;
    },
    async stop() {
      await kept.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serves(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
