import { failureOf, isFailureType } from '../../domain/failure.js';
import { ROSTER_HOLDS } from '../../domain/membership.js';
import type { Parked, ScoreRecord } from '../../db/scores/score-reader.js';

/** What a score that is not at its end waits for, the largest thing first. */
export interface WaitingFor {
  reason:
    | 'nightlyRun'
    | 'contextParked'
    | 'lineItemParked'
    | 'launch'
    | 'platform'
    | 'rest'
    | 'lineItem'
    | 'readBack'
    | 'answer'
    | 'decision'
    | 'enrolment';
  /** The kind of failure behind it, of `domain/failure.ts`; null where it is none. */
  type: string | null;
  sentence: string;
  advice: string;
  since: string | null;
  /** When it goes on without anybody doing anything; null: unknown, or an event must come. */
  until: string | null;
}

/** Null when nothing holds the score back: it is at its end, or goes out with the next batch. */
export function waitingFor(
  score: Pick<ScoreRecord, 'state' | 'awaitsNightly' | 'lineItem' | 'failureType' | 'wait'>,
): WaitingFor | null {
  const { state, wait, lineItem, failureType } = score;
  if (state === 'sending') return plain('answer', 'Its call is under way.', 'Nothing.', null);
  if (state === 'held') return ofHeld(failureType ?? 'HumanGradeUndecided');
  if (state !== 'due' && state !== 'unknown') return null;
  if (state === 'due' && score.awaitsNightly) {
    return plain('nightlyRun', 'It waits for the next nightly run.', 'Start a sync to send it now.', null);
  }
  return (
    ofParked('contextParked', wait.contextParked) ??
    ofParked('lineItemParked', wait.lineItemParked) ??
    ofKey(wait.hasUsableKey) ??
    ofPlatform(wait) ??
    ofRest(wait.restsUntil, failureType) ??
    (state === 'unknown' ? ofReadBack() : ofColumn(lineItem.lineItemId))
  );
}

function plain(reason: WaitingFor['reason'], sentence: string, advice: string, until: string | null): WaitingFor {
  return { reason, type: null, sentence, advice, since: null, until };
}

function ofHeld(type: string): WaitingFor {
  const isByRoster = ROSTER_HOLDS.some((hold) => hold === type);
  return ofFailure(isByRoster ? 'enrolment' : 'decision', type, {});
}

function ofFailure(
  reason: WaitingFor['reason'],
  type: string,
  { since = null, until = null }: { since?: string | null; until?: string | null },
): WaitingFor {
  const { sentence, advice } = factsOf(type);
  return { reason, type, sentence, advice, since, until };
}

/** A type that a newer release stored is shown by its name. */
export function factsOf(type: string): { sentence: string; advice: string } {
  if (isFailureType(type)) return failureOf(type);
  return { sentence: `The reason is ${type}.`, advice: 'Look at the attempts.' };
}

function ofParked(reason: 'contextParked' | 'lineItemParked', parked: Parked | null): WaitingFor | null {
  return parked && ofFailure(reason, parked.type, { since: parked.at, until: parked.until });
}

function ofKey(hasUsableKey: boolean): WaitingFor | null {
  return hasUsableKey ? null : ofFailure('launch', 'ServiceKeyMissing', {});
}

function ofPlatform({ breaker, blockedUntil }: ScoreRecord['wait']): WaitingFor | null {
  if (breaker)
    return ofFailure('platform', breaker.type ?? 'PlatformUnavailable', {
      since: breaker.openedAt,
      until: blockedUntil,
    });
  return blockedUntil === null ? null : ofFailure('platform', 'PlatformRateLimited', { until: blockedUntil });
}

function ofRest(restsUntil: string | null, failureType: string | null): WaitingFor | null {
  if (restsUntil === null) return null;
  if (failureType !== null) return ofFailure('rest', failureType, { until: restsUntil });
  return plain('rest', 'It rests before it is tried again.', 'Nothing, or retry it to send it now.', restsUntil);
}

function ofReadBack(): WaitingFor {
  return ofFailure('readBack', 'OutcomeUnknown', {});
}

function ofColumn(lineItemId: string | null): WaitingFor | null {
  if (lineItemId !== null) return null;
  return plain('lineItem', 'Its gradebook column is not known yet: it is looked for, or made.', 'Nothing.', null);
}
