import { setMaxListeners } from 'node:events';

export interface Endable {
  end(why: 'timeout' | 'aborted'): void;
}

/**
 * What ends calls from outside: their time, and signals. A timer and a listener for each call were a good part of its
 * cost, so all that are under way share one timer, and those of a batch, which hang on one signal, one listener.
 */
export interface Endings {
  watch(call: Endable, timeoutMs: number, signal: AbortSignal | undefined): void;
  /** To be called for each that is watched, once it is over. */
  forget(call: Endable, signal: AbortSignal | undefined): void;
}

export interface EndingsOptions {
  /** How late the end of a long call's time may be noticed, in milliseconds. Default 250. */
  readonly tickMs?: number;
  /** A call with less time has a timer of its own. Default 5,000: a tick is a twentieth of it. */
  readonly shortestOnTickMs?: number;
}

export function createEndings({ tickMs = 250, shortestOnTickMs = 5_000 }: EndingsOptions = {}): Endings {
  const endsAtMs = new Map<Endable, number>();
  const timers = new Map<Endable, NodeJS.Timeout>();
  const groups = new WeakMap<AbortSignal, Group>();
  let ticker: NodeJS.Timeout | undefined;

  function tick(): void {
    const nowMs = performance.now();
    for (const [call, atMs] of endsAtMs) if (atMs <= nowMs) call.end('timeout');
    if (endsAtMs.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  }

  function groupOf(signal: AbortSignal): Group {
    const known = groups.get(signal);
    if (known) return known;
    const made = new Group(signal);
    groups.set(signal, made);
    return made;
  }

  return {
    watch(call, timeoutMs, signal) {
      if (signal) groupOf(signal).add(call);
      if (timeoutMs < shortestOnTickMs) {
        timers.set(call, setTimeout(() => call.end('timeout'), timeoutMs)); // prettier-ignore
        return;
      }
      endsAtMs.set(call, performance.now() + timeoutMs);
      // The socket of a call keeps the process alive, so the tick need not, and the one after the last call must not.
      ticker ??= setInterval(tick, tickMs).unref();
    },
    forget(call, signal) {
      if (signal) groups.get(signal)?.remove(call);
      if (endsAtMs.delete(call)) return;
      clearTimeout(timers.get(call));
      timers.delete(call);
    },
  };
}

/** The calls that hang on one signal. Listens while there are any: Node keeps a signal that is listened to. */
class Group {
  readonly #signal: AbortSignal;
  readonly #calls = new Set<Endable>();
  readonly #onAbort = (): void => {
    for (const call of this.#calls) call.end('aborted');
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    // Each client listens for itself, and Node takes more than ten listeners for a leak unless told otherwise.
    setMaxListeners(0, signal);
  }

  add(call: Endable): void {
    if (this.#calls.size === 0) this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#calls.add(call);
  }

  remove(call: Endable): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
