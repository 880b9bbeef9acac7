import type { PermitGrant } from '../../db/platforms/gate-limits.js';
import type { Denial } from './permit-share.js';

/** How often what a process holds is renewed while it sends: other workers' needs and news of trouble show within it. */
export const RENEW_MS = 1_000;
/** Calls that a process may begin between two renewals where the platform has no rate limit. */
export const UNLIMITED_STARTS = 1_000_000;
/** Batches that a gate's permits are split between while more wait: few enough that each writes in large chunks. */
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

/** The books of one gate's permits in one process: who has how many. Without clock and timer. */
export interface PermitLedger {
  granted: number;
  /** Permits that are on loan. May be more than were granted, until senders that must leave have left. */
  lent: number;
  /** Senders, of all loans, that were told to end and still hold their permit. */
  leaving: number;
  /** Calls that may begin until it is renewed. */
  starts: number;
  notedAtMs: number;
  /** Why no call may begin now; null when some may. */
  denied: Denial | null;
  readonly loans: Set<Loan>;
}

export function createPermitLedger(): PermitLedger {
  return { granted: 0, lent: 0, leaving: 0, starts: 0, notedAtMs: -Infinity, denied: null, loans: new Set() };
}

/** Why no call may begin now where that is the platform's own trouble, and no lack of permits. */
export function troubleOf({ denied }: PermitLedger): Denial | null {
  return denied && isPlatformTrouble(denied.reason) ? denied : null;
}

/** What all loans want, which is what is asked for. */
export function wantedBy({ loans }: PermitLedger): number {
  return [...loans].reduce((sum, { want }) => sum + want, 0);
}

/** Takes over what PostgreSQL granted. */
export function noteAnswer(ledger: PermitLedger, answer: PermitGrant, nowMs: number): void {
  // Leave that was not used stays good until it would have been renewed in any case; a probe is one call.
  const isEarly = nowMs - ledger.notedAtMs < RENEW_MS && !isPlatformTrouble(answer.reason);
  const mayBegin = answer.granted > 0 && (answer.starts > 0 || !isPlatformTrouble(answer.reason));
  ledger.granted = answer.granted;
  ledger.starts = Math.min(answer.starts + (isEarly ? ledger.starts : 0), UNLIMITED_STARTS);
  ledger.notedAtMs = nowMs;
  ledger.denied = mayBegin
    ? null
    : { reason: answer.reason ?? 'permits', waitMs: Math.max(answer.waitMs, SHORTEST_WAIT_MS) };
}

/** Lends up to `want` of the free permits; null when too few are free for one batch's part, unless any number will do. */
export function lend(ledger: PermitLedger, want: number, { isAnyEnough }: { isAnyEnough: boolean }): Loan | null {
  const held = Math.min(want, ledger.granted - ledger.lent);
  if (held < 1 || (held < partOf(ledger, want) && !isAnyEnough)) return null;
  const loan = { want, held, leaving: 0 };
  ledger.loans.add(loan);
  ledger.lent += held;
  return loan;
}

/** Lends one more where the batch wanted more, one lies free and nobody waits. */
export function lendMore(ledger: PermitLedger, loan: Loan, { hasWaiters }: { hasWaiters: boolean }): boolean {
  if (loan.held >= loan.want || hasWaiters || ledger.lent >= ledger.granted) return false;
  loan.held += 1;
  ledger.lent += 1;
  return true;
}

export function takeBack(ledger: PermitLedger, loan: Loan): void {
  if (loan.leaving > 0) {
    loan.leaving -= 1;
    ledger.leaving -= 1;
  } else {
    // Who ends of its own accord has nothing left to send.
    loan.want = loan.held - 1;
  }
  loan.held -= 1;
  ledger.lent -= 1;
  if (loan.held === 0) ledger.loans.delete(loan);
}

/** Whether a sender of the loan begins a call, waits for leave to, or ends. */
export function tryBegin(
  ledger: PermitLedger,
  loan: Loan,
  { hasWaiters }: { hasWaiters: boolean },
): 'begins' | 'waits' | 'leaves' {
  if (troubleOf(ledger)) return 'leaves';
  const hasTooMany = hasWaiters && loan.held - loan.leaving > partOf(ledger, loan.want);
  if (ledger.lent - ledger.leaving > ledger.granted || hasTooMany) {
    ledger.leaving += 1;
    loan.leaving += 1;
    return 'leaves';
  }
  if (ledger.starts === 0) return 'waits';
  ledger.starts -= 1;
  return 'begins';
}

/** What one batch gets of the permits while others wait. */
function partOf({ granted }: PermitLedger, want: number): number {
  return Math.min(want, Math.ceil(granted / BATCHES_AT_ONCE));
}

function isPlatformTrouble(reason: string | null): boolean {
  return reason !== null && reason !== 'permits' && reason !== 'rate';
}
