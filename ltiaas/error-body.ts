import type { AnsweredBy } from './error.js';
import { isRecord } from './read.js';
import type { Scrub } from './scrub.js';
import { cutText } from './storable.js';
import { tellOwnCodes, tellWords, unpack } from './tell-words.js';

const EXCERPT_LENGTH = 500;
const LONGEST_CODE = 100;
/** Scrubbing takes its time, so what comes after is not shown even where the rest is nothing but secrets. */
const LONGEST_SCRUBBED = 20_000;
const LONGEST_WORD = 2_000;
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
  const value = unpack(text);
  const answeredBy = whoAnswered(value);
  const code = answeredBy === 'ltiaas' || answeredBy === 'lms' ? codeIn(value, scrub) : undefined;
  const excerpt = toExcerpt(tellWords(value), scrub);
  return { answeredBy, ...(code && { code }), ...(excerpt && { excerpt }) };
}

/** One line of at most 500 characters. Scrubbed before it is cut, since half a secret is not recognised. */
export function toExcerpt(text: string, scrub: Scrub): string {
  const line = scrub(beginningOf(text)).replaceAll(/\s+/g, ' ').trim();
  return line.length <= EXCERPT_LENGTH ? line : `${cutText(line, EXCERPT_LENGTH - 1)}…`;
}

/** The beginning of a text, without the word at its end: it may be half a secret, and is none if it is longer. */
function beginningOf(text: string): string {
  if (text.length <= LONGEST_SCRUBBED) return text;
  const beginning = text.slice(0, LONGEST_SCRUBBED);
  const lastSpace = Math.max(beginning.lastIndexOf(' '), beginning.lastIndexOf('\n'));
  return lastSpace > LONGEST_SCRUBBED - LONGEST_WORD ? beginning.slice(0, lastSpace) : beginning;
}

function whoAnswered(value: unknown): AnsweredBy {
  if (!isRecord(value)) return 'other';
  const details = unpack(value['details']);
  if (!isRecord(details)) return 'status' in value && 'error' in value ? 'ltiaas' : 'other';
  const relayed =
    details['bodyReceived'] !== undefined || details['externalError'] === true || 'externalUrl' in details;
  return relayed ? 'lms' : 'ltiaas';
}

/** LTIAAS's own code; what the LMS wrote (`bodyReceived`) is not searched. */
function codeIn(value: unknown, scrub: Scrub): string | undefined {
  const details = isRecord(value) ? unpack(value['details']) : undefined;
  const code = isRecord(details) ? details['code'] : undefined;
  if (typeof code === 'string' && code !== '') return cutText(toExcerpt(code, scrub), LONGEST_CODE);
  return CODE_PATTERN.exec(tellOwnCodes(details ?? value))?.[0].slice(0, LONGEST_CODE);
}
