import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { keep } from './machine/kept-file.js';
import { takeLock } from './machine/single-holder-lock.js';
import { runNodeProgram } from './processes.js';
import { httpUrl, PLAIN_PROFILE, plainProfileFile, processEnvironment, withoutEmpty } from './stack/environment.js';
import { writeLinesTo } from './stack/line-log.js';
import { endOrphans, pidFile } from './stack/orphans.js';
import { type ReplaceableProcess, startReplaceable } from './stack/replaceable-process.js';
import { startPostgres, startSandbox, startTemporal } from './stack/servers.js';
import { settle, type StackSettings } from './stack/settings.js';

/** The programs that the stack runs: absolute paths. */
export interface StackEntries {
  migrate: string;
  api: string;
  worker: string;
  sandbox: string;
}

/** What startStack can be told. */
export interface StackOptions {
  dataDir: string;
  /** What it names (DATABASE_URL, TEMPORAL_ADDRESS, LTIAAS_URL) is used instead of being started. */
  env: NodeJS.ProcessEnv;
  onProgress?: (text: string) => void;
  /** Calls the start off; what had been started is stopped. */
  signal?: AbortSignal;
  entries?: StackEntries;
}

/** All of Passback, running and ready. */
export interface Stack {
  apiUrl: string;
  apiKey: string;
  databaseUrl: string;
  /** Those of the API, of the worker, and of Temporal's SDK in it. */
  metricsUrls: readonly string[];
  /** Undefined when LTIAAS_URL was given. */
  sandboxUrl: string | undefined;
  /** What the environment says when TEMPORAL_ADDRESS was given. */
  temporalUiUrl: string | undefined;
  /** In the order in which they were started; a pid changes when a process is brought back. */
  processes: readonly { name: string; readonly pid: number }[];
  /** Starts API or worker anew from the sources as they are now; all else goes on. See `ReplaceableProcess`. */
  replace(name: ProgramName, signal: AbortSignal): Promise<void>;
  /** In order: worker, API, sandbox, Temporal, Postgres; at most some 15 s. Repeating does no harm. */
  stop(): Promise<void>;
  /** At once, without waiting. */
  kill(): void;
}

/** The programs that are Passback itself. */
export type ProgramName = 'api' | 'worker';

interface Part {
  name: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): void;
}

/** The programs beside this file, in the language that this file is in. */
export function ownEntries(): StackEntries {
  const root = path.join(import.meta.dirname, '..');
  const file = (name: string) => path.join(root, `${name}${path.extname(import.meta.filename)}`);
  return {
    migrate: file('worker/migrate'),
    api: file('api/server'),
    worker: file('worker/main'),
    sandbox: file('sandbox/main'),
  };
}

