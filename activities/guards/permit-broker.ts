import { createPermitLedger, RENEW_MS, UNLIMITED_STARTS, type Loan, type PermitAnswer } from './permit-ledger.js';
import type { Denial, PermitShare } from './permit-share.js';
import type { PlatformLimitsStore } from '../../db/platforms/platform-limits.js';

/** How long permits may lie free until there are enough of them for one batch's part. */
const PART_PATIENCE_MS = 50;

export interface PermitBroker {
  /** Lends up to `want` permits, waiting its turn for at most `maxWaitMs`. */
  open(input: { deployment: string; want: number; maxWaitMs: number }): Promise<PermitShare | Denial>;
  /** Other batches of this process wait for permits of the deployment. */
  isContended(deployment: string): boolean;
  /** Asks anew at once, after something about the platform was noted. */
  refresh(deployment: string): Promise<void>;
}

export interface PermitBrokerOptions {
  limits: Pick<PlatformLimitsStore, 'takePermits'>;
  /** The number of this process, or null while it has no session. */
  holder: () => number | null;
  /** How long a grant outlives a process that was killed, in milliseconds. */
  ttlMs: number;
}

/**
 * One for each process: holds the process's part of every deployment's permits, which all workers share through
 * PostgreSQL, and hands it to batches in the order in which they came. Asking once a second for the whole process,
 * instead of once for every call, is what keeps limits out of the hot path.
 */
export function createPermitBroker(options: PermitBrokerOptions): PermitBroker {
  const counters = new Map<string, Counter>();
  const counterOf = (deployment: string): Counter => {
    const counter = counters.get(deployment) ?? createCounter(deployment, options, () => counters.delete(deployment));
    counters.set(deployment, counter);
    return counter;
  };
  return {
    open: ({ deployment, want, maxWaitMs }) => counterOf(deployment).open(want, maxWaitMs),
    isContended: (deployment) => counters.get(deployment)?.isContended() ?? false,
    refresh: async (deployment) => counters.get(deployment)?.refresh(),
  };
}

interface Counter {
  open(want: number, maxWaitMs: number): Promise<PermitShare | Denial>;
  isContended(): boolean;
  refresh(): Promise<void>;
}

/** The permits of one deployment in this process: who waits for them, and when they are asked for again. */
function createCounter(deployment: string, options: PermitBrokerOptions, onIdle: () => void): Counter {
  const ledger = createPermitLedger();
  const queue = createQueue();
  const starters: (() => void)[] = [];
  let partTimer: NodeJS.Timeout | undefined;
  let asking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const wakeStarters = (): void => {
    for (const wake of starters.splice(0)) wake();
  };
  const untilWoken = (): Promise<void> => new Promise((resolve) => void starters.push(resolve));

  const serve = (isAnyEnough = false): void => {
    if (ledger.trouble) queue.refuseAll(ledger.trouble);
    for (let next = queue.first(); next; next = queue.first()) {
      const loan = ledger.lend(next.want, isAnyEnough);
      if (!loan) break;
      queue.leave(next);
      next.resolve(toShare(loan));
    }
    if (queue.first() && ledger.granted > ledger.lent) {
      partTimer ??= setTimeout(() => {
        partTimer = undefined;
        serve(true);
      }, PART_PATIENCE_MS);
    }
    wakeStarters();
  };

  const toShare = (loan: Loan): PermitShare => {
    let size = loan.held;
    return {
      get size() {
        return size;
      },
      denial: () => ledger.trouble,
      async mayBegin(signal) {
        while (!signal.aborted) {
          const answer = ledger.begin(loan, queue.hasWaiters());
          if (answer !== 'waits') return answer === 'begins';
          await untilWoken();
        }
        return false;
      },
      more() {
        const isLent = ledger.lendMore(loan, queue.hasWaiters());
        if (isLent) size += 1;
        return isLent;
      },
      giveBack() {
        ledger.takeBack(loan);
        serve();
      },
    };
  };

  const refresh = (): Promise<void> => {
    asking ??= ask(deployment, options, { wanted: queue.countWanted() + ledger.wanted, lent: ledger.lent })
      .then((answer) => {
        ledger.note(answer, performance.now());
        serve();
      })
      .finally(() => {
        asking = undefined;
        schedule();
      });
    return asking;
  };

  const schedule = (): void => {
    clearTimeout(timer);
    if (ledger.lent === 0 && !queue.hasWaiters() && ledger.granted === 0) return onIdle();
    const deniedMs = ledger.denied && queue.hasWaiters() ? ledger.denied.waitMs : RENEW_MS;
    // A database that is away is asked again in a second; whoever waits looks up from time to time to see its own signal.
    const wait = queue.hasUncounted() ? 0 : Math.min(deniedMs, RENEW_MS);
    timer = setTimeout(() => void refresh().catch(wakeStarters), wait);
  };

  return {
    open(want, maxWaitMs) {
      if (want < 1) return Promise.reject(new RangeError('A batch wants at least one permit.'));
      const waiter = queue.join(want, maxWaitMs, () => ledger.denied ?? { reason: 'permits', waitMs: RENEW_MS });
      // A denial of a moment ago may have ended: what resumed a platform must not wait for it to be forgotten.
      if (!ledger.denied) serve();
      // Who is served meanwhile has a share to give back, and keeps it whatever becomes of the question.
      if (queue.has(waiter)) refresh().catch((error: unknown) => queue.leave(waiter) && waiter.reject(error));
      return waiter.answer;
    },
    isContended: () => queue.hasWaiters(),
    refresh,
  };
}

