import type { Line } from './split-lines.js';

/** A record at the line where it begins, with as many cells as the first one, or why it cannot be one. */
export type CsvRecord =
  | {
      line: number;
      cells: string[];
      /** Its last cells were left out: a file that was cut off here has such a row. */ isShort?: true;
    }
  | Extract<Line, { problem: string }>
  | { line: number; problem: 'malformed'; detail: string; /** Of a file that was cut off here. */ mayBeCut: boolean };

export interface CsvReader {
  /** What parts the cells of the first line; null before it came. */
  delimiter(): string | null;
  /** So many cells a row must have from now on; without it, as many as the first one. */
  needs(cells: number): void;
  add(line: Line): CsvRecord[];
  /** What still waited for a closing quote. */
  end(): CsvRecord[];
}

/** A record with more lines or characters than this has a quote that stands wrong. */
const MOST_LINES = 100;
const MOST_LENGTH = 1_000_000;

interface OpenRecord {
  lines: { line: number; text: string }[];
  length: number;
  cells: string[];
  /** What the lines so far hold of a quoted cell that is not closed. */
  cell: string | undefined;
}

/**
 * Reads CSV line by line; a quoted cell may hold line ends (https://www.rfc-editor.org/rfc/rfc4180), a quote within a
 * plain cell is text. The first record names the columns. A quote that is never closed costs its own line only: those
 * after it are read anew, which is what the parsers that one can install do not do (docs/decisions/0011).
 */
export function createCsvReader(): CsvReader {
  let delimiter: string | null = null;
  const rows = createRows();
  let open: OpenRecord | undefined;
  /** The first lines, until the quotes in them are closed: only then it can be told what parts their cells. */
  let head: Extract<Line, { text: string }>[] = [];
  let headLength = 0;
  let isHeadClosed = true;

  /** Reads the lines that waited for what parts their cells. */
  const begin = (): CsvRecord[] => {
    const lines = head;
    head = [];
    if (lines.length === 0) return [];
    const { mark, isNamed } = findDelimiter(lines.map(({ text }) => text));
    delimiter = mark;
    return lines.slice(isNamed ? 1 : 0).flatMap((line) => reader.add(line));
  };
  /** Refuses the first line of the open record, and reads the others anew. */
  const giveUp = (reason: 'unclosed' | 'wrong'): CsvRecord[] => {
    const [first, ...others] = open?.lines ?? [];
    open = undefined;
    if (!first) return [];
    const detail = reason === 'wrong' ? 'A quote in this line stands wrong.' : 'A quote in this line is not closed.';
    const problem: CsvRecord = { line: first.line, problem: 'malformed', detail, mayBeCut: reason === 'unclosed' };
    return [problem, ...others.flatMap((line) => reader.add(line))];
  };
  const reader: CsvReader = {
    delimiter: () => delimiter,
    needs: rows.needs,
    add(line) {
      // A cell that lacks one of its lines is another cell.
      if ('problem' in line) return [...reader.end(), line];
      if (!open && head.length === 0 && line.text.trim() === '') return [];
      if (delimiter === null) {
        head.push(line);
        headLength += line.text.length;
        isHeadClosed = isClosed(line.text) === isHeadClosed;
        return isHeadClosed || head.length >= MOST_LINES || headLength > MOST_LENGTH ? begin() : [];
      }
      open ??= { lines: [], length: 0, cells: [], cell: undefined };
      open.lines.push(line);
      open.length += line.text.length;
      const state = readOn(open, line.text, delimiter);
      if (state === 'wrong') return giveUp(open.lines.length === 1 ? 'wrong' : 'unclosed');
      if (state === 'open')
        return open.lines.length < MOST_LINES && open.length <= MOST_LENGTH ? [] : giveUp('unclosed');
      const record = open;
      open = undefined;
      return rows.fit(record, delimiter);
    },
    end() {
      const records = begin();
      while (open) records.push(...giveUp('unclosed'));
      return records;
    },
  };
  return reader;
}

interface Rows extends Pick<CsvReader, 'needs'> {
  fit(record: OpenRecord, delimiter: string): CsvRecord[];
}

