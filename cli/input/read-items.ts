import type { Columns, Made } from './csv-columns.js';
import { createRowReader } from './csv-columns.js';
import type { Input } from './open-input.js';
import { readLines } from './read-lines.js';
import { readRows } from './read-rows.js';

/** What one line of a file holds. */
export type ReadItem = Made & {
  line: number;
  /** Bytes of the file up to its end. */
  end: number;
};

/** The items of a file, line by line, however long it is. @throws {UsageError} for a file that is none of its format */
export async function* readItems({ content, format }: Input, columns: Columns): AsyncGenerator<ReadItem, void, void> {
  yield* format === 'csv' ? readCsvItems(content, columns) : readJsonItems(content);
}

async function* readJsonItems(content: AsyncIterable<Uint8Array>): AsyncGenerator<ReadItem, void, void> {
  for await (const { number: line, text, end } of readLines(content)) {
    if (text?.trim() === '') continue;
    yield { line, end, ...toMade(text) };
  }
}

function toMade(text: string | undefined): Made {
  if (text === undefined) return { fault: 'The line is not UTF-8.' };
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { item: value };
  } catch {
    // Said below.
  }
  return { fault: 'The line is no JSON object.' };
}

async function* readCsvItems(
  content: AsyncIterable<Uint8Array>,
  columns: Columns,
): AsyncGenerator<ReadItem, void, void> {
  let read: ((cells: readonly string[]) => Made) | undefined;
  for await (const { line, end, cells } of readRows(content)) {
    if (read) yield { line, end, ...read(cells) };
    else read = createRowReader(cells, columns);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
