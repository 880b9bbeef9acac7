import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJsonKeepingIds } from '../../domain/parse-json.js';

test('keeps the digits of whole numbers that JavaScript cannot hold', () => {
  const text =
    '{"a":74140000000062630,"b":[74140000000062629,-74140000000062630],"c":9007199254740991,"d":"74140000000062630"}';
  assert.deepEqual(parseJsonKeepingIds(text), {
    ...{ a: '74140000000062630', b: ['74140000000062629', '-74140000000062630'] },
    ...{ c: 9_007_199_254_740_991, d: '74140000000062630' },
  });
});

test('leaves digits alone that stand within a text, or behind a point or an exponent', () => {
  const text = String.raw`{"say \"74140000000062630\" \\":"x: 74140000000062630,","p":0.74140000000062630,"e":7.414e22}`;
  assert.deepEqual(parseJsonKeepingIds(text), JSON.parse(text));
});

test('is JSON.parse for all else, and for what is no JSON', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      fc.pre(!/\d{17}/.test(text));
      assert.deepEqual(parseJsonKeepingIds(`[${text}, 1234567890123456]`), JSON.parse(`[${text}, 1234567890123456]`));
    }),
  );
  for (const text of ['', '{', '[1234567890123456789,]', '"\n1234567890123456789"', '01234567890123456789']) {
    assert.throws(() => parseJsonKeepingIds(text), SyntaxError);
  }
});

test('reads a text of megabytes', () => {
  const long = 'é"\\'.repeat(700_000);
  assert.deepEqual(parseJsonKeepingIds(JSON.stringify([long, 1]).replace(',1]', ',12345678901234567]')), [
    long,
    '12345678901234567',
  ]);
});
