import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isExecutableFile, temporalCliVersion } from '../find-temporal.js';
import { sendSignal } from '../machine/operating-system-process.js';

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
  signal?.throwIfAborted();
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
  const stopGroup = () => child.pid !== undefined && sendSignal(-child.pid, 'SIGKILL');
  const limit = AbortSignal.any([AbortSignal.timeout(buildMs), ...(signal === undefined ? [] : [signal])]);
  limit.addEventListener('abort', stopGroup);
  process.once('exit', stopGroup);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0 ? resolve() : reject(new Error([`go install ended with ${code}`, ...recent.reverse()].join(': '))),
      );
    });
  } finally {
    clearInterval(ticker);
    limit.removeEventListener('abort', stopGroup);
    process.off('exit', stopGroup);
  }
  return path.join(folder, 'temporal');
}
