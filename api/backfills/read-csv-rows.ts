/** One record of a CSV file at the line where it begins. */
export type CsvRecord = { line: number; cells: string[] } | { line: number; problem: string; isOpen: boolean };

export interface CsvReader {
  add(line: number, text: string): CsvRecord[];
  /** What still waited for a closing quote. */
  end(): CsvRecord[];
}

/** A cell with more line ends than this is a quote that stands wrong. */
const MOST_LINES_OF_A_RECORD = 100;

/** Reads CSV line by line; a quoted cell may hold line ends. https://www.rfc-editor.org/rfc/rfc4180 */
export function createCsvReader(delimiter: string): CsvReader {
  let open: { line: number; text: string }[] = [];

  const giveUp = (): CsvRecord[] => {
    const [first, ...others] = open;
    open = [];
    if (!first) return [];
    const isOpen = others.length === 0;
    const problem: CsvRecord = { line: first.line, problem: 'A quote in this line is not closed.', isOpen };
    return [problem, ...others.flatMap(({ line, text }) => reader.add(line, text))];
  };
  const reader: CsvReader = {
    add(line, ended) {
      const text = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
      if (open.length === 0 && !text.includes('"')) {
        return text.trim() === '' ? [] : [{ line, cells: text.split(delimiter) }];
      }
      open.push({ line, text });
      const record = open.map((part) => part.text).join('\n');
      if (countQuotes(record) % 2 === 1) return open.length < MOST_LINES_OF_A_RECORD ? [] : giveUp();
      const begin = open[0]?.line ?? line;
      open = [];
      const cells = splitCells(record, delimiter);
      if (cells) return [{ line: begin, cells }];
      return [{ line: begin, problem: 'A quote in this line stands wrong.', isOpen: false }];
    },
    end() {
      const records: CsvRecord[] = [];
      while (open.length > 0) records.push(...giveUp());
      return records;
    },
  };
  return reader;
}

/** The separator that a header line uses: Excel writes semicolons where the comma is for decimals. */
export function findDelimiter(header: string): string {
  const counts = [',', ';', '\t'].map((mark): [string, number] => [mark, header.split(mark).length]);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** Undefined where a quote stands neither at a cell's edge nor doubled within it. */
export function splitCells(text: string, delimiter: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      cells.push(end === -1 ? text.slice(at) : text.slice(at, end));
      if (end === -1) return cells;
      at = end + 1;
      continue;
    }
    const quoted = /"((?:[^"]|"")*)"/y;
    quoted.lastIndex = at;
    const [, cell] = quoted.exec(text) ?? [];
    if (cell === undefined) return undefined;
    cells.push(cell.replaceAll('""', '"'));
    at = quoted.lastIndex;
    if (at === text.length) return cells;
    if (text[at] !== delimiter) return undefined;
    at += 1;
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}
