import type { Denial, PermitShare } from './permit-share.js';

export interface PermitWaiter {
  readonly want: number;
  readonly answer: Promise<PermitShare | Denial>;
  resolve(answer: PermitShare | Denial): void;
  reject(error: unknown): void;
}

/** Batches that wait for permits, in the order in which they came. */
export interface PermitQueue {
  /** Adds a batch to the end; after `patienceMs` it leaves with a refusal. */
  join(want: number, patienceMs: number, refusal: () => Denial): PermitWaiter;
  first(): PermitWaiter | undefined;
  has(waiter: PermitWaiter): boolean;
  /** False: it had left already. */
  leave(waiter: PermitWaiter): boolean;
  refuseAll(denial: Denial): void;
  hasWaiters(): boolean;
  /** What those who wait want, which counts them. */
  countWanted(): number;
  /** Somebody came since they were counted. */
  hasUncounted(): boolean;
}

export function createPermitQueue(): PermitQueue {
  const waiters: PermitWaiter[] = [];
  let isCounted = true;
  const leave = (waiter: PermitWaiter): boolean => {
    const place = waiters.indexOf(waiter);
    if (place >= 0) waiters.splice(place, 1);
    return place >= 0;
  };
  return {
    join(want, patienceMs, refusal) {
      const { promise, resolve, reject } = withResolver<PermitShare | Denial>();
      const patience = setTimeout(() => leave(waiter) && resolve(refusal()), patienceMs);
      const waiter: PermitWaiter = { want, resolve, reject, answer: promise.finally(() => clearTimeout(patience)) };
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
