import { createCsvReader, type CsvRecord } from '../read-csv.js';
import { createLineSplitter, type Encoding, type Line } from '../split-lines.js';
import { readCsvHeader, type CsvHeader } from './csv-columns.js';
import { createDecimalMarks, type DecimalMarks } from './decimal-marks.js';

export interface CsvSurvey {
  add(bytes: Buffer): void;
  end(): void;
  hasHead(): boolean;
  /** Final after the end. */
  encoding(): Encoding;
  decimals: Readonly<DecimalMarks>;
}

/** Finds out what can be told from all of a file only. @throws {ProblemError} for a head that cannot be used. */
export function createCsvSurvey(maxLineBytes: number): CsvSurvey {
  const lines = createLineSplitter({ maxLineBytes, encoding: 'unknown', mayEndInReturns: true });
  const reader = createCsvReader();
  const decimals = createDecimalMarks();
  let header: CsvHeader | undefined;
  const look = (record: CsvRecord): void => {
    if ('problem' in record) return;
    if (header) for (const cell of header.numbersOf(record.cells)) decimals.see(cell);
    else {
      header = readCsvHeader(record.cells, reader.delimiter() ?? ',');
      reader.needs(header.needed);
    }
  };
  const read = (found: readonly Line[]): void => {
    for (const line of found) for (const record of reader.add(line)) look(record);
  };
  return {
    decimals,
    add: (bytes) => read(lines.add(bytes)),
    end() {
      read(lines.end());
      for (const record of reader.end()) look(record);
    },
    hasHead: () => header !== undefined,
    encoding: () => lines.facts.encoding,
  };
}