/**
 * Starts what is missing of Passback's surroundings, migrates the database, and starts API and worker. Processes that
 * end unasked are brought back at the same address.
 *
 * @throws LockHeldError when another stack runs on the folder; Error with the reason and the last lines of a log
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = path.resolve(options.dataDir);
  // Others may pass through, not look: Postgres may have to run as another user (postgres/account.ts).
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const giveLockBack = takeLock(dataDir, 'stack');
  const parts: Part[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopParts(parts).finally(giveLockBack));
  try {
    const facts = await startParts({ ...options, dataDir }, parts);
    return { ...facts, processes: parts, stop, kill: () => parts.forEach((part) => part.kill()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

const stopOrder = ['worker', 'api', 'sandbox', 'temporal', 'postgres'];

async function stopParts(parts: readonly Part[]): Promise<void> {
  const failures: unknown[] = [];
  for (const name of stopOrder) {
    const part = parts.find((candidate) => candidate.name === name);
    await part?.stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be stopped');
}

async function startParts(options: StackOptions, parts: Part[]): Promise<Omit<Stack, 'processes' | 'stop' | 'kill'>> {
  const { dataDir, onProgress = () => undefined, entries = ownEntries() } = options;
  const env = withoutEmpty(options.env);
  await endOrphans(dataDir, onProgress);
  const settings = await settle(dataDir, env);
  const calledOff = new AbortController();
  const signal = options.signal === undefined ? calledOff.signal : either(options.signal, calledOff);
  const around = { dataDir, env, onProgress, signal };
  const add = <T extends { kept: Part }>(started: T): T => {
    parts.push(started.kept);
    return started;
  };

  const database = async () => {
    const given = env['DATABASE_URL'];
    const urls = given === undefined ? add(await startPostgres(around)) : { ownerUrl: given, appUrl: given };
    const programEnv = { ...env, DATABASE_URL: urls.ownerUrl, ENCRYPTION_KEYS: settings.encryptionKeys };
    await runNodeProgram({
      name: 'migrate',
      entry: entries.migrate,
      env: programEnv,
      onLine: log(dataDir, 'migrate'),
      signal,
    });
    return urls;
  };
  const temporal = async () => (env['TEMPORAL_ADDRESS'] === undefined ? add(await startTemporal(around)) : undefined);
  const sandbox = async () =>
    env['LTIAAS_URL'] === undefined ? add(await startSandbox(around, entries.sandbox, settings)) : undefined;
  const [{ ownerUrl: databaseUrl, appUrl }, ownTemporal, ownSandbox] = await allOrNone(calledOff, [
    database(),
    temporal(),
    sandbox(),
  ]);

  const ltiaasUrl = ownSandbox?.url ?? env['LTIAAS_URL'] ?? '';
  const addresses = { appUrl, ltiaasUrl, sandboxUrl: ownSandbox?.url, temporal: ownTemporal };
  if (ownTemporal !== undefined) keep(plainProfileFile(dataDir), PLAIN_PROFILE);
  const processEnv = processEnvironment(env, settings, addresses, dataDir);
  const programs = { entries, settings, env: processEnv, dataDir, onProgress, signal };
  const [api, worker] = await allOrNone(calledOff, [
    startProgram('api', programs, add),
    startProgram('worker', programs, add),
  ]);
  return {
    replace: (name, replaceSignal) => ({ api, worker })[name].replace(replaceSignal),
    apiUrl: httpUrl(settings.host, settings.port),
    apiKey: settings.apiKey,
    metricsUrls: [settings.apiMetricsPort, settings.workerMetricsPort, settings.temporalMetricsPort].map(
      (port) => `${httpUrl(settings.metricsHost, port)}/metrics`,
    ),
    databaseUrl,
    sandboxUrl: ownSandbox?.url,
    temporalUiUrl: ownTemporal?.uiUrl ?? env['TEMPORAL_UI_URL'],
  };
}

interface Programs {
  entries: StackEntries;
  settings: StackSettings;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  onProgress: (text: string) => void;
  signal: AbortSignal;
}

async function startProgram(
  name: ProgramName,
  { entries, settings, env, dataDir, onProgress, signal }: Programs,
  add: (started: { kept: Part }) => void,
): Promise<ReplaceableProcess> {
  const { host, port, workerHealthHost, workerHealthPort } = settings;
  const url = name === 'api' ? httpUrl(host, port) : httpUrl(workerHealthHost, workerHealthPort);
  const metricsPort = name === 'api' ? settings.apiMetricsPort : settings.workerMetricsPort;
  const kept = await startReplaceable({
    name,
    entry: entries[name],
    env: { ...env, METRICS_PORT: String(metricsPort) },
    onLine: log(dataDir, name),
    readyUrl: `${url}/readyz`,
    pidFile: pidFile(dataDir, name),
    onCrash: onProgress,
    restart: true,
    // The worker lets running attempts finish; what it can't finish is taken up again from Postgres.
    stopTimeoutMs: name === 'worker' ? 7000 : 3500,
    signal,
  });
  add({ kept });
  onProgress(`the ${name === 'api' ? 'API' : 'worker'} is ready`);
  return kept;
}

function log(dataDir: string, name: string): (line: string) => void {
  return writeLinesTo(path.join(dataDir, 'logs', `${name}.log`));
}

/** Waits for all, even after a failure, so that nothing is started behind the back of whoever stops the rest. */
async function allOrNone<T extends readonly unknown[]>(
  calledOff: AbortController,
  work: { [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  const first = Promise.all(work);
  first.catch(() => calledOff.abort());
  await Promise.allSettled(work);
  return await first;
}

function either(outer: AbortSignal, controller: AbortController): AbortSignal {
  if (outer.aborted) controller.abort(outer.reason);
  outer.addEventListener('abort', () => controller.abort(outer.reason), { once: true });
  return controller.signal;
}
