import { ItemFault } from '../../domain/item-fault.js';
import { parseCorrection, type Correction } from '../../domain/parse-correction.js';
import { ProblemError } from '../problems.js';
import { readCsvHeader, type CsvHeader } from './csv-columns.js';
import { createCsvReader, type CsvReader } from './read-csv-rows.js';
import { createFileReader, type FileLine } from './read-lines.js';

export interface CorrectionLine extends Correction {
  line: number;
}

export interface LineProblem {
  line: number;
  type: string;
  detail: string;
}

export interface UploadPage {
  corrections: CorrectionLine[];
  problems: LineProblem[];
}

/** What was found out about the file; complete when the pages have ended. */
export interface UploadFacts {
  encoding: 'utf-8' | 'windows-1252';
  delimiter: string | null;
  ignoredColumns: string[];
  lines: number;
  /** The last line is cut off: so may be others, without a trace. */
  endsInTheMiddle: boolean;
}

export interface Upload {
  facts(): UploadFacts;
  pages(): AsyncGenerator<UploadPage, void, void>;
}

const MAX_LINE_BYTES = 1_000_000;
const PAGE_SIZE = 5_000;

/** Reads corrected scores from a CSV or NDJSON file, a page at a time. @throws {ProblemError} for a file that is neither. */
export function readUpload(
  input: AsyncIterable<Buffer>,
  { format, now }: { format: 'csv' | 'ndjson'; now: Date },
): Upload {
  const file = createFileReader(input, { maxLineBytes: MAX_LINE_BYTES, mayBeWindows1252: format === 'csv' });
  const parser = format === 'csv' ? createCsvParser(now) : createNdjsonParser(now);
  let endsInTheMiddle = false;
  return {
    facts: () => ({
      encoding: file.facts.encoding,
      delimiter: parser.header()?.delimiter ?? null,
      ignoredColumns: parser.header()?.ignored ?? [],
      lines: file.facts.lines,
      endsInTheMiddle,
    }),
    async *pages() {
      let page: UploadPage = { corrections: [], problems: [] };
      for await (const block of file.blocks()) {
        for (const line of block) parser.add(line, page);
        if (page.corrections.length + page.problems.length < PAGE_SIZE) continue;
        yield page;
        page = { corrections: [], problems: [] };
      }
      const cutLine = parser.end(page);
      endsInTheMiddle = file.facts.endsOpen && cutLine === file.facts.lines;
      yield page;
    },
  };
}

interface Parser {
  add(line: FileLine, page: UploadPage): void;
  /** Gives the number of the last line that looks cut off, or 0. */
  end(page: UploadPage): number;
  header(): CsvHeader | undefined;
}

function createNdjsonParser(now: Date): Parser {
  let cut = 0;
  return {
    add(line, page) {
      if (isUnreadable(line, page) || line.text.trim() === '') return;
      try {
        take(line.line, JSON.parse(line.text.replace(/^\uFEFF/, '')), page, now);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        cut = line.line;
        page.problems.push({ line: line.line, type: 'malformed-line', detail: 'The line is not JSON.' });
      }
    },
    end: () => cut,
    header: () => undefined,
  };
}

function createCsvParser(now: Date): Parser {
  let header: CsvHeader | undefined;
  let reader: CsvReader | undefined;
  let cut = 0;
  const takeRecords = (records: ReturnType<CsvReader['add']>, page: UploadPage): void => {
    for (const record of records) {
      const item = 'cells' in record ? header?.toItem(record.cells) : record;
      if (item && 'value' in item) take(record.line, item.value, page, now);
      else if (item) {
        if (!('isOpen' in record) || record.isOpen) cut = record.line;
        page.problems.push({ line: record.line, type: 'malformed-line', detail: item.problem });
      }
    }
  };
  return {
    add(line, page) {
      if (isUnreadable(line, page)) return;
      if (header && reader) return takeRecords(reader.add(line.line, line.text), page);
      const text = line.text.replace(/^\uFEFF/, '').replace(/\r$/, '');
      if (text.trim() === '' || /^sep=.$/i.test(text)) return;
      header = readCsvHeader(text);
      reader = createCsvReader(header.delimiter);
    },
    end(page) {
      if (!header) throw new ProblemError('invalid-file', 'The file is empty.');
      takeRecords(reader?.end() ?? [], page);
      return cut;
    },
    header: () => header,
  };
}

function isUnreadable(line: FileLine, page: UploadPage): line is Extract<FileLine, { problem: string }> {
  if (!('problem' in line)) return false;
  const isLong = line.problem === 'line-too-long';
  const detail = isLong ? 'The line is longer than one megabyte.' : 'The line is not valid UTF-8.';
  page.problems.push({ line: line.line, type: isLong ? 'line-too-long' : 'malformed-line', detail });
  return true;
}

function take(line: number, item: unknown, page: UploadPage, now: Date): void {
  try {
    page.corrections.push({ line, ...parseCorrection(item, now) });
  } catch (error) {
    if (!(error instanceof ItemFault)) throw error;
    page.problems.push({ line, type: error.fault, detail: error.message });
  }
}
