import type { AttemptRecord, ScoreRecord } from '../../db/scores/score-reader.js';
import { factsOf, waitingFor } from './waiting.js';

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
    case 'sending':
      return 'Its call is under way.';
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
    case 'held':
      return waitingFor(score)?.reason === 'enrolment'
        ? 'It is kept, and sent by itself when the roster shows this person as a student again.'
        : 'It stays held until somebody decides, or until it changes, when the gradebook is read anew.';
    case 'superseded':
      return `Nothing: see the score ${score.supersededBy ?? 'of the other name'}.`;
    case 'sending':
      return 'The answer of the LMS is recorded when it comes.';
    case 'due':
    case 'unknown':
      return nextOfWaiting(score);
  }
}

function nextOfWaiting(score: ScoreRecord): string {
  const waiting = waitingFor(score);
  if (!waiting) return 'It is sent with the next batch of its course.';
  if (waiting.until !== null) return `It goes on at ${waiting.until}, or sooner when the reason is gone.`;
  if (waiting.reason === 'nightlyRun') return 'The next nightly run sends it.';
  if (waiting.reason === 'readBack')
    return 'The result is read from the LMS; the score is sent again only if it is not there.';
  if (waiting.reason === 'lineItem') return 'As soon as the column is known, it is sent.';
  if (waiting.reason === 'platform') return 'A probe is sent from time to time; when one succeeds, all goes on.';
  return 'It is kept and goes on by itself when the reason is gone.';
}

function advice(score: ScoreRecord): string {
  const waiting = waitingFor(score);
  if (waiting) return waiting.advice;
  if ((score.state === 'rejected' || score.state === 'held') && score.failureType !== null)
    return factsOf(score.failureType).advice;
  return 'Nothing needs to be done.';
}
