import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problems.js';
import { createCsvReader } from '../read-csv.js';
import { createLineReader } from '../read-lines.js';
import type { RawItem } from '../scores/intake.js';
import { createLineSplitter } from '../split-lines.js';
import { areTooSmall, tooSmall } from '../too-small.js';
import { unreadable } from './import-keys.js';

const MAX_LINE_BYTES = 64_000;
const CHUNK_SIZE = 100;
const UNREADABLE = 'It is too long, or not UTF-8.';

/** The items of a body, chunk by chunk: a stream of NDJSON, a CSV file, one object, or a list. */
export async function* readItems({
  body,
  jsonBytes,
}: Pick<FastifyRequest, 'body' | 'jsonBytes'>): AsyncGenerator<readonly RawItem[], void, void> {
  if (body instanceof Readable) yield* readLines(body);
  else if (Buffer.isBuffer(body)) yield notTooSmall(readRows(body), body.length);
  else if (Array.isArray(body)) yield notTooSmall(body, jsonBytes).map((value: unknown) => ({ value }));
  else if (typeof body !== 'object' || body === null) {
    throw new ProblemError('invalid-request', 'Send one service key, or a list.', { pointer: '' });
  } else yield [{ value: body }];
}

/** @throws {ProblemError} before any of them is taken */
function notTooSmall<T>(items: readonly T[], bytes: number): readonly T[] {
  if (areTooSmall({ items: items.length, bytes })) throw tooSmall();
  return items;
}

/** What was read is taken already when the stream breaks: that the rest is missing is the last item's problem. */
async function* readLines(body: Readable): AsyncGenerator<readonly RawItem[], void, void> {
  const reader = createLineReader(body, { maxLineBytes: MAX_LINE_BYTES });
  for (let lines = await reader.next(CHUNK_SIZE); lines.length > 0; lines = await reader.next(CHUNK_SIZE)) {
    yield lines.map((line) => ('problem' in line ? unreadable(UNREADABLE) : parse(line.text)));
  }
  const fault = reader.fault();
  if (fault instanceof ProblemError) yield [unreadable(`${fault.problem.detail} What comes after this was not read.`)];
}

function parse(text: string): RawItem {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return unreadable('It is not JSON.');
  }
}

/** The first row names the members; empty cells are left out. */
function readRows(csv: Buffer): RawItem[] {
  const lines = createLineSplitter({ maxLineBytes: MAX_LINE_BYTES });
  const reader = createCsvReader();
  const records = [...lines.add(csv), ...lines.end()].flatMap((line) => reader.add(line));
  let names: string[] | undefined;
  return [...records, ...reader.end()].flatMap((record): RawItem[] => {
    if ('problem' in record) return [unreadable(record.problem === 'malformed' ? record.detail : UNREADABLE)];
    if (names) return [{ value: toMembers(names, record.cells) }];
    names = record.cells.map((name) => name.trim());
    return [];
  });
}

function toMembers(names: readonly string[], cells: readonly string[]): Record<string, string> {
  const members = names.map((name, place): [string, string] => [name, cells[place] ?? '']);
  return Object.fromEntries(members.filter(([, cell]) => cell !== ''));
}
