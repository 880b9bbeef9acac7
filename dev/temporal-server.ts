import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { findFreePort, insistOnPort } from './machine/free-port.js';
import { keep, keptPort } from './machine/kept-file.js';
import { lastLines, logSize, openLog } from './machine/log-file.js';
import { endProcess, hasEnded, sendSignal } from './machine/operating-system-process.js';
import { endKeptProcess, keepPid } from './machine/pid-file.js';
import { takeLock } from './machine/single-holder-lock.js';
import { raiseRetention, waitUntilHealthy } from './temporal/readiness.js';

/** A Temporal development server of ours that serves. */
export interface TemporalServer {
  /** For TEMPORAL_ADDRESS. */
  address: string;
  port: number;
  uiUrl: string;
  pid: number;
  /** Settles when the server has ended, for whatever reason. Never rejects. */
  exited: Promise<void>;
  /** Orderly, by force after 5 s. Repeating does no harm. */
  stop(): Promise<void>;
  /** At once, without waiting. */
  kill(): void;
}

/** What startTemporalServer can be told. */
export interface TemporalServerOptions {
  /** Path of a Temporal CLI (find-temporal.ts). */
  program: string;
  /** Kept between starts: the server's database, its ports. */
  dataDir: string;
  namespace?: string;
  onProgress?: (text: string) => void;
  /** Keeps nothing, for tests. */
  inMemory?: boolean;
  logFile?: string;
  /** This port and no other, for clients that know it. Default: that of last time, or another if it is taken. */
  port?: number | undefined;
}

const stopSteps = [
  { signal: 'SIGTERM', waitMs: 5000 },
  { signal: 'SIGKILL', waitMs: 2000 },
] as const;

