import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { UsageError } from '../usage-error.js';
import { createLineCount } from './line-count.js';

export interface Row {
  /** On which it begins, from 1. */
  line: number;
  /** Bytes up to its end. */
  end: number;
  cells: string[];
}

const LONGEST_ROW = 1_048_576;
const DELIMITERS = [',', ';', '\t'] as const;

/**
 * The rows of a CSV file as they come, the first with its columns. Commas, semicolons and tabs are told apart by the first line.
 * @throws {UsageError} for what is no CSV, or no UTF-8
 */
export async function* readRows(content: AsyncIterable<Uint8Array>): AsyncGenerator<Row, void, void> {
  const text = decode(content);
  const first = await text.next();
  if (first.done === true) return;
  const lines = createLineCount();
  const parser = parse({
    ...{ delimiter: delimiterOf(first.value), info: true, relax_column_count: true },
    ...{ skip_empty_lines: true, max_record_size: LONGEST_ROW },
  });
  const source = Readable.from(lines.watch(startingWith(first.value, text)));
  source.once('error', (error) => parser.destroy(error));
  try {
    for await (const one of source.pipe(parser)) {
      const { end, cells } = toRow(one);
      yield { line: lines.upTo(end), end, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UsageError(`The file is no CSV: ${error.message}.`);
  } finally {
    source.destroy();
  }
}

/** With `info` the parser gives each record beside its place; its types say nothing of that. */
function toRow(one: unknown): Omit<Row, 'line'> {
  if (typeof one !== 'object' || one === null || !('info' in one) || !('record' in one)) throw new TypeError('No row.');
  const { info, record } = one;
  if (!Array.isArray(record) || typeof info !== 'object' || info === null) throw new TypeError('No row.');
  const { bytes } = { bytes: 0, ...info };
  return { end: bytes, cells: record.map(String) };
}

/** Without a byte order mark. */
async function* decode(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of content) {
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') yield text;
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError('The file is not UTF-8. Save it as "CSV UTF-8".');
  }
}

async function* startingWith(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  yield first;
  yield* rest;
}

/** The one that the first line has most of. */
function delimiterOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counted.toSorted((one, other) => other.count - one.count)[0]?.delimiter ?? ',';
}
