import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineReader } from '../../api/read-lines.js';
import { createLineSplitter, type Line, type SplitOptions } from '../../api/split-lines.js';

/** Text, halves of characters, marks and line ends, in any order. */
const piece = fc.oneof(
  fc
    .constantFrom('a', ',', '"', '\n', '\r', '\r\n', '\n\n', '\ufeff', 'é', '😀', '{"userId":"ada"}', '\0')
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
);
const file = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.concat(pieces));
const options = fc.record<SplitOptions>(
  {
    maxLineBytes: fc.constantFrom(5, 20, 1_000),
    encoding: fc.constantFrom('utf-8', 'windows-1252', 'unknown'),
    mayEndInReturns: fc.boolean(),
  },
  { requiredKeys: ['maxLineBytes'] },
);

function split(pieces: readonly Buffer[], how: SplitOptions): unknown {
  const splitter = createLineSplitter(how);
  const lines = [...pieces.flatMap((bytes) => splitter.add(bytes)), ...splitter.end()];
  return { lines, facts: splitter.facts };
}

test('finds the same lines wherever a file is cut, and in single bytes', () => {
  fc.assert(
    fc.property(file, options, (bytes, how) => {
      const whole = split([bytes], how);
      assert.deepEqual(
        split(
          [...bytes].map((byte) => Buffer.from([byte])),
          how,
        ),
        whole,
      );
      for (let place = 1; place < bytes.length; place += 1) {
        assert.deepEqual(split([bytes.subarray(0, place), bytes.subarray(place)], how), whole, `cut at ${place}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('gives a reader the same lines of a stream, however it is cut and however many are asked for', async () => {
  const read = async (pieces: readonly Buffer[], most: number): Promise<Line[]> => {
    const reader = createLineReader(Readable.from(pieces, { objectMode: false }), { maxLineBytes: 50 });
    const all: Line[] = [];
    for (let lines = await reader.next(most); lines.length > 0; lines = await reader.next(most)) all.push(...lines);
    assert.deepEqual([reader.isBroken(), reader.fault()], [false, undefined]);
    return all;
  };
  // No more lines than are read whatever their size.
  const short = file.filter((bytes) => bytes.toString('latin1').split('\n').length < 20);
  await fc.assert(
    fc.asyncProperty(short, fc.integer({ min: 1, max: 5 }), async (bytes, most) => {
      const whole = await read([bytes], 1_000);
      assert.deepEqual(
        await read(
          [...bytes].map((byte) => Buffer.from([byte])),
          most,
        ),
        whole,
      );
    }),
    { numRuns: 100 },
  );
});
