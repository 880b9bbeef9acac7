import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { createCsvReader, type CsvRecord } from '../../api/read-csv.js';
import { createLineSplitter } from '../../api/split-lines.js';

/** Reads a file that comes in pieces of at most so many bytes. */
function read(text: string, pieceSize = 65_536): CsvRecord[] {
  const lines = createLineSplitter({ maxLineBytes: 1_000_000, mayEndInReturns: true });
  const csv = createCsvReader();
  const bytes = Buffer.from(text);
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += pieceSize) {
    for (const line of lines.add(bytes.subarray(at, at + pieceSize))) records.push(...csv.add(line));
  }
  for (const line of lines.end()) records.push(...csv.add(line));
  return [...records, ...csv.end()];
}

/** The records' lines with their cells or, for those that cannot be read, with `problem`. */
const outline = (records: readonly CsvRecord[]): [number, string][] =>
  records.map((record) => [record.line, 'cells' in record ? record.cells.join('|') : record.problem]);

test('reads whatever is well formed as csv-parse does, line numbers included, in pieces of any size', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', ';', '\n', 'é', '😀') });
  const row = fc.record({
    cells: fc.tuple(cell, cell, cell),
    quoted: fc.boolean(),
    end: fc.constantFrom('\n', '\r\n', '\r'),
  });
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 4 }),
      fc.constantFrom(',', ';', '\t'),
      fc.integer({ min: 1, max: 9 }),
      (rows, mark, size) => {
        // A cell whose lines can be rows may have swallowed them.
        fc.pre(!rows.some(({ cells }) => cells.some((text) => text.includes('\n') && text.includes(mark))));
        const write = (text: string, quoted: boolean): string =>
          quoted || /["\n,;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const head = ['row', 'one', 'two', 'three'].join(mark);
        const body = rows.map(({ cells, quoted, end }, place) => {
          return [`row ${place}`, ...cells.map((text) => write(text, quoted))].join(mark) + end + end;
        });
        const file = `${head}\n${body.join('')}`;
        let line = 1;
        const expected = parse(file, {
          delimiter: mark,
          record_delimiter: ['\r\n', '\n', '\r'],
          skip_empty_lines: true,
        });
        const wanted = expected.map((cells, place): CsvRecord => {
          const record = { line, cells };
          // A blank line follows each row but the last.
          line += cells.join('').split('\n').length + (place === 0 ? 0 : 1);
          return record;
        });
        assert.deepEqual(read(file, size), wanted);
      },
    ),
  );
});

describe('a quote that stands wrong', () => {
  for (const [what, rows, expected] of [
    ['closes before its cell ends', ['a,"2" board', 'b,x', 'c,"y"'], ['malformed', 'b|x', 'c|y']],
    ['is never closed', ['a,"2 board', 'b,x', 'c,y'], ['malformed', 'b|x', 'c|y']],
    [
      'seems to be closed by one of another line',
      ['a,"2 board', 'b,x', 'c,3" pipe'],
      ['malformed', 'b|x', 'c|3" pipe'],
    ],
  ] as const) {
    test(`that ${what} costs its own line only`, () => {
      const file = `${['user,comment', ...rows].join('\n')}\n`;
      assert.deepEqual(
        outline(read(file)).slice(1),
        expected.map((cells, place) => [place + 2, cells]),
      );
    });
  }

  test('costs no other line of a file in which every line has one', () => {
    const open = Array.from({ length: 2_000 }, () => 'x","y');
    const records = read(`one,two\n${open.join('\n')}\nlast,line\n`);
    assert.deepEqual(
      records.map(({ line }) => line),
      Array.from({ length: 2_002 }, (_, place) => place + 1),
    );
    assert.deepEqual(outline(records).at(-1), [2_002, 'last|line']);
  });

  test('is told of a line that is no UTF-8 within a quoted cell, and of what stood around it', () => {
    const lines = createLineSplitter({ maxLineBytes: 100 });
    const csv = createCsvReader();
    const file = Buffer.concat([Buffer.from('a,b\n1,"x\n'), Buffer.from([0xe9, 0x0a]), Buffer.from('y"\n2,z\n')]);
    const records = lines.add(file).flatMap((line) => csv.add(line));
    assert.deepEqual(outline(records), [
      [1, 'a|b'],
      [2, 'malformed'],
      [3, 'not-utf8'],
      [4, 'malformed'],
      [5, '2|z'],
    ]);
  });
});

