import type { Denial, PermitShare } from './permit-share.js';
import type { PlatformLimitsPort } from '../ports.js';

/** How often what a process holds is renewed while it sends: other workers' needs and news of trouble show within it. */
const RENEW_MS = 1_000;
/** Calls that a process may begin between two renewals where the platform has no rate limit. */
const UNLIMITED_STARTS = 1_000_000;
/** Batches that a deployment's permits are split between while more wait: few enough that each writes in large chunks. */
const BATCHES_AT_ONCE = 4;
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
  limits: PlatformLimitsPort;
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

/** What a batch has of the permits. */
interface Loan {
  want: number;
  held: number;
  /** Senders that were told to end and still hold their permit. */
  leaving: number;
}

interface Waiter {
  want: number;
  resolve(answer: PermitShare | Denial): void;
}

const isPlatformTrouble = (reason: string | null): reason is string =>
  reason !== null && reason !== 'permits' && reason !== 'rate';

/** The permits of one deployment in this process. */
function createCounter(
  deployment: string,
  { limits, holder, ttlMs }: PermitBrokerOptions,
  onIdle: () => void,
): Counter {
  const waiters: Waiter[] = [];
  const starters: (() => void)[] = [];
  const loans = new Set<Loan>();
  let granted = 0;
  let lent = 0;
  let leaving = 0;
  let partTimer: NodeJS.Timeout | undefined;
  let starts = 0;
  let askedAtMs = -Infinity;
  let arrivals = 0;
  let arrivalsCounted = 0;
  let denied: Denial | null = null;
  let asking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const wakeStarters = (): void => {
    for (const wake of starters.splice(0)) wake();
  };

  const partOf = (want: number): number => Math.min(want, Math.ceil(granted / BATCHES_AT_ONCE));

  const serve = (isAnyEnough = false): void => {
    if (denied && isPlatformTrouble(denied.reason)) {
      for (const waiter of waiters.splice(0)) waiter.resolve(denied);
    }
    for (let next = waiters[0]; next && granted > lent; next = waiters[0]) {
      const held = Math.min(next.want, granted - lent);
      if (held < partOf(next.want) && !isAnyEnough) {
        partTimer ??= setTimeout(() => {
          partTimer = undefined;
          serve(true);
        }, PART_PATIENCE_MS);
        break;
      }
      waiters.shift();
      next.resolve(createShare({ want: next.want, held, leaving: 0 }));
    }
    wakeStarters();
  };

  const ask = async (): Promise<void> => {
    const wanted = [...waiters, ...loans].reduce((sum, { want }) => sum + want, 0);
    arrivalsCounted = arrivals;
    const number = holder();
    const answer =
      number === null
        ? { granted: 0, starts: 0, waitMs: RENEW_MS, reason: 'DatabaseSessionLost' }
        : await limits.takePermits({
            deployment,
            holder: number,
            want: wanted,
            inFlight: lent,
            starts: UNLIMITED_STARTS,
            ttlMs,
          });
    granted = answer.granted;
    // Leave that was not used stays good until it would have been renewed in any case; a probe is one call.
    const isEarly = performance.now() - askedAtMs < RENEW_MS && !isPlatformTrouble(answer.reason);
    starts = Math.min(answer.starts + (isEarly ? starts : 0), UNLIMITED_STARTS);
    askedAtMs = performance.now();
    denied =
      answer.granted === 0 || isPlatformTrouble(answer.reason)
        ? { reason: answer.reason ?? 'permits', waitMs: Math.max(answer.waitMs, 50) }
        : null;
    if (answer.granted > 0 && answer.starts > 0) denied = null;
    serve();
  };

  const refresh = (): Promise<void> => {
    asking ??= ask().finally(() => {
      asking = undefined;
      schedule();
    });
    return asking;
  };

  const schedule = (): void => {
    clearTimeout(timer);
    if (lent === 0 && waiters.length === 0 && granted === 0) return onIdle();
    const isUncounted = waiters.length > 0 && arrivals > arrivalsCounted;
    const wait = isUncounted ? 0 : denied && waiters.length > 0 ? Math.min(denied.waitMs, RENEW_MS) : RENEW_MS;
    // A database that is away is asked again in a second; whoever waits looks up from time to time to see its own signal.
    timer = setTimeout(() => void refresh().catch(wakeStarters), wait);
  };

  /** One sender of the loan must end: there are fewer permits than senders, or more than its part while others wait. */
  const mustLeave = (loan: Loan): boolean =>
    lent - leaving > granted || (waiters.length > 0 && loan.held - loan.leaving > partOf(loan.want));

  const createShare = (loan: Loan): PermitShare => {
    let size = loan.held;
    lent += size;
    loans.add(loan);
    return {
      get size() {
        return size;
      },
      denial: () => (denied && isPlatformTrouble(denied.reason) ? denied : null),
      async mayBegin(signal) {
        while (!signal.aborted) {
          if (denied && isPlatformTrouble(denied.reason)) return false;
          if (mustLeave(loan)) {
            leaving += 1;
            loan.leaving += 1;
            return false;
          }
          if (starts > 0) {
            starts -= 1;
            return true;
          }
          await new Promise<void>((resolve) => void starters.push(resolve));
        }
        return false;
      },
      more() {
        if (loan.held >= loan.want || waiters.length > 0 || lent >= granted) return false;
        loan.held += 1;
        lent += 1;
        size += 1;
        return true;
      },
      giveBack() {
        // Who ends of its own accord has nothing left to send.
        if (loan.leaving > 0) {
          loan.leaving -= 1;
          leaving -= 1;
        } else loan.want = loan.held - 1;
        loan.held -= 1;
        lent -= 1;
        if (loan.held === 0) loans.delete(loan);
        serve();
      },
    };
  };

  return {
    async open(want, maxWaitMs) {
      if (want < 1) throw new RangeError('A batch wants at least one permit.');
      const { promise, resolve, reject } = withResolver<PermitShare | Denial>();
      const waiter: Waiter = { want, resolve };
      const leave = (): boolean => {
        const place = waiters.indexOf(waiter);
        if (place >= 0) waiters.splice(place, 1);
        return place >= 0;
      };
      const patience = setTimeout(() => {
        if (leave()) resolve(denied ?? { reason: 'permits', waitMs: RENEW_MS });
      }, maxWaitMs);
      waiters.push(waiter);
      arrivals += 1;
      // A denial of a moment ago may have ended: what resumed a platform must not wait for it to be forgotten.
      if (!denied) serve();
      if (waiters.includes(waiter)) {
        // Who was served meanwhile has a share to give back, and keeps it whatever becomes of the question.
        refresh().catch((error: unknown) => {
          if (leave()) reject(error);
        });
      }
      return promise.finally(() => clearTimeout(patience));
    },
    isContended: () => waiters.length > 0,
    refresh,
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
