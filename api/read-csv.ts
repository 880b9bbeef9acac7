import type { Line } from './split-lines.js';

/** A record at the line where it begins, with as many cells as the first one, or why it cannot be one. */
export type CsvRecord =
  | { line: number; cells: string[] }
  | Extract<Line, { problem: string }>
  | { line: number; problem: 'malformed'; detail: string; /** Of a file that was cut off here. */ mayBeCut: boolean };

export interface CsvReader {
  /** What parts the cells of the first line; null before it came. */
  delimiter(): string | null;
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
  let width: number | undefined;
  let open: OpenRecord | undefined;

  /** A row of another width is refused with every line that it takes up: it may hold what stood there as rows. */
  const fit = ({ lines, cells }: OpenRecord): CsvRecord[] => {
    width ??= cells.length;
    const begin = lines[0]?.line ?? 0;
    // Spreadsheets leave empty cells at the end.
    const isTooLong = cells.slice(width).some((cell) => cell.trim() !== '');
    if (!isTooLong && cells.length >= width) return [{ line: begin, cells: cells.slice(0, width) }];
    const where = lines.length === 1 ? 'It' : `The row that begins in line ${begin}`;
    const detail = `${where} has ${cells.length} cells, the first line ${width}.`;
    return lines.map(({ line }) => ({ line, problem: 'malformed', detail, mayBeCut: true }));
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
    add(line) {
      // A cell that lacks one of its lines is another cell.
      if ('problem' in line) return [...reader.end(), line];
      if (!open && line.text.trim() === '') return [];
      if (delimiter === null) {
        const [, named] = /^sep=([^"])$/i.exec(line.text) ?? [];
        delimiter = named ?? findDelimiter(line.text);
        if (named !== undefined) return [];
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
      return fit(record);
    },
    end() {
      const records: CsvRecord[] = [];
      while (open) records.push(...giveUp('unclosed'));
      return records;
    },
  };
  return reader;
}

/** Excel writes semicolons where the comma is for decimals. */
function findDelimiter(header: string): string {
  const counts = [',', ';', '\t'].map((mark): [string, number] => [mark, header.split(mark).length]);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
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
