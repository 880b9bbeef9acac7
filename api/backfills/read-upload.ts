import { ItemFault } from '../../domain/item-fault.js';
import { parseCorrection, type Correction } from '../../domain/parse-correction.js';
import { ProblemError } from '../problems.js';
import { createCsvReader, type CsvRecord } from '../read-csv.js';
import type { SpoolSpace } from '../spool-space.js';
import { createLineSplitter, type Encoding, type Line, type LineSplitter } from '../split-lines.js';
import { readCsvHeader, type CsvHeader } from './csv-columns.js';
import type { DecimalMarks } from './decimal-marks.js';
import { createSpool } from './spool.js';
import { createCsvSurvey, type CsvSurvey } from './survey-csv.js';

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
  encoding: Encoding;
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

/** Of the file that is looked at before it is read, between signs of life. */
const QUIET_BYTES = 4_000_000;

/**
 * Reads corrected scores from a CSV or NDJSON file, a page at a time. What a spreadsheet wrote is told from all of it, so
 * it goes to disk first; pages without lines say meanwhile that it has a head, and is still coming.
 * @throws {ProblemError} for a file that is neither.
 */
export function readUpload(
  input: AsyncIterable<Buffer>,
  { format, now, space }: { format: 'csv' | 'ndjson'; now: Date; space: SpoolSpace },
): Upload {
  let reading: Reading | undefined;
  return {
    facts: () => ({
      encoding: reading?.lines.facts.encoding ?? 'utf-8',
      delimiter: reading?.parser.header()?.delimiter ?? null,
      ignoredColumns: reading?.parser.header()?.ignored ?? [],
      lines: reading?.lines.facts.lines ?? 0,
      endsInTheMiddle: reading?.endsInTheMiddle ?? false,
    }),
    async *pages() {
      if (format === 'ndjson') {
        const lines = createLineSplitter({ maxLineBytes: MAX_LINE_BYTES });
        reading = { lines, parser: createNdjsonParser(now), endsInTheMiddle: false };
        return yield* readPages(withoutUtf16(input), reading);
      }
      const spool = await createSpool(space);
      try {
        const survey = createCsvSurvey(MAX_LINE_BYTES);
        let quiet = QUIET_BYTES;
        for await (const chunk of withoutUtf16(input)) {
          await spool.write(chunk);
          survey.add(chunk);
          quiet += chunk.length;
          if (quiet < QUIET_BYTES || !survey.hasHead()) continue;
          quiet = 0;
          yield { corrections: [], problems: [] };
        }
        survey.end();
        reading = createCsvReading(survey, now);
        yield* readPages(spool.read(), reading);
      } finally {
        await spool.close();
      }
    },
  };
}

interface Reading {
  lines: LineSplitter;
  parser: Parser;
  endsInTheMiddle: boolean;
}

function createCsvReading(survey: CsvSurvey, now: Date): Reading {
  const encoding = survey.encoding();
  const lines = createLineSplitter({ maxLineBytes: MAX_LINE_BYTES, encoding, mayEndInReturns: true });
  return { lines, parser: createCsvParser(now, survey.decimals), endsInTheMiddle: false };
}

async function* readPages(input: AsyncIterable<Buffer>, reading: Reading): AsyncGenerator<UploadPage, void, void> {
  const { lines, parser } = reading;
  let page: UploadPage = { corrections: [], problems: [] };
  for await (const chunk of input) {
    for (const line of lines.add(chunk)) {
      parser.add(line, page);
      if (page.corrections.length + page.problems.length < PAGE_SIZE) continue;
      yield page;
      page = { corrections: [], problems: [] };
    }
  }
  for (const line of lines.end()) parser.add(line, page);
  const cutLine = parser.end(page);
  reading.endsInTheMiddle = lines.facts.endsOpen && cutLine === lines.facts.lines;
  yield page;
}

async function* withoutUtf16(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let isBegun = false;
  for await (const chunk of input) {
    if (!isBegun) refuseUtf16(chunk);
    isBegun = true;
    yield chunk;
  }
}

function refuseUtf16(chunk: Buffer): void {
  const [one, two] = chunk;
  if ((one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)) {
    throw new ProblemError('unsupported-media-type', 'The file is UTF-16. Save it as "CSV UTF-8".');
  }
}

interface Parser {
  add(line: Line, page: UploadPage): void;
  /** Gives the number of the last line that looks cut off, or 0. */
  end(page: UploadPage): number;
  header(): CsvHeader | undefined;
}

function createNdjsonParser(now: Date): Parser {
  let cut = 0;
  return {
    add(line, page) {
      if ('problem' in line) page.problems.push(toLineProblem(line));
      if ('problem' in line || line.text.trim() === '') return;
      try {
        const item: unknown = JSON.parse(line.text);
        take(line.line, () => item, page, now);
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

function createCsvParser(now: Date, decimals: DecimalMarks): Parser {
  const reader = createCsvReader();
  let header: CsvHeader | undefined;
  let cut = 0;
  const takeRecord = (record: CsvRecord, page: UploadPage): void => {
    if ('problem' in record) {
      if (record.problem === 'malformed' && record.mayBeCut) cut = record.line;
      page.problems.push(toLineProblem(record));
      return;
    }
    if (header) {
      if (record.isShort) cut = record.line;
      const { line, cells } = record;
      const head = header;
      take(line, () => head.toItem(cells, decimals), page, now);
    } else {
      header = readCsvHeader(record.cells, reader.delimiter() ?? ',');
      reader.needs(header.needed);
    }
  };
  return {
    add(line, page) {
      for (const record of reader.add(line)) takeRecord(record, page);
    },
    end(page) {
      for (const record of reader.end()) takeRecord(record, page);
      if (!header) throw new ProblemError('invalid-file', 'The file is empty.');
      return cut;
    },
    header: () => header,
  };
}

function toLineProblem(record: Extract<CsvRecord, { problem: string }>): LineProblem {
  const { line, problem } = record;
  if (problem === 'line-too-long') return { line, type: problem, detail: 'The line is longer than one megabyte.' };
  const detail = problem === 'malformed' ? record.detail : 'The line is not valid UTF-8.';
  return { line, type: 'malformed-line', detail };
}

function take(line: number, read: () => unknown, page: UploadPage, now: Date): void {
  try {
    page.corrections.push({ line, ...parseCorrection(read(), now) });
  } catch (error) {
    if (!(error instanceof ItemFault)) throw error;
    page.problems.push({ line, type: error.fault, detail: error.message });
  }
}
