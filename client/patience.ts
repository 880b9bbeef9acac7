import { NoAnswerError, ProblemError } from './problem.js';

/** How often, and how long, the client waits by itself. */
export interface PatienceOptions {
  /** Tries after the first one. Default 5. */
  retries?: number | undefined;
  /** The longest wait before a try, in milliseconds; whoever says that it will take longer is told to the caller. Default 90,000. */
  longestWaitMs?: number | undefined;
  /** How it waits; for tests. */
  wait?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

export interface Patience {
  /** Waits until another try is worth it. @throws what it was given when none is, and the signal's reason when it is aborted */
  after(error: unknown, signal: AbortSignal | undefined): Promise<void>;
  /** Something came of the last try: the count begins anew. */
  renew(): void;
}

const FIRST_WAIT_MS = 500;
const MOST_DOUBLINGS = 6;

export function createPatience({ retries = 5, longestWaitMs = 90_000, wait = waitFor }: PatienceOptions): Patience {
  let failures = 0;
  return {
    async after(error, signal) {
      signal?.throwIfAborted();
      const known = error instanceof ProblemError || error instanceof NoAnswerError ? error : undefined;
      if (known === undefined || !isPassing(known) || failures >= retries) throw error;
      // Spread, so that all who were turned away together do not come back together.
      const own = FIRST_WAIT_MS * 2 ** Math.min(failures, MOST_DOUBLINGS) * (0.5 + Math.random() / 2);
      const ms = Math.max(known.retryAfterMs ?? 0, Math.min(own, longestWaitMs));
      if (ms > longestWaitMs) throw error;
      failures += 1;
      await wait(ms, signal);
    },
    renew: () => void (failures = 0),
  };
}

/** A request whose answer was lost is under way when the next one comes; a slow stream is cut off, and goes on. */
const PASSING_TYPES = ['urn:passback:problem:idempotency-in-progress', 'urn:passback:problem:body-too-slow'];
const PASSING_STATUSES = [429, 502, 503, 504];

function isPassing(error: ProblemError | NoAnswerError): boolean {
  if (error instanceof NoAnswerError) return error.status === null || PASSING_STATUSES.includes(error.status);
  const { type, status } = error.problem;
  return status === 429 || status === 503 || PASSING_TYPES.includes(type);
}

/** `Retry-After` in milliseconds: seconds, or a date. */
export function readRetryAfter(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

async function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(toError(signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    signal?.addEventListener('abort', giveUp, { once: true });
  });
  signal?.throwIfAborted();
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('Aborted.', { cause: reason });
}
