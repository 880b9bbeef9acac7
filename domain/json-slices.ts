/** Lists in JSON as text: what is taken out of it has the very digits and escapes that were sent. */
import { isIndex, pointerTo } from './json-pointer.js';

/** A list cut out of a document, which is the parts in their order. */
export interface SlicedList {
  before: string;
  entries: string[];
  after: string;
}

/** The list that stands there; undefined where there is none. `text` must be JSON that `JSON.parse` takes. */
export function sliceList(text: string, pointer: string): SlicedList | undefined {
  let at: number | undefined = skipSpace(text, 0);
  for (const token of pointer.split('/').slice(1)) {
    if (at === undefined) return undefined;
    at = text[at] === '{' ? findMember(text, at, token) : findEntry(text, at, token);
  }
  if (at === undefined || text[at] !== '[') return undefined;
  const entries = spansWithin(text, at).map(({ value, end }) => text.slice(value, end));
  return { before: text.slice(0, at), entries, after: text.slice(skipValue(text, at)) };
}

/** Where one thing in an object or list begins, its name if it has one, and where its value begins and ends. */
interface Span {
  name: string | undefined;
  value: number;
  end: number;
}

/** Of members with one name the last one counts, as for `JSON.parse`. */
function findMember(text: string, at: number, token: string): number | undefined {
  return spansWithin(text, at).findLast(({ name }) => name !== undefined && pointerTo('', name) === `/${token}`)?.value;
}

function findEntry(text: string, at: number, token: string): number | undefined {
  if (text[at] !== '[' || !isIndex(token)) return undefined;
  return spansWithin(text, at)[Number(token)]?.value;
}

function spansWithin(text: string, start: number): Span[] {
  const isObject = text[start] === '{';
  const spans: Span[] = [];
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] !== '}' && text[at] !== ']') {
    let name: string | undefined;
    if (isObject) {
      const end = skipString(text, at);
      name = String(JSON.parse(text.slice(at, end)));
      at = skipSpace(text, skipSpace(text, end) + 1);
    }
    const end = skipValue(text, at);
    spans.push({ name, value: at, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return spans;
}

const SPACE = /[ \t\n\r\uFEFF]*/y;
const BARE = /[^\s,\]}]+/y;
/** Up to the next bracket that is not within a text. */
const TO_BRACKET = /[^"[\]{}]*/y;

function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first !== '{' && first !== '[') return endOf(BARE, text, start);
  let depth = 0;
  let at = start;
  do {
    const sign = text[at];
    if (sign === '"') at = skipString(text, at);
    else {
      depth += sign === '{' || sign === '[' ? 1 : -1;
      at += 1;
    }
    if (depth > 0) at = endOf(TO_BRACKET, text, at);
  } while (depth > 0 && at < text.length);
  return at;
}

/** No regular expression: one with alternatives grows its stack with the length of the text. */
function skipString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const skipSpace = (text: string, at: number): number => endOf(SPACE, text, at);

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
