import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isErrorWithCode } from './operating-system-process.js';

/** The file's text without surrounding white space; undefined when there is no file or nothing in it. */
export function readKept(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    if (isErrorWithCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes a file that its owner alone may read, as a whole or not at all, and on disk before it returns. */
export function keep(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.draft-${process.pid}`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}

/** What was kept before, else what `make` gives, which is kept from now on. */
export function keptOrMade(file: string, make: () => string): string {
  const before = readKept(file);
  if (before !== undefined) return before;
  const made = make();
  keep(file, made);
  return made;
}

/** A kept port number; undefined when none was kept or the file holds something else. */
export function keptPort(file: string): number | undefined {
  const port = Number(readKept(file));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
