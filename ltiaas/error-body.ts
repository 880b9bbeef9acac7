import type { AnsweredBy } from './error.js';
import type { Scrub } from './scrub.js';

const EXCERPT_LENGTH = 500;
const DEEPEST = 6;

/** Where LTIAAS, LMSes and gateways put what they have to say, most telling first. */
const TELLING_KEYS = [
  'bodyReceived', 'errors', 'details', 'message', 'error_description', 'description', 'detail', 'reason', 'title',
] as const; // prettier-ignore
const CODE_PATTERN = /\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b/;

/** What an answer other than 2xx says. */
export interface ErrorBody {
  readonly answeredBy?: AnsweredBy;
  readonly code?: string;
  readonly excerpt?: string;
}

/**
 * Reads the body of a failed call in all its known shapes: LTIAAS's `{status, error, details{code, message, description,
 * errors[], bodyReceived}}` where `bodyReceived` (the LMS's own answer) is a text, JSON or HTML; an LMS's `errors` as an
 * object or a list; a gateway's `{message}`; a plain HTML page. What we sent (`bodySent`) is never taken over.
 * https://ltiaas.com/guides/troubleshooting/troubleshooting_error_messages
 */
export function readErrorBody(text: string, scrub: Scrub): ErrorBody {
  if (text.trim() === '') return {};
  const value = parseJson(text);
  const answeredBy = whoAnswered(value);
  const code = answeredBy === 'ltiaas' || answeredBy === 'lms' ? codeIn(value) : undefined;
  const excerpt = toExcerpt(isRecord(value) || Array.isArray(value) ? tell(value, DEEPEST) : plain(text), scrub);
  return { answeredBy, ...(code && { code }), ...(excerpt && { excerpt }) };
}

/** One line of at most 500 characters. Scrubbed before it is cut, since half a secret is not recognised. */
export function toExcerpt(text: string, scrub: Scrub): string {
  const line = scrub(text).replaceAll(/\s+/g, ' ').trim();
  return line.length <= EXCERPT_LENGTH ? line : `${line.slice(0, EXCERPT_LENGTH - 1)}…`;
}

function whoAnswered(value: unknown): AnsweredBy {
  if (!isRecord(value)) return 'other';
  const { details } = value;
  if (!isRecord(details)) return 'status' in value && 'error' in value ? 'ltiaas' : 'other';
  const relayed =
    details['bodyReceived'] !== undefined || details['externalError'] === true || 'externalUrl' in details;
  return relayed ? 'lms' : 'ltiaas';
}

/** LTIAAS's own code; what the LMS wrote (`bodyReceived`) is not searched. */
function codeIn(value: unknown): string | undefined {
  const details = isRecord(value) ? value['details'] : undefined;
  if (!isRecord(details)) return undefined;
  if (typeof details['code'] === 'string' && details['code'] !== '') return details['code'].slice(0, 100);
  const own = new Map(Object.entries(details).filter(([key]) => key !== 'bodyReceived'));
  return CODE_PATTERN.exec(tellRecord(own, DEEPEST).join(' '))?.[0].slice(0, 100);
}

function tell(value: unknown, depth: number): string {
  if (typeof value === 'string') return tellText(value, depth);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (depth === 0 || typeof value !== 'object' || value === null) return '';
  const parts = Array.isArray(value)
    ? value.slice(0, 20).map((item: unknown) => tell(item, depth - 1))
    : tellRecord(new Map(Object.entries(value)), depth);
  return [...new Set(parts.filter((part) => part !== ''))].join('; ');
}

function tellRecord(fields: ReadonlyMap<string, unknown>, depth: number): string[] {
  const telling = TELLING_KEYS.map((key) => tell(fields.get(key), depth - 1)).filter((part) => part !== '');
  if (telling.length > 0) return telling;
  return ['error', 'code', 'type'].map((key) => tell(fields.get(key), depth - 1));
}

function tellText(text: string, depth: number): string {
  const nested = depth > 0 && /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  return nested === undefined ? plain(text) : tell(nested, depth - 1);
}

/** The words of a text that may be an HTML page. */
function plain(text: string): string {
  if (!/<[a-z!][^>]{0,200}>/i.test(text.slice(0, 2000))) return text;
  return text
    .slice(0, 20_000)
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]{0,2000}>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined; // Not JSON is an ordinary case here: pages of proxies, plain texts.
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