test('takes returns alone for line ends, in pieces of any size', () => {
  for (const size of [1, 2, 3, 100]) {
    assert.deepEqual(outline(read('a,b\r1,"x\ry"\r\n\r2,z\r', size)), [
      [1, 'a|b'],
      [2, '1|x\ny'],
      [5, '2|z'],
    ]);
  }
});

test('takes a quote within a plain cell for text', () => {
  assert.deepEqual(outline(read('user,comment\na,2" board\nb,x\n')).slice(1), [
    [2, 'a|2" board'],
    [3, 'b|x'],
  ]);
});

test('refuses each line of a row whose quotes make it too wide', () => {
  const records = read('user,score,comment\na,7,"2 board\nb,8,",x\nc,9,y\n');
  assert.deepEqual(outline(records).slice(1), [
    [2, 'malformed'],
    [3, 'malformed'],
    [4, 'c|9|y'],
  ]);
});

test('takes empty cells at the end for nothing, and refuses rows of any other width', () => {
  const records = read('a;b\n1;2;;\n1\n1;2;3\n\n3;4');
  assert.deepEqual(outline(records), [
    [1, 'a|b'],
    [2, '1|2'],
    [3, 'malformed'],
    [4, 'malformed'],
    [6, '3|4'],
  ]);
});

test('takes a row without its last cells once it is told how many a row needs', () => {
  const lines = createLineSplitter({ maxLineBytes: 100 });
  const csv = createCsvReader();
  const [head] = lines.add(Buffer.from('a,b,c,d\n')).flatMap((line) => csv.add(line));
  csv.needs(2);
  const rows = lines.add(Buffer.from('1,2,3\n1,2\n1\n')).flatMap((line) => csv.add(line));
  assert.deepEqual(outline([...(head ? [head] : []), ...rows]), [
    [1, 'a|b|c|d'],
    [2, '1|2|3|'],
    [3, '1|2||'],
    [4, 'malformed'],
  ]);
});

test('skips rows of separators only, whatever their width', () => {
  assert.deepEqual(outline(read(';;;\na;b\n;\n;;;;\n "";\n"";""\n1;2\n')).slice(0, 2), [
    [2, 'a|b'],
    [5, ' ""|'],
  ]);
  assert.deepEqual(outline(read(',,\na,b\n,\n"",""\n , \n,,,,\n1,2\n')), [
    [2, 'a|b'],
    [7, '1|2'],
  ]);
});

test('finds the separator of a first line whose names hold line ends and other separators', () => {
  assert.deepEqual(outline(read('"user\nid, or name";score\nu;7\n')), [
    [1, 'user\nid, or name|score'],
    [3, 'u|7'],
  ]);
  assert.deepEqual(outline(read('"a, b, c"\tscore\nu\t7\n')).at(-1), [2, 'u|7']);
  assert.deepEqual(outline(read('"user,score\nu,7\n')).slice(1), [[2, 'u|7']]);
});

test('refuses each line of a row that holds what can be rows, though its width is right', () => {
  const records = read('user,score,comment\na,7,"2 board\nb,8,x\nc,9,3"\nd,5,y\ne,4,"well\nand, good"\n');
  assert.deepEqual(outline(records).slice(1), [
    [2, 'malformed'],
    [3, 'malformed'],
    [4, 'malformed'],
    [5, 'd|5|y'],
    [6, 'e|4|well\nand, good'],
  ]);
});

test('reads a first line whose names hold line ends', () => {
  assert.deepEqual(outline(read('\uFEFFsep=;\r\n"user\r\nid";score\r\nu;7\r\n')), [
    [2, 'user\nid|score'],
    [4, 'u|7'],
  ]);
});
