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
 * Builds the CLI from the Go module proxy with the Go that is on the PATH, telling every few seconds how far it is.
 *
 * @returns the path of the program in `folder`
 */
export async function buildTemporal({ folder, env, onProgress, signal }: BuildOptions): Promise<string> {
  const folders = (env['PATH'] ?? '').split(path.delimiter);
  const go = folders.map((entry) => path.join(entry, 'go')).find(isExecutableFile);
  if (go === undefined) throw new Error('there is no go program on the PATH');
  onProgress?.('building the Temporal CLI with Go; this happens once and takes a few minutes');
  onProgress?.(
    'faster: `brew install temporal`, or any Temporal CLI on the PATH or in TEMPORAL_CLI_PATH, or a way to https://temporal.download',
  );
  const build: Build = { downloaded: 0, compiled: 0, recent: [] };
  const startedAt = performance.now();
  const ticker = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    onProgress?.(`building the Temporal CLI: ${seconds} s, ${progressOf(build)}`);
  }, progressEveryMs);
  try {
    await withinTime(buildMs, signal, async (limit) => {
      const runGo = (args: string[]) => run(go, args, { env: { ...env, GOBIN: folder }, cwd: folder, limit, build });
      // Without a number the build goes on just as well.
      build.packages = await countPackages(runGo).catch(() => undefined);
      limit.throwIfAborted();
      await runGo(['install', '-v', `${MAIN_PACKAGE}@${temporalCliVersion}`]);
    });
  } finally {
    clearInterval(ticker);
  }
  return path.join(folder, 'temporal');
}

const MAIN_PACKAGE = 'github.com/temporalio/cli/cmd/temporal';

interface Build {
  downloaded: number;
  compiled: number;
  /** Of which some may be compiled already, by an earlier build. */
  packages?: number | undefined;
  /** The last lines, latest first. */
  recent: string[];
}

function progressOf({ downloaded, compiled, packages }: Build): string {
  if (compiled > 0) return `${compiled} packages compiled${packages === undefined ? '' : ` of ${packages} at most`}`;
  return downloaded > 0 ? `${downloaded} modules downloaded` : 'asking for the modules';
}

/** Only a module of its own can be asked what a program is made of; asking downloads what the build needs anyway. */
async function countPackages(runGo: (args: string[]) => Promise<string>): Promise<number> {
  await runGo(['mod', 'init', 'count']);
  await runGo(['get', `${MAIN_PACKAGE}@${temporalCliVersion}`]);
  return (await runGo(['list', '-deps', MAIN_PACKAGE])).trim().split('\n').length;
}

interface Running {
  env: NodeJS.ProcessEnv;
  cwd: string;
  limit: AbortSignal;
  build: Build;
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
