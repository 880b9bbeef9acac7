import type { AttemptRecord, ScoreRecord } from '../../db/scores/score-reader.js';
import { factsOf } from '../../domain/finding-words.js';
import { nextOfWait, waitingFor } from './waiting.js';

/** A score's story for somebody who has never heard of this system. */
export interface Explanation {
  whatHappened: string;
  whatHappensNext: string;
  whatYouCanDo: string;
}

/** Puts the facts of a score into words. `attempts`: oldest first. */
export function explainScore(score: ScoreRecord, attempts: readonly AttemptRecord[]): Explanation {
  return {
    whatHappened: `${accepted(score)} ${tried(attempts)} ${outcome(score)}`.replaceAll(/ {2,}/g, ' ').trim(),
    whatHappensNext: next(score),
    whatYouCanDo: advice(score),
  };
}

function accepted({ revision, value, changedAt }: ScoreRecord): string {
  const what =
    value.scoreGiven === null ? 'The wish to clear the grade' : `${value.scoreGiven} of ${value.scoreMaximum}`;
  return `${what} was accepted as revision ${revision} (changed ${changedAt.toISOString()}).`;
}

function tried(attempts: readonly AttemptRecord[]): string {
  const sent = attempts.filter(({ kind }) => kind === 'submit').length;
  const last = attempts.at(-1);
  if (!last) return '';
  const calls = sent === 1 ? 'one call' : `${sent} calls`;
  const status = last.status === null ? 'without an answer' : `with status ${last.status}`;
  return `So far ${calls} sent a score; the last ${last.kind === 'submit' ? 'call' : 'read-back'} ended ${status}.`;
}

function outcome(score: ScoreRecord): string {
  switch (score.state) {
    case 'submitted':
      return `The LMS has taken this revision${score.submittedAt ? ` at ${score.submittedAt.toISOString()}` : ''}.`;
    case 'rejected':
    case 'held':
      return score.failureType === null ? 'It was rejected.' : factsOf(score.failureType).sentence;
    case 'superseded':
      return 'Two names turned out to mean one gradebook column, and the newer score of the other name won.';
    case 'erased':
      return 'Its student was erased, and what it said is gone.';
    case 'sending':
    case 'due':
    case 'unknown':
      return waitingFor(score)?.sentence ?? '';
  }
}

function next(score: ScoreRecord): string {
  switch (score.state) {
    case 'submitted':
      return 'Nothing, until the score changes.';
    case 'rejected':
      return 'Nothing by itself: it is sent again when it changes, or when somebody retries it.';
    case 'superseded':
      return `Nothing: see the score ${score.supersededBy ?? 'of the other name'}.`;
    case 'erased':
      return 'Nothing.';
    case 'held':
    case 'sending':
    case 'due':
    case 'unknown':
      return score.wait ? nextOfWait(score.wait) : '';
  }
}

function advice(score: ScoreRecord): string {
  const waiting = waitingFor(score);
  if (waiting) return waiting.advice;
  if ((score.state === 'rejected' || score.state === 'held') && score.failureType !== null)
    return factsOf(score.failureType).advice;
  return 'Nothing needs to be done.';
}
