import path from 'node:path';
import type { ProgramName, Stack } from '../stack.js';
import type { SourceWatch } from './source-watch.js';

/** Whose processes run which folders (AGENTS.md, layers). Workflows are bundled by a worker that starts. */
const folders: Readonly<Record<ProgramName, readonly string[]>> = {
  api: ['api', 'config', 'console', 'db', 'domain', 'ltiaas', 'metrics', 'waking', 'workflows'],
  worker: ['activities', 'config', 'db', 'domain', 'ltiaas', 'metrics', 'tool', 'waking', 'worker', 'workflows'],
};
/** Its gradebooks are in its memory. */
const sandboxFolder = 'sandbox';

const programs: readonly ProgramName[] = ['api', 'worker'];
const titles: Readonly<Record<ProgramName, string>> = { api: 'API', worker: 'worker' };

/** Every folder that is worth a look. */
export const watchedFolders: readonly string[] = [...new Set([...folders.api, ...folders.worker, sandboxFolder])];

/**
 * Starts API and worker anew when their sources change, until the signal aborts. One that does not start stays down, its
 * reason shown, and is tried again at the next change, whatever it is; a change during a start ends that start.
 */
export async function followChanges(
  stack: Pick<Stack, 'replace'>,
  watch: SourceWatch,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const down = new Set<ProgramName>();
  let changed = await watch.next(signal);
  while (!signal.aborted) {
    const overtaken = new AbortController();
    const next = watch.next(signal).then((files) => {
      if (signal.aborted || programs.some((name) => runs(name, files))) overtaken.abort();
      return files;
    });
    const concerned = programs.filter((name) => down.has(name) || runs(name, changed));
    if (concerned.length === 0) {
      print(
        `${describe(changed)} changed: the sandbox goes on as it was, with its gradebooks, until the next npm run dev`,
      );
      changed = await next;
      continue;
    }
    const text = await replaceAll(concerned, { stack, down, signal: overtaken.signal });
    const isCalledOff = down.size > 0 && overtaken.signal.aborted;
    if (!isCalledOff) print(`${describe(changed)} changed: ${text}`);
    changed = isCalledOff ? [...new Set([...changed, ...(await next)])] : await next;
  }
}

interface Replacing {
  stack: Pick<Stack, 'replace'>;
  /** What does not run; kept up to date. */
  down: Set<ProgramName>;
  signal: AbortSignal;
}

/** @returns what to tell: which are new and after how long, and the reason of each that is not */
async function replaceAll(names: readonly ProgramName[], { stack, down, signal }: Replacing): Promise<string> {
  const startedAt = performance.now();
  const reasons: string[] = [];
  await Promise.all(
    names.map(async (name) => {
      down.add(name);
      try {
        await stack.replace(name, signal);
        down.delete(name);
      } catch (error) {
        reasons.push(toReason(error));
      }
    }),
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const isNew = names.filter((name) => !down.has(name));
  const told = [
    ...(isNew.length > 0 ? [`${list(isNew)} restarted in ${seconds} s`] : []),
    ...(down.size > 0 ? [`${list([...down])} down until a change mends it; the stack goes on`] : []),
  ];
  return [told.join('; '), ...reasons].join('\n');
}

/** What Node says around an error, and where Node's and others' code was, tell nothing of a mistake in ours. */
const noise = /^\s*$|^\s+at |^node:|^\s*triggerUncaughtException\(|^\s*\^\s*$|^Node\.js v|^\s+(code|url): '/;

function toReason(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  const telling = lines.filter((line) => !noise.test(line));
  return telling.map((line) => `  ${line}`).join('\n');
}

function runs(name: ProgramName, files: readonly string[]): boolean {
  return files.some((file) => folders[name].some((folder) => file.startsWith(`${folder}${path.sep}`)));
}

function list(names: readonly ProgramName[]): string {
  return names.map((name) => titles[name]).join(' and ');
}

function describe([first = '', ...rest]: readonly string[]): string {
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
