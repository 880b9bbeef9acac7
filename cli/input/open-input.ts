import { createReadStream, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../settings.js';
import type { Surroundings } from '../tools.js';
import { UsageError } from '../usage-error.js';

export type Format = 'ndjson' | 'csv';

export interface Input {
  /** The bytes as they come; what is not read stays where it is. */
  content: AsyncIterable<Uint8Array>;
  /** Bytes; undefined for what comes through a pipe. */
  size: number | undefined;
  format: Format;
}

const BY_ENDING: Readonly<Record<string, Format>> = { '.ndjson': 'ndjson', '.jsonl': 'ndjson', '.csv': 'csv' };

/** Opens a file, or stdin for `-`. @throws {UsageError} when it cannot be read, or its format is not known */
export function openInput(file: string, format: Format | undefined, { stdin }: Pick<Surroundings, 'stdin'>): Input {
  if (file === '-') {
    if (stdin.isTTY === true) throw new UsageError('- reads stdin, and that is a terminal: give it a file or a pipe.');
    if (format === undefined) throw new UsageError('What comes through stdin needs --format ndjson or --format csv.');
    return { content: stdin, size: undefined, format };
  }
  const known = format ?? BY_ENDING[path.extname(file).toLowerCase()];
  if (known === undefined) throw new UsageError(`${file} ends neither in .ndjson nor in .csv: give --format.`);
  return { size: sizeOf(file), content: readFile(file), format: known };
}

async function* readFile(file: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const part of createReadStream(file)) if (part instanceof Uint8Array) yield part;
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${codeOf(error)}.`);
  }
}

/** A named pipe has none. */
function sizeOf(file: string): number | undefined {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) throw new UsageError(`${file} is a folder.`);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The file ${file} cannot be read: ${codeOf(error)}.`);
  }
}