/**
 * Starts Temporal's development server with its UI, on 127.0.0.1 only, and waits until it serves. Its ports of last
 * time are used again if free, so that links to workflows keep working; the UI prefers 8233, its usual place. A server
 * that an earlier run left behind on the folder is stopped first.
 *
 * @throws LockHeldError when another process runs one on the folder; PortTakenError when `port` is not free; Error with
 *   the last lines of the log
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const dataDir = path.resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const giveLockBack = takeLock(dataDir, 'supervisor');
  try {
    const orphan = await stopOrphanTemporal(dataDir);
    if (orphan !== undefined) options.onProgress?.(`stopped Temporal of an earlier run (process ${orphan})`);
    const server = await launch(dataDir, options);
    void server.exited.then(giveLockBack);
    return server;
  } catch (error) {
    giveLockBack();
    throw error;
  }
}

/** The addresses of the server that runs on the data folder, or ran last; undefined when none has. */
export function keptTemporal(dataDir: string): { address: string; uiUrl: string } | undefined {
  const port = keptPort(path.join(dataDir, 'port'));
  const uiPort = keptPort(path.join(dataDir, 'ui-port'));
  if (port === undefined || uiPort === undefined) return undefined;
  return { address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}` };
}

/**
 * Stops the server that a killed supervisor left running on the folder; the caller holds the folder's lock.
 *
 * @returns the pid that was stopped, if any
 */
export async function stopOrphanTemporal(dataDir: string): Promise<number | undefined> {
  return await endKeptProcess(path.join(dataDir, 'pid'), 'start-dev', stopSteps);
}

async function launch(dataDir: string, options: TemporalServerOptions): Promise<TemporalServer> {
  const { namespace = 'default', logFile = path.join(dataDir, 'temporal.log') } = options;
  const [portFile, uiPortFile] = [path.join(dataDir, 'port'), path.join(dataDir, 'ui-port')];
  for (let tries = 1; ; tries += 1) {
    const port =
      options.port === undefined ? await findFreePort([keptPort(portFile)]) : await insistOnPort(options.port);
    const uiPort = await findFreePort([keptPort(uiPortFile), 8233]);
    const from = logSize(logFile);
    const child = spawnServer(dataDir, { ...options, namespace, port, uiPort, logFile });
    if (child.pid !== undefined) keepPid(path.join(dataDir, 'pid'), child.pid);
    const address = `127.0.0.1:${port}`;
    const reason = await waitUntilHealthy(child, address);
    if (reason === undefined && child.pid !== undefined) {
      keep(portFile, String(port));
      keep(uiPortFile, String(uiPort));
      await raiseRetention(address, namespace, options.onProgress);
      return supervise(child, child.pid, { port, uiPort });
    }
    if (child.pid !== undefined) await endProcess(child.pid, stopSteps);
    const lines = lastLines(logFile, 15, from);
    // Somebody took a port between our look and the server's listening.
    if (tries < 3 && lines.some((line) => line.includes('address already in use'))) continue;
    const advice = options.inMemory
      ? []
      : [`If another version of the CLI wrote ${databaseFile(dataDir)}, begin anew with --reset.`];
    throw new Error([`Temporal did not start: ${reason}`, ...lines, `(log: ${logFile})`, ...advice].join('\n'));
  }
}

interface LaunchOptions extends TemporalServerOptions {
  namespace: string;
  port: number;
  uiPort: number;
  logFile: string;
}

function spawnServer(dataDir: string, options: LaunchOptions): ChildProcess {
  const log = openLog(options.logFile);
  try {
    // Detached: a Ctrl-C in the terminal would reach the server before our worker has drained.
    return spawn(options.program, ['server', 'start-dev', ...flags(dataDir, options)], {
      cwd: dataDir,
      // TEMPORAL_* variables of the caller's are meant for our processes; the CLI would read them as flags.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'))),
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

function flags(dataDir: string, options: LaunchOptions): string[] {
  const file = ['--db-filename', databaseFile(dataDir)];
  // Without these each small step of a workflow is a synced transaction of its own: half the starts per second. A
  // power cut may lose the last of them; killed processes lose nothing.
  const pragmas = ['journal_mode=wal', 'synchronous=normal'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  const dynamic = [
    // The defaults suit a shared cluster: each step of a workflow would wait up to 50 ms for its queue's next read.
    'history.transferProcessorMaxPollRPS=5000',
    'history.timerProcessorMaxPollRPS=5000',
    'history.visibilityProcessorMaxPollRPS=5000',
    'history.transferProcessorMaxPollHostRPS=5000',
    // And each timer and retry would come up to a second late.
    'history.timerProcessorMaxTimeShift="10ms"',
    // Priorities and fairness of task queues are off by default in server 1.29.
    'matching.useNewMatcher=true',
    'matching.enableFairness=true',
  ];
  return [
    ...['--ip', '127.0.0.1', '--port', String(options.port), '--ui-port', String(options.uiPort)],
    ...['--namespace', options.namespace, '--log-level', 'warn', '--disable-config-file'],
    ...(options.inMemory === true ? [] : [...file, ...pragmas]),
    ...dynamic.flatMap((value) => ['--dynamic-config-value', value]),
  ];
}

function databaseFile(dataDir: string): string {
  return path.join(dataDir, 'temporal.db');
}

function supervise(
  child: ChildProcess,
  pid: number,
  { port, uiPort }: { port: number; uiPort: number },
): TemporalServer {
  const stopAtExit = () => sendSignal(pid, 'SIGTERM');
  process.once('exit', stopAtExit);
  const exited = new Promise<void>((resolve) => {
    if (hasEnded(child)) resolve();
    child.once('exit', () => resolve());
  });
  void exited.then(() => process.off('exit', stopAtExit));
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    if (!hasEnded(child)) await endProcess(pid, stopSteps);
    await exited;
  };
  const kill = () => {
    if (!hasEnded(child)) sendSignal(pid, 'SIGKILL');
  };
  return {
    ...{ address: `127.0.0.1:${port}`, port, uiUrl: `http://127.0.0.1:${uiPort}`, pid, exited, kill },
    stop: () => (stopping ??= stop()),
  };
}
