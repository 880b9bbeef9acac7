import { failureOf, type Failure, type FailureType } from '../../domain/failure.js';
import { restAfterMs, restOfPlatformMs } from '../../domain/retry.js';
import type { ClaimedScore, SendOutcome } from '../../db/scores/claims.js';
import { WAITS } from '../times.js';

/** A platform that says "slow down" and not for how long is left alone for this long. */
const THROTTLE_REST_MS = 30_000;
/** A platform that asks for less, or says "at once", is given this. */
const SHORTEST_REST_MS = 1_000;
/** A first look at a column or a course that was set aside, doubled at each further one. */
export const FIRST_PROBE_MS = 3_600_000;

/** What a failure means beyond the score that met it. */
export type Consequence =
  | { kind: 'none' }
  | { kind: 'platformTrouble'; type: string }
  | { kind: 'courseUnreadable'; type: string }
  /** `restMs`: as the platform asked, when it did. */
  | { kind: 'platformClosed'; type: string; restMs?: number }
  | { kind: 'throttled'; restMs: number }
  | { kind: 'keyRejected' }
  | { kind: 'contextParked'; type: string; detail: string | null; probeAfterMs: number | null }
  | { kind: 'columnParked'; type: string; detail: string | null; probeAfterMs: number | null };

export interface Judgement {
  outcome: Exclude<SendOutcome['outcome'], 'submitted' | 'confirmed' | 'held'>;
  /** Recorded with the score; it may say more than the single answer did. */
  failureType: FailureType;
  restMs: number;
  consequence: Consequence;
}

/** Says what becomes of a score whose call failed, and what else the failure breaks. `spread` is from 0 to 1. Pure. */
export function judgeFailure(
  failure: Failure,
  score: Pick<ClaimedScore, 'tries' | 'failsAlone'>,
  spread: number,
  settleMs = WAITS.settleMs,
): Judgement {
  return { failureType: failure.type, ...judge(failure, score, spread, settleMs) };
}

function judge(
  failure: Failure,
  { tries, failsAlone }: Pick<ClaimedScore, 'tries' | 'failsAlone'>,
  spread: number,
  settleMs: number,
): Omit<Judgement, 'failureType'> & { failureType?: FailureType } {
  const facts = failureOf(failure.type);
  const asked = failure.retryAfterMs ?? 0;
  if (failure.type === 'CallNotBegun') return { outcome: 'notBegun', restMs: 0, consequence: { kind: 'none' } };
  if (facts.outcomeUnknown) {
    const consequence = troubleOf(failure);
    return { outcome: 'unknown', restMs: Math.max(asked, settleMs), consequence };
  }
  if (facts.radius === 'student') {
    if (!facts.retryable) return { outcome: 'rejected', restMs: 0, consequence: { kind: 'none' } };
    // Open edX answers 500 for ever to a student whom it does not know, while the column takes everyone else's scores.
    if (failsAlone)
      return { outcome: 'rejected', failureType: 'ScoreKeepsFailing', restMs: 0, consequence: { kind: 'none' } };
    const restMs = restAfterMs(tries + 1, spread, asked);
    return { outcome: 'retryable', restMs, consequence: troubleOf(failure) };
  }
  if (failure.type === 'PlatformRateLimited') {
    const restMs = Math.max(failure.retryAfterMs ?? THROTTLE_REST_MS, SHORTEST_REST_MS);
    return { outcome: 'retryable', restMs, consequence: { kind: 'throttled', restMs } };
  }
  return {
    outcome: 'retryable',
    restMs: facts.parks ? 0 : restOfPlatformMs(tries + 1, spread, asked),
    consequence: widerConsequence(failure),
  };
}

/** Failures that meet single scores, and yet are the platform's own when nothing succeeds between them. */
function troubleOf({ type, retryAfterMs }: Failure): Consequence {
  const isTrouble = type === 'PlatformFailed' || type === 'OutcomeUnknown';
  return isTrouble ? outage('PlatformUnavailable', retryAfterMs) : { kind: 'none' };
}

/** An outage that says how long it lasts is one already: four more calls would only prove it. */
function outage(type: string, retryAfterMs: number | undefined): Consequence {
  if (retryAfterMs === undefined) return { kind: 'platformTrouble', type };
  return { kind: 'platformClosed', type, restMs: Math.max(retryAfterMs, SHORTEST_REST_MS) };
}

function widerConsequence({ type, excerpt, retryAfterMs }: Failure): Consequence {
  const facts = failureOf(type);
  if (type === 'ServiceKeyRejected') return { kind: 'keyRejected' };
  const detail = excerpt ?? null;
  if (facts.radius === 'platform') return facts.parks ? { kind: 'platformClosed', type } : outage(type, retryAfterMs);
  // What one course answers, or will never answer, says nothing about the others.
  if (!facts.parks) return facts.retryable ? { kind: 'courseUnreadable', type } : { kind: 'none' };
  const kind = facts.radius === 'context' ? 'contextParked' : 'columnParked';
  return { kind, type, detail, probeAfterMs: FIRST_PROBE_MS };
}

/**
 * That no column was made: only a refusal does. Behind a timeout, a broken answer or a gateway's error the LMS may still
 * make it.
 */
export function provesThatNoneCame({ type, status = 0 }: Failure): boolean {
  return type === 'CallNotBegun' || (status >= 400 && status < 500);
}
