import type { Denial } from './permit-share.js';

/** How often what a process holds is renewed while it sends: other workers' needs and news of trouble show within it. */
export const RENEW_MS = 1_000;
/** Calls that a process may begin between two renewals where the platform has no rate limit. */
export const UNLIMITED_STARTS = 1_000_000;
/** Batches that a deployment's permits are split between while more wait: few enough that each writes in large chunks. */
const BATCHES_AT_ONCE = 4;
/** A refusal is asked about again after this at the earliest. */
const SHORTEST_WAIT_MS = 50;

/** What a batch has of the permits. */
export interface Loan {
  want: number;
  held: number;
  /** Senders that were told to end and still hold their permit. */
  leaving: number;
}

/** What PostgreSQL said to a request for permits. */
export interface PermitAnswer {
  granted: number;
  starts: number;
  waitMs: number;
  reason: string | null;
}

/** The books of one deployment's permits in one process: who has how many, with no clock and no timer. */
export interface PermitLedger {
  /** Permits that are on loan. May be more than were granted, until senders that must leave have left. */
  readonly lent: number;
  readonly granted: number;
  /** Why no call may begin now; null when some may. */
  readonly denied: Denial | null;
  /** The same where it is the platform's own trouble, and no lack of permits. */
  readonly trouble: Denial | null;
  /** What all loans want, which is what is asked for. */
  readonly wanted: number;
  /** Takes over an answer. */
  note(answer: PermitAnswer, nowMs: number): void;
  /** Lends up to `want` of the free permits; null when too few are free for one batch's part, unless any number will do. */
  lend(want: number, isAnyEnough: boolean): Loan | null;
  lendMore(loan: Loan, hasWaiters: boolean): boolean;
  takeBack(loan: Loan): void;
  /** Whether a sender of the loan begins a call, waits for leave to, or ends. */
  begin(loan: Loan, hasWaiters: boolean): 'begins' | 'waits' | 'leaves';
}

export function createPermitLedger(): PermitLedger {
  const loans = new Set<Loan>();
  let granted = 0;
  let lent = 0;
  let leaving = 0;
  let starts = 0;
  let notedAtMs = -Infinity;
  let denied: Denial | null = null;

  const partOf = (want: number): number => Math.min(want, Math.ceil(granted / BATCHES_AT_ONCE));
  const trouble = (): Denial | null => (denied && isPlatformTrouble(denied.reason) ? denied : null);

  return {
    get lent() {
      return lent;
    },
    get granted() {
      return granted;
    },
    get denied() {
      return denied;
    },
    get trouble() {
      return trouble();
    },
    get wanted() {
      return [...loans].reduce((sum, { want }) => sum + want, 0);
    },
    note(answer, nowMs) {
      granted = answer.granted;
      // Leave that was not used stays good until it would have been renewed in any case; a probe is one call.
      const isEarly = nowMs - notedAtMs < RENEW_MS && !isPlatformTrouble(answer.reason);
      starts = Math.min(answer.starts + (isEarly ? starts : 0), UNLIMITED_STARTS);
      notedAtMs = nowMs;
      const mayBegin = answer.granted > 0 && (answer.starts > 0 || !isPlatformTrouble(answer.reason));
      const waitMs = Math.max(answer.waitMs, SHORTEST_WAIT_MS);
      denied = mayBegin ? null : { reason: answer.reason ?? 'permits', waitMs };
    },
    lend(want, isAnyEnough) {
      const held = Math.min(want, granted - lent);
      if (held < 1 || (held < partOf(want) && !isAnyEnough)) return null;
      const loan = { want, held, leaving: 0 };
      loans.add(loan);
      lent += held;
      return loan;
    },
    lendMore(loan, hasWaiters) {
      if (loan.held >= loan.want || hasWaiters || lent >= granted) return false;
      loan.held += 1;
      lent += 1;
      return true;
    },
    takeBack(loan) {
      if (loan.leaving > 0) {
        loan.leaving -= 1;
        leaving -= 1;
      } else {
        // Who ends of its own accord has nothing left to send.
        loan.want = loan.held - 1;
      }
      loan.held -= 1;
      lent -= 1;
      if (loan.held === 0) loans.delete(loan);
    },
    begin(loan, hasWaiters) {
      if (trouble()) return 'leaves';
      // There are fewer permits than senders, or this batch has more than its part while others wait.
      if (lent - leaving > granted || (hasWaiters && loan.held - loan.leaving > partOf(loan.want))) {
        leaving += 1;
        loan.leaving += 1;
        return 'leaves';
      }
      if (starts === 0) return 'waits';
      starts -= 1;
      return 'begins';
    },
  };
}

function isPlatformTrouble(reason: string | null): boolean {
  return reason !== null && reason !== 'permits' && reason !== 'rate';
}
