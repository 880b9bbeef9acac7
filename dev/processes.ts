import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, hasEnded, sendSignal } from './machine/operating-system-process.js';
import { keepPid } from './machine/pid-file.js';
import { aborted, withinTime } from './machine/time-limit.js';
import { nodeArguments } from './node-arguments.js';

/** What startNodeProcess can be told. */
export interface NodeProcessOptions {
  /** For messages, such as `worker`. */
  name: string;
  /** Absolute path of the module to run, .ts or .js. */
  entry: string;
  /** The whole environment of the process: nothing is inherited beside it. */
  env: NodeJS.ProcessEnv;
  /** Each line of its output, without the line break. */
  onLine?: (line: string) => void;
  /** It is ready when a line matches, */
  readyPattern?: RegExp;
  /** or when this address answers 200. With both, both; with neither, when it has been spawned. */
  readyUrl?: string;
  /** Default 60 s. */
  readyTimeoutMs?: number;
  /** How long it may take to stop before it is killed. Default 5 s. */
  stopTimeoutMs?: number;
  /** Start it again, after 0.2 s and then ever longer, when it ends without having been asked to. */
  restart?: boolean;
  /** Told about each unexpected end. */
  onCrash?: (text: string) => void;
  /** Where the process that runs is noted, for whoever has to clear up after this one was killed. */
  pidFile?: string;
  signal?: AbortSignal;
}

/** A process of ours that became ready once. */
export interface NodeProcess {
  name: string;
  /** Of the process that runs now; changes when it is started again. */
  readonly pid: number;
  /** The line that matched readyPattern at the first start. */
  readyLine: string | undefined;
  /** Settles when it has ended and will not be started again. Never rejects. */
  exited: Promise<void>;
  /** SIGTERM, and SIGKILL when stopTimeoutMs have passed. Repeating does no harm. */
  stop(): Promise<void>;
  /** At once, without waiting. */
  kill(): void;
}

interface Run {
  child: ChildProcess;
  pid: number;
  /** Settles with how it ended. */
  ended: Promise<string>;
  /** Its output's last lines, oldest first. */
  recent: string[];
  readyLine: Promise<string | undefined>;
}

/**
 * Starts one of our own programs as a Node process and waits until it is ready. It stops itself when this process is
 * gone (exit-with-parent.ts).
 *
 * @throws Error with its last lines when it ends, or is not ready in time, before it was ready once
 */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  options.signal?.throwIfAborted();
  let run = spawnRun(options);
  const readyLine = await waitUntilReady(run, options);
  const stopped = new AbortController();
  const exited = keepRunning(run, options, stopped.signal, (next) => (run = next));
  return {
    name: options.name,
    get pid() {
      return run.pid;
    },
    readyLine,
    exited,
    async stop() {
      stopped.abort();
      await endRun(run, options);
      await exited;
    },
    kill() {
      stopped.abort();
      if (!hasEnded(run.child)) sendSignal(run.pid, 'SIGKILL');
    },
  };
}

/**
 * Runs one of our own programs to its end.
 *
 * @throws Error with its last lines when it fails
 */
export async function runNodeProgram(options: NodeProcessOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const run = spawnRun(options);
  const over = options.signal === undefined ? run.ended : Promise.race([run.ended, aborted(options.signal)]);
  await over;
  await endRun(run, options);
  const how = await run.ended;
  if (how !== 'code 0') throw new Error([`${options.name} failed: it ended with ${how}`, ...run.recent].join('\n'));
}

function spawnRun({ entry, env, onLine, readyPattern, pidFile }: NodeProcessOptions): Run {
  // Detached: a Ctrl-C in the terminal is for the parent alone, which stops its processes in order.
  const child = spawn(process.execPath, nodeArguments(entry), {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (pidFile !== undefined && child.pid !== undefined) keepPid(pidFile, child.pid);
  const recent: string[] = [];
  const readyLine = new Promise<string | undefined>((resolve) => {
    if (readyPattern === undefined) resolve(undefined);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        recent.push(line);
        recent.splice(0, recent.length - 20);
        onLine?.(line);
        if (readyPattern?.test(line) === true) resolve(line);
      });
    }
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  return { child, pid: child.pid ?? 0, ended, recent, readyLine };
}

async function waitUntilReady(run: Run, options: NodeProcessOptions): Promise<string | undefined> {
  const { name, readyUrl, readyTimeoutMs = 60_000 } = options;
  let reason: string | undefined;
  const line = await withinTime(readyTimeoutMs, options.signal, async (limit) => {
    const over = new AbortController();
    const failed = Promise.race([
      run.ended.then((how) => `it ended with ${how}`),
      aborted(limit).then(() => (options.signal?.aborted === true ? 'called off' : String(limit.reason))),
    ]);
    void failed.then(() => over.abort());
    const isReady = async () => {
      const matched = await run.readyLine;
      if (readyUrl !== undefined) await waitUntilAnswers(readyUrl, over.signal);
      return matched;
    };
    return await Promise.race([isReady(), failed.then((why) => void (reason = why))]);
  });
  if (reason === undefined) return line;
  await endRun(run, options);
  throw new Error([`${name} did not start: ${reason}`, ...run.recent].join('\n'));
}

async function keepRunning(
  first: Run,
  options: NodeProcessOptions,
  stopped: AbortSignal,
  onRun: (run: Run) => void,
): Promise<void> {
  let run = first;
  let waitMs = firstWaitMs;
  for (;;) {
    const startedAt = performance.now();
    const how = await run.ended;
    if (stopped.aborted) return;
    options.onCrash?.(`${options.name} ended with ${how}${options.restart === true ? ', starting it again' : ''}`);
    if (options.restart !== true) return;
    const wasCalm = performance.now() - startedAt > calmMs;
    waitMs = wasCalm ? firstWaitMs : waitMs;
    await Promise.race([delay(waitMs), aborted(stopped)]);
    if (stopped.aborted) return;
    waitMs = Math.min(waitMs * 2, longestWaitMs);
    run = spawnRun(options);
    onRun(run);
  }
}

const firstWaitMs = 200;
const longestWaitMs = 10_000;
/** A process that ran for so long is not in a loop of crashes. */
const calmMs = 10_000;

async function endRun(run: Run, { stopTimeoutMs = 5000 }: NodeProcessOptions): Promise<void> {
  if (hasEnded(run.child)) return;
  await endProcess(run.pid, [
    { signal: 'SIGTERM', waitMs: stopTimeoutMs },
    { signal: 'SIGKILL', waitMs: 2000 },
  ]);
  // A grandchild may hold the output open; the process itself is gone.
  await Promise.race([run.ended, delay(500)]);
}

async function waitUntilAnswers(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const status = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) })
      .then(async (response) => {
        await response.body?.cancel();
        return response.status;
      })
      .catch(() => undefined);
    if (status === 200) return;
    await delay(50);
  }
}
