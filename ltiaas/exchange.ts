import type { Dispatcher } from 'undici';
import type { Endable, Endings } from './endings.js';
import type { LtiaasErrorKind } from './error.js';

/** The last instant at which a call may begin, on both clocks: the monotonic one stands still while a machine sleeps. */
export interface BeginBy {
  /** On the scale of `performance.now()`. */
  readonly monotonicMs: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Names and values in turn; read, never changed. */
  readonly headers: string[];
  readonly body?: string | undefined;
  /** For the whole call: waiting for a connection, sending, and the answer with its body. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Only the status counts: the body is read and dropped, and once a 2xx is there nothing can spoil it. */
  readonly discardBody: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly beginBy?: BeginBy | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Cut at `maxBytes` when the status is not 2xx. */
  readonly body: string;
  readonly durationMs: number;
}

/** Why there is no answer. `error` is raw and may hold secrets: for the caller's eyes only. */
export interface Interruption {
  readonly interrupted: Exclude<LtiaasErrorKind, 'http' | 'invalidAnswer'>;
  readonly sent: boolean;
  readonly durationMs: number;
  readonly status?: number | undefined;
  readonly error?: Error | undefined;
}

/** Makes one HTTP exchange. Never rejects and never follows a redirect; sends the request at most once. */
export function exchange(
  dispatcher: Dispatcher,
  endings: Endings,
  request: ExchangeRequest,
): Promise<Answer | Interruption> {
  return new Promise((resolve) => new Exchange(request, endings, resolve).start(dispatcher));
}

class Exchange implements Dispatcher.DispatchHandler, Endable {
  readonly #request: ExchangeRequest;
  readonly #endings: Endings;
  readonly #resolve: (end: Answer | Interruption) => void;
  readonly #startedAt = performance.now();
  #chunks: Buffer[] | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #bytes = 0;
  #settled = false;
  #sent = false;
  #status: number | undefined;
  #headers: Answer['headers'] = {};

  constructor(request: ExchangeRequest, endings: Endings, resolve: (end: Answer | Interruption) => void) {
    this.#request = request;
    this.#endings = endings;
    this.#resolve = resolve;
  }

  start(dispatcher: Dispatcher): void {
    const { method, path, headers, body, signal, timeoutMs } = this.#request;
    if (signal?.aborted) return this.#interrupt('aborted');
    if (this.#isTooLate()) return this.#interrupt('notBegun');
    this.#endings.watch(this, timeoutMs, signal);
    dispatcher.dispatch(
      { method, path, headers, body: body ?? null, headersTimeout: 0, bodyTimeout: 0, idempotent: false },
      this,
    );
  }

  /**
   * undici calls this with a connected socket in hand, in the same turn of the event loop in which it writes, so this
   * is the last moment to hold back: a process that slept while connecting must not send after its lane has passed to
   * another. Throwing drops the request and keeps the connection. It also drops a request that was given up while it
   * waited for a connection, and a second sending of one that was sent.
   */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#settled && this.#isTooLate()) this.#interrupt('notBegun');
    if (this.#settled || this.#sent) throw new Error('The call was given up before it was sent.');
    this.#controller = controller;
    this.#sent = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#bytes += chunk.length;
    const excess = this.#bytes - this.#request.maxBytes;
    const isDropped = this.#request.discardBody && this.#isSuccess();
    if (!isDropped) (this.#chunks ??= []).push(excess > 0 ? chunk.subarray(0, chunk.length - excess) : chunk);
    if (excess <= 0) return;
    if (this.#isSuccess()) this.#interrupt('tooLarge');
    else this.#finish();
  }

  onResponseEnd(): void {
    this.#controller = undefined;
    this.#finish();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#controller = undefined;
    this.#interrupt('network', error);
  }

  end(why: 'timeout' | 'aborted'): void {
    this.#interrupt(why);
  }

  #isTooLate(): boolean {
    const { beginBy } = this.#request;
    return beginBy !== undefined && (performance.now() >= beginBy.monotonicMs || Date.now() >= beginBy.wallMs);
  }

  #isSuccess(): boolean {
    return this.#status !== undefined && this.#status >= 200 && this.#status < 300;
  }

  #finish(): void {
    const body = this.#chunks ? Buffer.concat(this.#chunks).toString('utf8') : '';
    this.#settle({ status: this.#status ?? 0, headers: this.#headers, body, durationMs: this.#elapsed() });
  }

  #interrupt(interrupted: Interruption['interrupted'], error?: Error): void {
    if (this.#settled) return;
    if (this.#request.discardBody && this.#isSuccess()) return this.#finish();
    this.#settle({ interrupted, sent: this.#sent, durationMs: this.#elapsed(), status: this.#status, error });
  }

  #settle(end: Answer | Interruption): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#endings.forget(this, this.#request.signal);
    this.#resolve(end);
    // Given up on the way: nothing short of closing the connection stops the rest from coming.
    this.#controller?.abort(new Error('The call was given up.'));
  }

  #elapsed(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }
}
