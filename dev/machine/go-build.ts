import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isExecutableFile } from '../find-temporal.js';
import { hasEnded, sendSignal } from './operating-system-process.js';
import { withinTime } from './time-limit.js';

/** A few minutes on two cores with nothing cached; a slow network may need several times that. */
const buildMs = 30 * 60_000;
const progressEveryMs = 5000;

export interface GoBuildOptions {
  /** Where it is built, and where programs are put by `go install`. */
  folder: string;
  env: NodeJS.ProcessEnv;
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
}

/** What is built from the Go module proxy. */
export interface GoBuild {
  /** For who watches: `the Temporal CLI`. */
  name: string;
  /** What is faster than building, for who watches. */
  faster?: string;
  /** Makes a module in the folder that knows the packages. Asking what they are made of downloads what the build needs anyway. */
  prepare: (runGo: RunGo) => Promise<unknown>;
  packages: readonly string[];
  /** Without it the build goes on where preparing fails. */
  needsModule: boolean;
  build: (runGo: RunGo) => Promise<unknown>;
}

/** Runs `go` in the folder, and gives what it prints. */
export type RunGo = (...args: string[]) => Promise<string>;

interface State {
  downloaded: number;
  compiled: number;
  /** Of which some may be compiled already, by an earlier build. */
  packages?: number | undefined;
  /** The last lines, latest first. */
  recent: string[];
}

/** Builds with the Go that is on the PATH, telling every few seconds how far it is. */
export async function buildWithGo(what: GoBuild, { folder, env, onProgress, signal }: GoBuildOptions): Promise<void> {
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  const go = folders.map((entry) => path.join(entry, 'go')).find(isExecutableFile);
  if (go === undefined) throw new Error('there is no go program on the PATH');
  onProgress?.(`building ${what.name} with Go; this happens once and takes a few minutes`);
  if (what.faster !== undefined) onProgress?.(`faster: ${what.faster}`);
  const state: State = { downloaded: 0, compiled: 0, recent: [] };
  const startedAt = performance.now();
  const ticker = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    onProgress?.(`building ${what.name}: ${seconds} s, ${progressOf(state)}`);
  }, progressEveryMs);
  try {
    await withinTime(buildMs, signal, async (limit) => {
      const runGo = (...args: string[]) =>
        run(go, args, { env: { ...env, GOBIN: folder }, cwd: folder, limit, build: state });
      state.packages = await countPackages(what, runGo).catch((error: unknown) => {
        if (what.needsModule) throw error;
        return undefined;
      });
      limit.throwIfAborted();
      await what.build(runGo);
    });
  } finally {
    clearInterval(ticker);
  }
}

async function countPackages({ prepare, packages }: GoBuild, runGo: RunGo): Promise<number> {
  await prepare(runGo);
  return (await runGo('list', '-deps', ...packages)).trim().split('\n').length;
}

function progressOf({ downloaded, compiled, packages }: State): string {
  if (compiled > 0) return `${compiled} packages compiled${packages === undefined ? '' : ` of ${packages} at most`}`;
  return downloaded > 0 ? `${downloaded} modules downloaded` : 'asking for the modules';
}

interface Running {
  env: NodeJS.ProcessEnv;
  cwd: string;
  limit: AbortSignal;
  build: State;
}

/** Runs the program to its end, as one group with its compilers, so that these are stopped with it. */
async function run(program: string, args: string[], { env, cwd, limit, build }: Running): Promise<string> {
  const child = spawn(program, args, { cwd, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('go: downloading ')) build.downloaded += 1;
    else if (/^[\w./-]+$/.test(line)) build.compiled += 1;
    build.recent.unshift(line);
    build.recent.splice(4);
  });
  const stopGroup = () => sendSignal(-(child.pid ?? 0), 'SIGKILL');
  process.once('exit', stopGroup);
  limit.addEventListener('abort', stopGroup, { once: true });
  try {
    await ending(child, build.recent);
    return output;
  } finally {
    limit.removeEventListener('abort', stopGroup);
    if (!hasEnded(child)) stopGroup();
    process.off('exit', stopGroup);
  }
}

function ending(child: ChildProcess, recent: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error([`go ended with ${signal ?? code}`, ...recent.toReversed()].join(': ')));
    });
  });
}
