/** Finds canaries in a text: as they are, and in each way in which a program may have written them down. */
import { DIGITS, MARKER, type Canaries, type Canary } from './canary.js';

export interface Sighting {
  canary: Canary;
  /** How it was written. */
  form: string;
  /** What stands around it. */
  excerpt: string;
}

const AROUND = 90;
const BASE64_OFFSETS = [0, 1, 2] as const;

/** Each canary at most once for each form. */
export function searchText(text: string, canaries: Canaries): Sighting[] {
  const found = new Map<string, Sighting>();
  const note = (canary: Canary | undefined, form: string, at: number): void => {
    if (!canary) return;
    const key = `${form} ${canary.text}`;
    if (!found.has(key))
      found.set(key, { canary, form, excerpt: text.slice(Math.max(at - AROUND, 0), at + AROUND).trim() });
  };
  const lower = text.toLowerCase();
  for (const form of FORMS) {
    const { letters = 1 } = form;
    for (const at of placesOf(lower, form.write(MARKER))) {
      const digits = form.read(lower.slice(at, at + (MARKER.length + DIGITS) * letters));
      note(canaries.find(digits.slice(MARKER.length)), form.name, at);
    }
  }
  for (const offset of BASE64_OFFSETS) {
    for (const at of placesOf(text, base64At(MARKER, offset))) {
      note(canaries.find(digitsInBase64(text.slice(at, at + 40), offset)), `base64 at ${offset}`, at);
    }
  }
  for (const canary of canaries.adopted) {
    for (const [form, written] of waysToWrite(canary.text)) {
      const at = text.indexOf(written);
      if (at >= 0) note(canary, form, at);
    }
  }
  return [...found.values()];
}

interface Form {
  name: string;
  /** What one letter is written with. */
  letters?: number;
  write(text: string): string;
  read(written: string): string;
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const hexPairs = (written: string): string => Buffer.from(written.replaceAll(/%|\\u00/g, ''), 'hex').toString();
const inPairs = (text: string, before: string): string => hexOf(text).replaceAll(/../g, (pair) => `${before}${pair}`);

/** Of letters alone, which URLs and JSON mostly leave as they are: then the plain form finds them. */
const FORMS: readonly Form[] = [
  { name: 'plain', write: (text) => text, read: (written) => written },
  { name: 'hex', letters: 2, write: hexOf, read: hexPairs },
  { name: 'URL-encoded', letters: 3, write: (text) => inPairs(text, '%'), read: hexPairs },
  { name: 'JSON-escaped', letters: 6, write: (text) => inPairs(text, '\\u00'), read: hexPairs },
];

/** A text of any letters. What is in base64 is looked for in its inner part, which what stands around does not change. */
function waysToWrite(text: string): [form: string, written: string][] {
  const ways: [string, string][] = [
    ['plain', text],
    ['URL-encoded', encodeURIComponent(text)],
    ['JSON-escaped', JSON.stringify(text).slice(1, -1)],
    ['JSON-escaped', inPairs(text, '\\u00')],
    ['hex', hexOf(text)],
    ['hex', hexOf(text).toUpperCase()],
  ];
  for (const offset of BASE64_OFFSETS) {
    const written = base64At(text, offset);
    ways.push([`base64 at ${offset}`, written]);
    ways.push([`base64 at ${offset}`, written.replaceAll('+', '-').replaceAll('/', '_')]);
  }
  return ways;
}

/** How many of its first bytes share a group with what stands before it. */
const skipped = (offset: number): number => (3 - offset) % 3;

/** @param offset how many bytes of its group stand before it */
function base64At(text: string, offset: number): string {
  const bytes = Buffer.from(text).subarray(skipped(offset));
  return bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64');
}

function digitsInBase64(written: string, offset: number): string {
  const [run = ''] = /^[\w+/-]*/.exec(written) ?? [];
  const rest = Buffer.from(run.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('latin1');
  const from = MARKER.length - skipped(offset);
  return rest.slice(from, from + DIGITS);
}

function* placesOf(text: string, needle: string): Generator<number> {
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) yield at;
}