async function ask(
  deployment: string,
  { limits, holder, ttlMs }: PermitBrokerOptions,
  { wanted, lent }: { wanted: number; lent: number },
): Promise<PermitAnswer> {
  const number = holder();
  if (number === null) return { granted: 0, starts: 0, waitMs: RENEW_MS, reason: 'DatabaseSessionLost' };
  return limits.takePermits({
    deployment,
    holder: number,
    want: wanted,
    inFlight: lent,
    starts: UNLIMITED_STARTS,
    ttlMs,
  });
}

interface Waiter {
  readonly want: number;
  readonly answer: Promise<PermitShare | Denial>;
  resolve(answer: PermitShare | Denial): void;
  reject(error: unknown): void;
}

interface Queue {
  /** Adds a batch to the end; after `patienceMs` it leaves with a refusal. */
  join(want: number, patienceMs: number, refusal: () => Denial): Waiter;
  first(): Waiter | undefined;
  has(waiter: Waiter): boolean;
  /** False: it had left already. */
  leave(waiter: Waiter): boolean;
  refuseAll(denial: Denial): void;
  hasWaiters(): boolean;
  /** What those who wait want, which counts them. */
  countWanted(): number;
  /** Somebody came since they were counted. */
  hasUncounted(): boolean;
}

/** Batches that wait for permits, in the order in which they came. */
function createQueue(): Queue {
  const waiters: Waiter[] = [];
  let isCounted = true;
  const leave = (waiter: Waiter): boolean => {
    const place = waiters.indexOf(waiter);
    if (place >= 0) waiters.splice(place, 1);
    return place >= 0;
  };
  return {
    join(want, patienceMs, refusal) {
      const { promise, resolve, reject } = withResolver<PermitShare | Denial>();
      const patience = setTimeout(() => leave(waiter) && resolve(refusal()), patienceMs);
      const waiter: Waiter = { want, resolve, reject, answer: promise.finally(() => clearTimeout(patience)) };
      waiters.push(waiter);
      isCounted = false;
      return waiter;
    },
    first: () => waiters[0],
    has: (waiter) => waiters.includes(waiter),
    leave,
    refuseAll(denial) {
      for (const waiter of waiters.splice(0)) waiter.resolve(denial);
    },
    hasWaiters: () => waiters.length > 0,
    countWanted() {
      isCounted = true;
      return waiters.reduce((sum, { want }) => sum + want, 0);
    },
    hasUncounted: () => !isCounted && waiters.length > 0,
  };
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
