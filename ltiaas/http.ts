import { parseJsonKeepingIds } from '../domain/parse-json.js';
import { buildConnector, Pool } from 'undici';
import { cleanCause, codeOf, LtiaasError, type LtiaasErrorFacts, type LtiaasErrorKind } from './error.js';
import { readErrorBody, toExcerpt } from './error-body.js';
import { createEndings } from './endings.js';
import { exchange, type Answer, type BeginBy, type Interruption } from './exchange.js';
import { createPools } from './pools.js';
import { createScrub, type Scrub } from './scrub.js';

export type { BeginBy } from './exchange.js';

/** A longer one is taken for a mistake. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;
const LONGEST_CONNECT_MS = 10_000;

export interface HttpOptions {
  /** Scheme and host of LTIAAS, with a path prefix if there is one: `https://tool.ltiaas.com`. */
  readonly baseUrl: string;
  /** For one whole call, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined;
  /** Default 2 MB. */
  readonly maxResponseBytes?: number | undefined;
  /** Connections kept alive for each pool, and so the calls of it that can be under way at once. Default 128. */
  readonly connections?: number | undefined;
  /** Values that no error may show, whatever the call: the API key. */
  readonly secrets: readonly string[];
  /** Hears of each call that is over; must not throw. */
  readonly onCall?: ((call: CallFacts) => void) | undefined;
}

/** What may be known of a call by anybody. */
export interface CallFacts {
  /** Method and template. */
  readonly operation: string;
  /** The status, or why there was none. */
  readonly end: number | LtiaasErrorKind;
  readonly durationMs: number;
}

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  /** What stands for the URL in errors and metrics: `/api/lineitems/{id}/scores`. */
  readonly template: string;
  /** The real path with its query. */
  readonly path: string;
  readonly authorization: string;
  /** Values of this call that no error may show: the service key or ltik, the user id. */
  readonly secrets: readonly string[];
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Names what the call shares its connections with: one far side. Undefined: all calls without a name. */
  readonly pool?: string | undefined;
  /** The call is not begun at or after this instant; see {@link BeginBy}. */
  readonly beginBy?: BeginBy | undefined;
}

export interface Http {
  /** Makes a call and gives the JSON of its 2xx answer, whatever content type it names. @throws {LtiaasError} */
  requestJson(call: HttpCall): Promise<unknown>;
  /** Makes a call of which only the status counts. @throws {LtiaasError} unless the status is 2xx */
  send(call: HttpCall): Promise<{ status: number; durationMs: number }>;
  /** Ends idle connections and waits for calls under way. */
  close(): Promise<void>;
}

/** The one way in which calls leave for LTIAAS: kept-alive connections, one request at a time on each. */
export function createHttp(options: HttpOptions): Http {
  const { timeoutMs = 15_000, maxResponseBytes = 2_000_000, connections = 128 } = options;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/(?<!\/)\/+$/, '');
  // One connector for all pools, so that they share the TLS sessions of what is one host.
  const connect = buildConnector({ timeout: Math.min(LONGEST_CONNECT_MS, Math.ceil((timeoutMs * 2) / 3)) });
  const pools = createPools({ makePool: () => new Pool(base.origin, { connections, pipelining: 1, connect }) });

  const endings = createEndings();

  async function call(request: HttpCall, discardBody: boolean): Promise<Answer> {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const taken = pools.take(request.pool);
    const end = await exchange(taken.pool, endings, {
      method: request.method,
      path: prefix + request.path,
      headers: headersOf(request),
      body,
      timeoutMs: request.timeoutMs ?? timeoutMs,
      maxBytes: maxResponseBytes,
      discardBody,
      signal: request.signal,
      beginBy: request.beginBy,
    });
    taken.release();
    const operation = `${request.method} ${request.template}`;
    options.onCall?.({
      operation,
      end: 'interrupted' in end ? end.interrupted : end.status,
      durationMs: end.durationMs,
    });
    if ('interrupted' in end) throw interruptionError(request, end, scrubFor(request));
    if (end.status < 200 || end.status > 299) throw answerError(request, end, scrubFor(request));
    return end;
  }

  const scrubFor = (request: HttpCall): Scrub => createScrub([...options.secrets, ...request.secrets]);

  return {
    async requestJson(request) {
      const answer = await call(request, false);
      const value = parseJson(answer.body);
      if (value !== undefined) return value;
      throw unreadable(request, answer, toExcerpt(answer.body, scrubFor(request)));
    },
    async send(request) {
      const { status, durationMs } = await call(request, true);
      return { status, durationMs };
    },
    close: () => pools.close(),
  };
}

/** The code of an answer that names an address of somebody else. */
export const ELSEWHERE = 'ADDRESS_ELSEWHERE';

/** A 2xx that is not what was asked for. `excerpt` says why and must be clean. */
export function invalidAnswer(call: HttpCall, excerpt: string, code?: string): LtiaasError {
  return new LtiaasError({ ...factsOf(call, 'invalidAnswer', true, 0), excerpt, code });
}

function headersOf(call: HttpCall): string[] {
  const headers = ['accept', 'application/json', 'authorization', call.authorization];
  if (call.body !== undefined) headers.push('content-type', 'application/json');
  return headers;
}

function factsOf(call: HttpCall, kind: LtiaasErrorKind, sent: boolean, durationMs: number): LtiaasErrorFacts {
  return { kind, sent, method: call.method, route: `${call.method} ${call.template}`, durationMs };
}

function interruptionError(call: HttpCall, end: Interruption, scrub: Scrub): LtiaasError {
  const facts = factsOf(call, end.interrupted, end.sent, end.durationMs);
  const code = codeOf(end.error);
  return new LtiaasError({ ...facts, status: end.status, code }, end.error && cleanCause(end.error, scrub));
}

function answerError(call: HttpCall, { status, headers, body, durationMs }: Answer, scrub: Scrub): LtiaasError {
  return new LtiaasError({
    ...factsOf(call, 'http', true, durationMs),
    status,
    ...readErrorBody(body, scrub),
    retryAfterMs: toRetryAfterMs(firstOf(headers['retry-after'])),
    rateRemaining: toNumber(firstOf(headers['x-rate-limit-remaining'])),
  });
}

function unreadable(call: HttpCall, { status, durationMs }: Answer, excerpt: string): LtiaasError {
  return new LtiaasError({ ...factsOf(call, 'invalidAnswer', true, durationMs), status, excerpt });
}

function parseJson(text: string): unknown {
  try {
    return parseJsonKeepingIds(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined; // The caller turns this into an error with the facts of the call.
  }
}

/** `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3); at most a day, undefined when unusable. */
export function toRetryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - nowMs : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.round(Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS));
}

function toNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
