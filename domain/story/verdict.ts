import type { ScoreValue } from '../score.js';
import type { StoryDrift, StoryFacts, StoryScore } from './story-facts.js';
import { sentenceOfFailure } from './failure-sentence.js';

/** A grade in words: `7.5 of 10`. */
export function gradeOf({ scoreGiven, scoreMaximum, clears }: ScoreValue): string {
  if (scoreGiven !== null) return `${scoreGiven} of ${scoreMaximum}`;
  return clears ? 'the wish to clear the grade' : 'progress without a grade';
}

/** The first line of a story: whether the gradebook has the score and, if not, why. One sentence. */
export function verdictOf({ score, waitingFor }: Pick<StoryFacts, 'score' | 'waitingFor'>): string {
  switch (score.state) {
    case 'submitted':
      return score.drift ? verdictOfDrift(score, score.drift) : `In the gradebook: ${taken(score)}.`;
    case 'superseded':
      return 'At its end: its column turned out to be the same as another, whose newer score counts.';
    case 'erased':
      return 'Erased: nothing is kept of what it said, or whose it was.';
    case 'rejected':
    case 'held':
      return `${standing(score)} ${score.failureType === null ? 'it was refused.' : sentenceOfFailure(score.failureType)}`;
    case 'due':
    case 'sending':
    case 'unknown':
      return `${standing(score)} ${waitingFor ? firstSentence(waitingFor.sentence) : 'it is on its way.'}`;
  }
}

function taken({ value, submittedAt }: StoryScore): string {
  const at = submittedAt ? ` at ${submittedAt.toISOString()}` : '';
  return `the LMS took ${gradeOf(value)}${at}`;
}

/** What the gradebook has, as the beginning of a sentence. */
function standing({ state, value, revision, submitted, submittedRevision }: StoryScore): string {
  if (submitted === null) return state === 'held' ? 'Kept back:' : 'Not in the gradebook:';
  if (submittedRevision === revision) return 'To be sent once more:';
  return `The gradebook took ${gradeOf(submitted)} before, and not ${gradeOf(value)}:`;
}

function verdictOfDrift(score: StoryScore, { kind, resultScore, resultMaximum }: StoryDrift): string {
  const shown = resultScore === null ? 'no grade' : `${resultScore} of ${resultMaximum ?? 1}`;
  switch (kind) {
    case 'missing':
    case 'changed':
      return `Not as it was sent: ${taken(score)}, and its gradebook shows ${shown} now.`;
    case 'capped':
      return `In the gradebook, as far as it goes: ${taken(score)}, and its gradebook shows ${shown}, the most it can.`;
    case 'rescaled':
      return `Not as it was sent: ${taken(score)}; the maximum of the column has changed since, and it shows ${shown}.`;
    case 'userGone':
      return `No longer as it was sent: ${taken(score)}; the person has left the course, and it shows ${shown}.`;
  }
}

/** A reason for a wait may go on with what somebody wrote. */
function firstSentence(text: string): string {
  return /^.*?[.!?](?= [A-Z]|$)/.exec(text)?.[0] ?? text;
}
