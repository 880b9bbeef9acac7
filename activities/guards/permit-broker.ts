import {
  createPermitLedger,
  lend,
  lendMore,
  noteAnswer,
  RENEW_MS,
  takeBack,
  troubleOf,
  tryBegin,
  UNLIMITED_STARTS,
  wantedBy,
  type Loan,
  type PermitLedger,
} from './permit-ledger.js';
import { createPermitQueue, type PermitQueue } from './permit-queue.js';
import type { Denial, PermitShare } from './permit-share.js';
import type { PermitGrant, GateLimits } from '../../db/platforms/gate-limits.js';

/** How long permits may lie free until there are enough of them for one batch's part. */
const PART_PATIENCE_MS = 50;

export interface PermitBroker {
  /** Lends up to `want` permits, waiting its turn for at most `maxWaitMs`. */
  borrow(input: { gate: string; want: number; maxWaitMs: number }): Promise<PermitShare | Denial>;
  /** Other batches of this process wait for permits of the gate. */
  isContended(gate: string): boolean;
  /** Asks anew at once, after something about the platform was noted. */
  refresh(gate: string): Promise<void>;
}

export interface PermitBrokerOptions {
  limits: Pick<GateLimits, 'takePermits'>;
  /** The number of this process, or null while it has no session. */
  holder: () => number | null;
  /** How long a grant outlives a process that was killed, in milliseconds. */
  ttlMs: number;
}

/**
 * One for each process: holds the process's part of every gate's permits, which all workers share through
 * PostgreSQL, and hands it to batches in the order in which they came. Asking once a second for the whole process,
 * instead of once for every call, is what keeps limits out of the hot path.
 */
export function createPermitBroker(options: PermitBrokerOptions): PermitBroker {
  const counters = new Map<string, Counter>();
  const counterOf = (gate: string): Counter => {
    const counter = counters.get(gate) ?? createCounter(gate, options, () => counters.delete(gate));
    counters.set(gate, counter);
    return counter;
  };
  return {
    borrow: ({ gate, want, maxWaitMs }) => counterOf(gate).borrow(want, maxWaitMs),
    isContended: (gate) => counters.get(gate)?.isContended() ?? false,
    refresh: async (gate) => counters.get(gate)?.refresh(),
  };
}

interface Counter {
  borrow(want: number, maxWaitMs: number): Promise<PermitShare | Denial>;
  isContended(): boolean;
  refresh(): Promise<void>;
}

/** The permits of one gate in this process: who waits for them, and when they are asked for again. */
function createCounter(gate: string, options: PermitBrokerOptions, onIdle: () => void): Counter {
  const ledger = createPermitLedger();
  const queue = createPermitQueue();
  const starters = createStarters();
  let partTimer: NodeJS.Timeout | undefined;
  let asking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const serve = (isAnyEnough = false): void => {
    const trouble = troubleOf(ledger);
    if (trouble) queue.refuseAll(trouble);
    for (let next = queue.first(); next; next = queue.first()) {
      const loan = lend(ledger, next.want, { isAnyEnough });
      if (!loan) break;
      queue.leave(next);
      next.resolve(toShare(loan, { ledger, queue, starters, onReturn: serve }));
    }
    if (queue.hasWaiters() && ledger.granted > ledger.lent) {
      partTimer ??= setTimeout(() => {
        partTimer = undefined;
        serve(true);
      }, PART_PATIENCE_MS);
    }
    starters.wake();
  };

  const refresh = (): Promise<void> => {
    asking ??= ask(gate, options, { wanted: queue.countWanted() + wantedBy(ledger), lent: ledger.lent })
      .then((answer) => {
        noteAnswer(ledger, answer, performance.now());
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
    timer = setTimeout(() => void refresh().catch(() => starters.wake()), wait);
  };

  return {
    borrow(want, maxWaitMs) {
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

interface Lender {
  ledger: PermitLedger;
  queue: PermitQueue;
  starters: Starters;
  onReturn: () => void;
}

function toShare(loan: Loan, { ledger, queue, starters, onReturn }: Lender): PermitShare {
  let size = loan.held;
  return {
    get size() {
      return size;
    },
    denial: () => troubleOf(ledger),
    async mayBegin(signal) {
      while (!signal.aborted) {
        const answer = tryBegin(ledger, loan, { hasWaiters: queue.hasWaiters() });
        if (answer !== 'waits') return answer === 'begins';
        await starters.untilWoken();
      }
      return false;
    },
    more() {
      const isLent = lendMore(ledger, loan, { hasWaiters: queue.hasWaiters() });
      if (isLent) size += 1;
      return isLent;
    },
    giveBack() {
      takeBack(ledger, loan);
      onReturn();
    },
  };
}

/** Senders that wait for leave to begin a call, and look again whenever something changed. */
interface Starters {
  untilWoken(): Promise<void>;
  wake(): void;
}

function createStarters(): Starters {
  const waiting: (() => void)[] = [];
  return {
    untilWoken: () => new Promise((resolve) => void waiting.push(resolve)),
    wake() {
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}

async function ask(
  gate: string,
  { limits, holder, ttlMs }: PermitBrokerOptions,
  { wanted, lent }: { wanted: number; lent: number },
): Promise<PermitGrant> {
  const number = holder();
  if (number === null) return { granted: 0, starts: 0, waitMs: RENEW_MS, reason: 'DatabaseSessionLost' };
  return limits.takePermits({
    gate,
    holder: number,
    want: wanted,
    inFlight: lent,
    starts: UNLIMITED_STARTS,
    ttlMs,
  });
}
