import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanaries } from './canary.js';
import { searchText } from './search.js';

const canaries = createCanaries();
for (let count = 0; count < 700; count += 1) canaries.make('freeText', `field ${count}`);
const made = canaries.make('person', 'one of many');
const KEY = 'Ké"y/of+the~test?';
canaries.adopt(KEY, 'secret', 'a key');

const toHex = (text: string): string => Buffer.from(text).toString('hex');
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => `… ${text} …`,
  'in capitals': (text) => text.toUpperCase(),
  'as JSON within JSON': (text) => JSON.stringify(JSON.stringify({ text })),
  'JSON-escaped': (text) => [...Buffer.from(text, 'latin1')].map((byte) => `\\u${toHex4(byte)}`).join(''),
  'URL-encoded': (text) => `https://lms.example/?q=${encodeURIComponent(text)}`,
  'URL-encoded to the last letter': (text) => toHex(text).replaceAll(/../g, (pair) => `%${pair.toUpperCase()}`),
  hex: (text) => `\\x00${toHex(text)}ff`,
  'hex in capitals': (text) => toHex(text).toUpperCase(),
  ...Object.fromEntries(
    ['', 'a', 'ab', 'abc', 'abcd', 'abcde'].flatMap((before) =>
      (['base64', 'base64url'] as const).map((encoding) => [
        `${encoding} after ${before.length} bytes`,
        (text: string) => Buffer.from(`${before}${text} and more`).toString(encoding),
      ]),
    ),
  ),
  'base64 to its end': (text) => `{"data":"${Buffer.from(`x${text}`).toString('base64')}"}`,
};

function toHex4(byte: number): string {
  return byte.toString(16).padStart(4, '0');
}

/** Beyond what programs do to a text that is not of letters alone. */
const ONLY_OF_LETTERS = ['in capitals', 'JSON-escaped', 'URL-encoded to the last letter', 'as JSON within JSON'];

for (const [encoding, write] of Object.entries(ENCODINGS)) {
  test(`finds one ${encoding}, and knows which`, () => {
    const texts = ONLY_OF_LETTERS.includes(encoding) ? [made] : [made, KEY];
    for (const text of texts) {
      const [found] = searchText(`before ${write(text)} after`, canaries);
      assert.equal(found?.canary.text, text);
    }
  });
}

test('finds several in one text, and none where none is', () => {
  const [one = '', two = ''] = canaries.made.map(({ text }) => text).slice(300);
  const found = searchText(`${one}${two} ${Buffer.from(made).toString('base64')}`, canaries);
  assert.deepEqual(
    found.map(({ canary }) => canary.text),
    [one, two, made],
  );
  assert.deepEqual(searchText('zqcanary, zqcanaryzzzz and whatever else', canaries), []);
});
