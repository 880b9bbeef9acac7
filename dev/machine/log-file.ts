import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const largestBytes = 10_000_000;

/**
 * Opens a log for appending and gives its descriptor, which the caller closes. A child writes to the file itself
 * rather than to a pipe of ours, so that it can go on, and leave its reasons, after we have been killed. A log of
 * more than 10 MB is set aside as `<file>.previous` first.
 */
export function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > largestBytes) renameSync(file, `${file}.previous`);
  return openSync(file, 'a', 0o600);
}

/** The log's size in bytes: where what is written from now on will begin. 0 when there is no log. */
export function logSize(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** The last lines of a log, at most its last 16 kB, and nothing of what was there before `from` (in bytes). */
export function lastLines(file: string, count: number, from = 0): string[] {
  if (!existsSync(file)) return [];
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(from <= size ? from : 0, size - 16_384);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const length = readSync(handle, buffer, 0, buffer.length, start);
    const lines = buffer.subarray(0, length).toString('utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } finally {
    closeSync(handle);
  }
}
