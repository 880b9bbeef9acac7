import type { Operation } from './operation.js';
import { createPatience, readRetryAfter, type PatienceOptions } from './patience.js';
import { looksLikeProblem, NoAnswerError, ProblemError } from './problem.js';
import { toRequest, type Input, type PlainRequest } from './to-request.js';

export interface ClientOptions extends PatienceOptions {
  /** Where Passback is: `https://passback.example.edu`, with a path where it stands below one. */
  url: string;
  /** What is asked each time may change. What needs no key goes without. */
  apiKey?: string | (() => string | Promise<string>) | undefined;
  /** For an answer to what is no file and no stream, in milliseconds. Default 60,000. */
  timeoutMs?: number | undefined;
  /** In place of the global one. */
  fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Of your own, kept with what you do, so that a program that died and came back does it once. Default: a new one. */
  idempotencyKey?: string | undefined;
  /** Beside the client's: the signature of an event, `traceparent`. */
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface Call {
  id: string;
  operation: Operation;
  input: Input;
  options: CallOptions;
  /** Its answer is read bit by bit, and takes as long as it takes. */
  isStreamed?: boolean;
}

export interface Caller {
  /** Calls until there is an answer, which `read` takes from the response. @throws {ProblemError | NoAnswerError} */
  call<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T>;
  /** One try. */
  attempt<T>(call: Call, request: PlainRequest, read: (response: Response) => Promise<T>): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function createCaller(settings: ClientOptions): Caller {
  const { url, apiKey, timeoutMs = DEFAULT_TIMEOUT_MS } = settings;
  const base = new URL(url).href.replace(/\/$/, '');
  const attempt: Caller['attempt'] = async ({ operation, options, isStreamed }, request, read) => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
    const signals = [
      ...(options.signal ? [options.signal] : []),
      ...(request.isFile || isStreamed ? [] : [AbortSignal.timeout(timeoutMs)]),
    ];
    const headers = { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...request.headers };
    const doFetch = settings.fetch ?? fetch;
    let response: Response;
    try {
      response = await doFetch(`${base}${request.target}`, {
        ...{ method: request.method, headers, signal: AbortSignal.any(signals) },
        // The key is for this address alone.
        redirect: 'manual',
        ...(request.body !== undefined && { body: request.body }),
        ...(request.isOneShot && { duplex: 'half' }),
      });
      if (isAnswer(response, operation)) return await read(response);
    } catch (cause) {
      options.signal?.throwIfAborted();
      throw isOurs(cause) ? cause : new NoAnswerError('No answer came.', { cause });
    }
    throw await toError(response);
  };

  return {
    attempt,
    async call(call, read) {
      const { id, operation, input, options } = call;
      const request = toRequest(id, operation, input);
      if (operation.takesKey && (!request.isFile || operation.takesKeyWithFile)) {
        request.headers['idempotency-key'] = options.idempotencyKey ?? crypto.randomUUID();
      } else if (options.idempotencyKey !== undefined) {
        throw new TypeError(`${id} takes no idempotency key${request.isFile ? ' with a file' : ''}.`);
      }
      Object.assign(request.headers, options.headers);
      const patience = createPatience({ ...settings, ...(request.isOneShot && { retries: 0 }) });
      for (let isLost = false; ;) {
        try {
          return await attempt(call, request, read);
        } catch (error) {
          // What the answer that was lost had deleted is not there any more.
          if (isLost && operation.method === 'DELETE' && isNotFound(error)) return await read(new Response(null));
          await patience.after(error, options.signal);
          isLost ||= error instanceof NoAnswerError;
        }
      }
    },
  };
}

const isOurs = (error: unknown): boolean => error instanceof ProblemError || error instanceof NoAnswerError;
const isNotFound = (error: unknown): boolean => error instanceof ProblemError && error.problem.status === 404;

/** By its status, and no problem: some statuses have either. */
function isAnswer({ status, headers }: Response, { answers }: Operation): boolean {
  return answers.includes(status) && !typeOf(headers).endsWith('/problem+json');
}

async function toError(response: Response): Promise<ProblemError | NoAnswerError> {
  const { status, headers } = response;
  const retryAfterMs = readRetryAfter(headers, Date.now());
  const problem = await readJson(response).catch(() => undefined);
  if (looksLikeProblem(problem)) return new ProblemError(problem, retryAfterMs);
  return new NoAnswerError(`Something that is not Passback answered with ${status}.`, { status, retryAfterMs });
}

/** Undefined for nothing. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

function typeOf(headers: Headers): string {
  return (headers.get('content-type') ?? '').replace(/;.*/, '');
}
