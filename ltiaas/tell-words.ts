import { isRecord } from './read.js';

/** Where LTIAAS, LMSes and gateways put what they have to say, most telling first; capitals are not told apart. */
const TELLING_KEYS = [
  'bodyreceived', 'errors', 'details', 'message', 'error_description', 'description', 'detail', 'reason', 'title',
] as const; // prettier-ignore
/** What is left where no words are: the names of faults. */
const NAMING_KEYS = ['error', 'code', 'type'] as const;

/**
 * Bounds of the work that one answer can cause. How deep words stand says nothing of their worth, so depth is not
 * counted, and texts are opened however often they were packed: only what is opened counts, objects and lists by their
 * number and texts by their length, twice that of the longest answer.
 */
const MOST_OPENED = 1_000;
const MOST_CHARACTERS = 4_000_000;
const MOST_ITEMS = 20;
const LONGEST_PAGE = 20_000;

/** The words of a body of JSON, of JSON packed as text into JSON, of an HTML page or of a plain text. */
export function tellWords(value: unknown): string {
  return createTeller(TELLING_KEYS)(value);
}

/** The same with the codes of whoever answered first, and without what it relays of another (`bodyReceived`). */
export function tellOwnCodes(value: unknown): string {
  return createTeller(['code', ...TELLING_KEYS.filter((key) => key !== 'bodyreceived')])(value);
}

/** Takes a value out of the texts into which it was packed as JSON. A text that is no JSON stays what it is. */
export function unpack(value: unknown): unknown {
  let inner = value;
  let characters = MOST_CHARACTERS;
  while (typeof inner === 'string' && looksLikeJson(inner) && inner.length <= characters) {
    characters -= inner.length;
    const next = parseJson(inner);
    if (next === undefined) return inner;
    inner = next;
  }
  return inner;
}

function createTeller(keys: readonly string[]): (value: unknown) => string {
  let opened = 0;
  let characters = 0;

  function tell(value: unknown): string {
    if (typeof value === 'string') return tellText(value);
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value !== 'object' || value === null || opened >= MOST_OPENED) return '';
    opened += 1;
    return Array.isArray(value) ? join(value.slice(0, MOST_ITEMS).map(tell)) : tellRecord(fieldsOf(value));
  }

  function tellRecord(fields: ReadonlyMap<string, unknown>): string {
    const telling = join(keys.map((key) => (key === 'errors' ? tellErrors(fields.get(key)) : tell(fields.get(key)))));
    return telling === '' ? join(NAMING_KEYS.map((key) => tell(fields.get(key)))) : telling;
  }

  /** Rails, and so Canvas, files errors under the names of the fields that they are about. */
  function tellErrors(errors: unknown): string {
    const told = tell(errors);
    if (told !== '' || !isRecord(errors)) return told;
    const byField = Object.entries(errors).filter(([field]) => field.toLowerCase() !== 'bodysent');
    return join(byField.slice(0, MOST_ITEMS).map(([, value]) => tell(value)));
  }

  function tellText(text: string): string {
    if (!looksLikeJson(text)) {
      const words = plain(text);
      return words !== text && looksLikeJson(words) ? tellText(words) : words;
    }
    characters += text.length;
    if (opened >= MOST_OPENED || characters > MOST_CHARACTERS) return '';
    opened += 1;
    const inner = parseJson(text);
    return inner === undefined ? plain(text) : tell(inner);
  }

  return tell;
}

function join(parts: readonly string[]): string {
  return [...new Set(parts.filter((part) => part !== ''))].join('; ');
}

function fieldsOf(value: object): Map<string, unknown> {
  return new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field]));
}

/** The words of a text that may be an HTML page. */
function plain(text: string): string {
  if (!/<[a-z!][^>]{0,200}>/i.test(text.slice(0, 2_000))) return text;
  return withoutScripts(text)
    .slice(0, LONGEST_PAGE)
    .replaceAll(/<[^<>]{0,2000}>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/&#(?:39|x27);|&apos;/gi, "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Pages begin with scripts and styles that are longer than all they say. One that is not closed swallows the rest. */
function withoutScripts(page: string): string {
  const [beginning = '', ...parts] = page.split(/<(?:script|style)\b/i);
  const rests = parts.map((part) => {
    const end = /<\/(?:script|style)\s*>/i.exec(part);
    return end ? part.slice(end.index + end[0].length) : '';
  });
  return [beginning, ...rests].join(' ');
}

function looksLikeJson(text: string): boolean {
  return /^\s*["[{]/.test(text);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text.trim()); // Which takes off a byte order mark too.
    return value;
  } catch {
    return undefined; // Not JSON is an ordinary case here: pages of proxies, plain texts.
  }
}
