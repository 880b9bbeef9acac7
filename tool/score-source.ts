import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { parseJsonKeepingIds } from '../domain/parse-json.js';
import { readInstant } from '../domain/read-instant.js';
import { signWebhook } from './sign-webhook.js';

export interface ScoreSourceOptions {
  url: string;
  secret: Uint8Array;
  /** For one page, with its body, in milliseconds. Default 30,000. */
  timeoutMs?: number;
  /** Of one page. Default 5 MB. */
  maxBytes?: number;
}

export interface ProgressRequest {
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** ISO 8601; null: everything. */
  since: string | null;
  cursor: string | null;
  signal: AbortSignal;
}

type SourceFailure = 'ScoreSourceUnreachable' | 'ScoreSourceTooSlow' | 'ScoreSourceRefused' | 'ScoreSourceUnreadable';

/** One page of progress, or why there is none; `isPassing`: the same question may be answered a moment later. */
export type ProgressAnswer = ProgressPage | { failure: SourceFailure; isPassing: boolean };

interface ProgressPage {
  scores: readonly unknown[];
  nextCursor: string | null;
  /** What the tool's clock showed, in ISO 8601: by its own word (`asOf`), else by the HTTP date. Null: nobody knows. */
  toolClock: string | null;
}

export interface ScoreSource {
  /** Never rejects, and never follows a redirect. */
  ask(request: ProgressRequest): Promise<ProgressAnswer>;
  close(): Promise<void>;
}

/** The tool's own endpoint: asked page by page for what changed in one course, with a signature that it can check. */
export function createScoreSource(options: ScoreSourceOptions): ScoreSource {
  const { url, secret, timeoutMs = 30_000, maxBytes = 5_000_000 } = options;
  const agent = new Agent({ connections: 16, connect: { timeout: Math.min(timeoutMs, 10_000) } });
  return {
    async ask({ signal, ...asked }) {
      const body = JSON.stringify({ type: 'progress.requested', ...asked });
      const timeout = AbortSignal.timeout(timeoutMs);
      const headers = {
        ...signWebhook(secret, { id: `msg_${randomUUID()}`, at: new Date(), body }),
        ...{ 'content-type': 'application/json', accept: 'application/json' },
      };
      try {
        const response = await request(url, {
          ...{ method: 'POST', headers, body, dispatcher: agent },
          signal: AbortSignal.any([signal, timeout]),
        });
        const { statusCode: status } = response;
        // Given up halfway, the body tells of it by an event that nobody else waits for.
        response.body.on('error', () => undefined);
        if (status === 204) {
          await response.body.dump();
          return { scores: [], nextCursor: null, toolClock: readDate(response.headers.date) };
        }
        if (status < 200 || status > 299) {
          response.body.destroy();
          return { failure: 'ScoreSourceRefused', isPassing: status === 429 || status >= 500 };
        }
        const text = await readText(response.body, maxBytes);
        return (text === undefined ? undefined : toPage(text, response.headers.date)) ?? unreadable();
      } catch {
        // The error may quote the address with what stands in it; the code says enough.
        if (timeout.aborted) return { failure: 'ScoreSourceTooSlow', isPassing: false };
        return { failure: 'ScoreSourceUnreachable', isPassing: true };
      }
    },
    close: () => agent.destroy(),
  };
}

function unreadable(): ProgressAnswer {
  return { failure: 'ScoreSourceUnreadable', isPassing: false };
}

/** Undefined when it is longer than that, or no UTF-8: each wrong byte would become the same character in an id. */
async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream, and the connection with it.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  return isUtf8(whole) ? whole.toString('utf8') : undefined;
}

/** `{ scores: [ … ], nextCursor, asOf }`; undefined for anything else. An empty cursor is none. */
function toPage(text: string, date: unknown): ProgressPage | undefined {
  let value: unknown;
  try {
    // A score that JavaScript cannot hold becomes a text, and is invalid: it is not rounded in silence.
    value = parseJsonKeepingIds(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('scores' in value) || !Array.isArray(value.scores)) {
    return undefined;
  }
  const scores: readonly unknown[] = value.scores;
  const nextCursor: unknown = ('nextCursor' in value ? value.nextCursor : null) ?? '';
  if (typeof nextCursor !== 'string' || nextCursor.length > 4_096) return undefined;
  const asOf = readInstant('asOf' in value ? value.asOf : undefined);
  const toolClock = typeof asOf === 'string' ? readDate(date) : asOf.toISOString();
  return { scores, nextCursor: nextCursor === '' ? null : nextCursor, toolClock };
}

/** Null for what is none as HTTP writes it: what JavaScript makes of other texts may be a time that nobody meant. */
function readDate(text: unknown): string | null {
  const ms = typeof text === 'string' && /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/.test(text) ? Date.parse(text) : NaN;
  return ms > 0 ? new Date(ms).toISOString() : null;
}
