import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort, insistOnPort } from './machine/free-port.js';
import { keep, keptOrMade, keptPort, readKept } from './machine/kept-file.js';
import { lastLines, logSize, openLog } from './machine/log-file.js';
import { endProcess, hasEnded, sendSignal } from './machine/operating-system-process.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres/binaries.js';
import { appRole, ensureCluster, postgresName } from './postgres/cluster.js';
import { postgresStopSteps, stopOrphanPostgres } from './postgres/orphan.js';
import { type ClusterPlace, findClusterPlace } from './postgres/place.js';
import { ensureDatabase, ensureRole, waitUntilServing } from './postgres/readiness.js';
import { takeLock } from './machine/single-holder-lock.js';

/** A Postgres of ours that serves. */
export interface EmbeddedPostgres {
  /** For the superuser, on the database `passback`. Holds the password. */
  url: string;
  /** The same for API and worker, which may less. */
  appUrl: string;
  port: number;
  pid: number;
  /** Settles when the server has ended, for whatever reason. Never rejects. */
  exited: Promise<void>;
  /** Orderly, by force after 8 s. Repeating does no harm. */
  stop(): Promise<void>;
  /** At once, without waiting; the next start recovers. */
  kill(): void;
}

/** What startEmbeddedPostgres can be told. */
export interface EmbeddedPostgresOptions {
  /** Kept between starts: the cluster, the password, the port. */
  dataDir: string;
  onProgress?: (text: string) => void;
  /** False trades safety against a power cut for speed, for tests. */
  fsync?: boolean;
  logFile?: string;
  env?: NodeJS.ProcessEnv;
  /** This port and no other, for clients that know it. Default: that of last time, or another if it is taken. */
  port?: number | undefined;
}

/**
 * Starts Postgres on a data folder, making its cluster the first time, on 127.0.0.1 only and with a stored random
 * password. The port of last time is used again if it is free. A server that an earlier supervisor left behind is
 * stopped first; after a crash of both it recovers, which may need some tries while the system clears up.
 *
 * @throws LockHeldError when another supervisor runs on the folder; PortTakenError when `port` is not free; Error with the
 *   last lines of the log
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(options.dataDir);
  const giveLockBack = takeLock(dataDir, 'supervisor');
  try {
    const server = await startLocked(dataDir, options);
    void server.exited.then(giveLockBack);
    return server;
  } catch (error) {
    giveLockBack();
    throw error;
  }
}

/** Its `appUrl`. */
export function keptAppUrl(dataDir: string): string | undefined {
  const port = keptPort(path.join(dataDir, 'port'));
  const password = readKept(path.join(dataDir, 'app-password'));
  return port === undefined || password === undefined ? undefined : appUrl(port, password);
}

/** The `url` of the server that runs on the data folder, or ran last; undefined when none has. */
export function keptPostgresUrl(dataDir: string): string | undefined {
  const port = keptPort(path.join(dataDir, 'port'));
  const password = readKept(path.join(dataDir, 'password'));
  return port === undefined || password === undefined ? undefined : url(port, password, postgresName);
}

