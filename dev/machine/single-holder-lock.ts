import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isErrorWithCode, processIdentity } from './operating-system-process.js';

/** Somebody else holds the lock, and their process runs. */
export class LockHeldError extends Error {
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(`${folder} is in use by process ${pid}`);
    this.name = 'LockHeldError';
    this.pid = pid;
  }
}

/**
 * Takes the lock `name` of a folder, which at most one process on this machine holds at a time. A holder that was
 * killed loses it at once: the file names the process and the instant at which it started.
 *
 * Node has no flock, and "delete the stale file, then create it" lets two newcomers both win. So each holder writes
 * the next number (`<name>.7` after `<name>.6`): linking a file that exists fails, so only one of them gets it. The
 * newest number stays when the lock is given back, or a slow newcomer could take a number below a live one.
 *
 * @throws LockHeldError when a running process holds it, which may be this one
 * @returns a function that gives it back; repeating it does no harm
 */
export function takeLock(folder: string, name: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  for (;;) {
    const newest = newestNumber(folder, name);
    const holder = newest === 0 ? undefined : liveHolder(path.join(folder, `${name}.${newest}`));
    if (holder !== undefined) throw new LockHeldError(folder, holder);
    const file = path.join(folder, `${name}.${newest + 1}`);
    if (!createExclusively(file, { pid: process.pid, identity: processIdentity(process.pid) })) continue;
    removeOlder(folder, name, newest + 1);
    return () => giveBack(file);
  }
}

/** The process that holds the lock `name` of a folder, if one does. */
export function findLockHolder(folder: string, name: string): number | undefined {
  const newest = existsSync(folder) ? newestNumber(folder, name) : 0;
  return newest === 0 ? undefined : liveHolder(path.join(folder, `${name}.${newest}`));
}

function numbers(folder: string, name: string): number[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => Number(file.slice(name.length + 1)))
    .filter((number) => Number.isInteger(number) && number > 0);
}

function newestNumber(folder: string, name: string): number {
  return Math.max(0, ...numbers(folder, name));
}

function liveHolder(file: string): number | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || !('identity' in holder))
      return undefined;
    const { pid, identity } = holder;
    return typeof pid === 'number' && processIdentity(pid) === identity ? pid : undefined;
  } catch (error) {
    // Gone: its successor removed it, and the caller looks again.
    if (isErrorWithCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function createExclusively(file: string, holder: object): boolean {
  const draft = `${file}-draft-${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isErrorWithCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeOlder(folder: string, name: string, than: number): void {
  for (const number of numbers(folder, name)) {
    if (number < than) rmSync(path.join(folder, `${name}.${number}`), { force: true });
  }
}

function giveBack(file: string): void {
  const draft = `${file}-returned-${process.pid}`;
  try {
    readFileSync(file);
    writeFileSync(draft, '{}', { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    // The folder was removed, or a successor took over while this process was taken for dead.
    if (!isErrorWithCode(error, 'ENOENT')) throw error;
  }
}
