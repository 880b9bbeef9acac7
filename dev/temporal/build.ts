import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isExecutableFile, temporalCliVersion } from '../find-temporal.js';
import { hasEnded, sendSignal } from '../machine/operating-system-process.js';
import { withinTime } from '../machine/time-limit.js';

/** About three minutes on two cores with nothing cached; a slow network may need several times that. */
const buildMs = 30 * 60_000;
const progressEveryMs = 5000;

interface BuildOptions {
  folder: string;
  env: NodeJS.ProcessEnv;
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
}

/**
 * Builds the CLI from the Go module proxy with the Go that is on the PATH.
 *
 * @returns the path of the program in `folder`
 */
export async function buildTemporal({ folder, env, onProgress, signal }: BuildOptions): Promise<string> {
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  const go = folders.map((entry) => path.join(entry, 'go')).find(isExecutableFile);
  if (go === undefined) throw new Error('there is no go program on the PATH');
  onProgress?.('building the Temporal CLI with Go; this happens once and takes a few minutes');
  // Detached, so that its compilers can be stopped with it as one group.
  const child = spawn(go, ['install', `github.com/temporalio/cli/cmd/temporal@${temporalCliVersion}`], {
    cwd: folder,
    detached: true,
    env: { ...env, GOBIN: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const recent: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    recent.unshift(line);
    recent.splice(4);
  });
  const startedAt = performance.now();
  const ticker = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const last = recent[0]?.replace(/^go: /, '');
    onProgress?.(`building the Temporal CLI: ${seconds} s${last === undefined ? '' : `, last: ${last}`}`);
  }, progressEveryMs);
  const stopGroup = () => sendSignal(-(child.pid ?? 0), 'SIGKILL');
  process.once('exit', stopGroup);
  try {
    await withinTime(buildMs, signal, async (limit) => {
      limit.addEventListener('abort', stopGroup, { once: true });
      await ending(child, recent);
    });
  } finally {
    clearInterval(ticker);
    if (!hasEnded(child)) stopGroup();
    process.off('exit', stopGroup);
  }
  return path.join(folder, 'temporal');
}

function ending(child: ChildProcess, recent: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error([`go install ended with ${signal ?? code}`, ...recent.toReversed()].join(': ')));
    });
  });
}