/** Holds rows against the first one. */
function createRows(): Rows {
  let width: number | undefined;
  let least: number | undefined;
  return {
    needs(cells) {
      least = cells;
    },
    /** A row of another width is refused with every line that it takes up: it may hold what stood there as rows. */
    fit({ lines, cells }, delimiter) {
      // Spreadsheets write rows that have nothing in them.
      if (cells.every((cell) => cell.trim() === '')) return [];
      const line = lines[0]?.line ?? 0;
      if (width === undefined) {
        width = cells.length;
        return [{ line, cells }];
      }
      const detail = findFault(lines, cells, { width, least: least ?? width, delimiter });
      if (detail !== null) return lines.map(({ line }) => ({ line, problem: 'malformed', detail, mayBeCut: true }));
      if (cells.length >= width) return [{ line, cells: cells.slice(0, width) }];
      const missing = Array.from({ length: width - cells.length }, () => '');
      return [{ line, cells: [...cells, ...missing], isShort: true }];
    },
  };
}

interface Shape {
  width: number;
  least: number;
  delimiter: string;
}

/** Why these cells are no row of this file, or null. */
function findFault(
  lines: OpenRecord['lines'],
  cells: readonly string[],
  { width, least, delimiter }: Shape,
): string | null {
  const begin = lines[0]?.line ?? 0;
  // Spreadsheets leave empty cells at the end, or leave them out.
  const isTooLong = cells.slice(width).some((cell) => cell.trim() !== '');
  if (isTooLong || cells.length < least) {
    const where = lines.length === 1 ? 'It' : `The row that begins in line ${begin}`;
    return `${where} has ${cells.length} cells, the first line ${width}.`;
  }
  // An inch mark opens a cell, and that of a later row closes it: what stands between them are students.
  if (lines.length === 1) return null;
  const [first, ...others] = lines.map(({ text }) => countAlone(text, delimiter) >= least);
  if (!first || !others.includes(true)) return null;
  return `The quotes of line ${begin} hold what can be rows of their own: double those that are no quotation marks.`;
}

/** The cells of a line that is read by itself, where a quote that is not closed is an inch mark. */
function countAlone(text: string, delimiter: string): number {
  const record: OpenRecord = { lines: [], length: 0, cells: [], cell: undefined };
  const state = readOn(record, text, delimiter);
  if (state === 'wrong') return 0;
  return record.cells.length + (record.cell === undefined ? 0 : record.cell.split(delimiter).length);
}

function isClosed(text: string): boolean {
  return text.split('"').length % 2 === 1;
}

/** What parts the cells of a head that may take up several lines, or is named by a line before it. */
function findDelimiter(lines: readonly string[]): { mark: string; isNamed: boolean } {
  const [first = ''] = lines;
  const [, named] = /^sep=([^"])$/i.exec(first) ?? [];
  if (named !== undefined) return { mark: named, isNamed: true };
  const text = lines.join('\n');
  // Where a quote is never closed, the first line alone is the head.
  const names = isClosed(text) ? text.replaceAll(/"[^"]*"/g, '') : first;
  // Excel writes semicolons where the comma is for decimals.
  const counts = [',', ';', '\t'].map((mark): [string, number] => [mark, names.split(mark).length]);
  return { mark: counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0], isNamed: false };
}

/** Reads one more line of a record. `open`: its last cell goes on. `wrong`: a closed cell has more behind its quote. */
function readOn(record: OpenRecord, text: string, delimiter: string): 'whole' | 'open' | 'wrong' {
  for (let at = 0; ; at += 1) {
    if (record.cell === undefined && text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      record.cells.push(text.slice(at, end === -1 ? undefined : end));
      if (end === -1) return 'whole';
      at = end;
      continue;
    }
    const from = record.cell === undefined ? at + 1 : at;
    const end = findClosingQuote(text, from);
    const part = text.slice(from, end === -1 ? undefined : end).replaceAll('""', '"');
    const cell = record.cell === undefined ? part : `${record.cell}\n${part}`;
    record.cell = end === -1 ? cell : undefined;
    if (end === -1) return 'open';
    record.cells.push(cell);
    at = end + 1;
    if (at === text.length) return 'whole';
    if (text[at] !== delimiter) return 'wrong';
  }
}

/** The first quote that is not doubled, or -1. */
function findClosingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