async function startLocked(dataDir: string, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { onProgress = () => undefined, fsync = true } = options;
  const env = environment(options.env ?? process.env);
  const place = findClusterPlace(dataDir);
  if (place.closedFolder !== undefined) {
    onProgress(`Postgres may not run as root and can't enter ${place.closedFolder}: its data is in ${place.folder}`);
  }
  const binaries = await findPostgresBinaries(options.env ?? process.env, place.account);
  const orphan = await stopOrphanPostgres(place.folder);
  if (orphan !== undefined) onProgress(`stopped Postgres of an earlier run (process ${orphan})`);
  const password = keptOrMade(path.join(dataDir, 'password'), () => randomBytes(24).toString('hex'));
  await ensureCluster(place, binaries, { password, fsync, env });
  const portFile = path.join(dataDir, 'port');
  const preferredPort = keptPort(portFile);
  const attempt = {
    place,
    binaries,
    env,
    fsync,
    password,
    choosePort: () => (options.port === undefined ? findFreePort([preferredPort]) : insistOnPort(options.port)),
    logFile: options.logFile ?? path.join(dataDir, 'postgres.log'),
  };
  const { child, pid, port } = await launch(attempt, onProgress);
  const appPassword = keptOrMade(path.join(dataDir, 'app-password'), () => randomBytes(24).toString('hex'));
  const urls = { url: url(port, password, postgresName), appUrl: appUrl(port, appPassword) };
  const server = supervise(child, pid, port, urls);
  try {
    await ensureDatabase(url(port, password, 'postgres'), postgresName);
    await ensureRole(urls.url, appRole, appPassword, 'pg_read_all_stats');
    keep(portFile, String(port));
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

interface Attempt {
  place: ClusterPlace;
  binaries: PostgresBinaries;
  env: NodeJS.ProcessEnv;
  fsync: boolean;
  password: string;
  choosePort: () => Promise<number>;
  logFile: string;
}

/** What Postgres says for a second or so after it and its supervisor were killed, or when it came second to a port. */
const passingComplaint =
  /lock file .* already exists|pre-existing shared memory|still in use|could not bind|already in use/;

async function launch(
  attempt: Attempt,
  onProgress: (text: string) => void,
): Promise<{ child: ChildProcess; pid: number; port: number }> {
  const deadline = performance.now() + 10_000;
  for (let tries = 1; ; tries += 1) {
    const port = await attempt.choosePort();
    const from = logSize(attempt.logFile);
    const child = spawnServer(attempt, port);
    const outcome = await waitUntilServing(child, url(port, attempt.password, 'postgres'), onProgress);
    if (outcome.serving && child.pid !== undefined) return { child, pid: child.pid, port };
    if (child.pid !== undefined) await endProcess(child.pid, postgresStopSteps);
    const lines = lastLines(attempt.logFile, 15, from);
    if (!passingComplaint.test(lines.join('\n')) || performance.now() > deadline) {
      throw new Error([`Postgres did not start: ${outcome.reason}`, ...lines, `(log: ${attempt.logFile})`].join('\n'));
    }
    if (tries === 1) onProgress('waiting for what is left of an earlier Postgres to end');
    await delay(250);
  }
}

function spawnServer({ place, binaries, env, fsync, logFile }: Attempt, port: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    // Details and contexts quote rows, and so students.
    log_error_verbosity: 'terse',
    // API, worker and test processes each bring a pool.
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openLog(logFile);
  try {
    // Detached: a Ctrl-C in the terminal would reach Postgres before its clients have said goodbye.
    return spawn(binaries.postgres, ['-D', place.folder, ...flags], {
      ...place.account,
      cwd: '/',
      env,
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

function supervise(
  child: ChildProcess,
  pid: number,
  port: number,
  urls: Pick<EmbeddedPostgres, 'url' | 'appUrl'>,
): EmbeddedPostgres {
  const stopAtExit = () => sendSignal(pid, 'SIGINT');
  process.once('exit', stopAtExit);
  const exited = new Promise<void>((resolve) => {
    if (hasEnded(child)) resolve();
    child.once('exit', () => resolve());
  });
  void exited.then(() => process.off('exit', stopAtExit));
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    if (!hasEnded(child)) await endProcess(pid, postgresStopSteps);
    await exited;
  };
  const kill = () => {
    if (!hasEnded(child)) sendSignal(pid, 'SIGQUIT');
  };
  return { ...urls, port, pid, exited, stop: () => (stopping ??= stop()), kill };
}

function url(port: number, password: string, database: string): string {
  return `postgres://${postgresName}:${password}@127.0.0.1:${port}/${database}`;
}

function appUrl(port: number, password: string): string {
  return `postgres://${appRole}:${password}@127.0.0.1:${port}/${postgresName}`;
}

/** Variables such as PGPORT or PGDATA of the caller's shell would change what the programs do. */
function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name)));
}
