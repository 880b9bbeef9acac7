import { wordsOfFailure } from './failure-words.js';
import type { StoryFacts, StoryScore } from './story-facts.js';
import { waitWords } from './wait-words.js';

const THEIRS = 'Your teacher decides when grades are shown.';
const ASK = 'Please ask your teacher, who may have changed it.';

/**
 * A story that the student may read: nothing of how it works, of other people, of ids. The figure is left out as well, for
 * the teacher may not have shown the grade yet.
 */
export function forStudent({ score, waitingFor }: StoryFacts): string {
  switch (score.state) {
    case 'submitted':
      return arrived(score);
    case 'superseded':
      return `There is a newer grade of yours in the place of ${nameOf(score)}: that one counts.`;
    case 'erased':
      return `What we kept of ${columnOf(score)} was erased.`;
    case 'rejected':
      return join([
        `We have ${nameOf(score)}, but it is not in the gradebook.`,
        earlier(score),
        whyOf(score.failureType),
      ]);
    case 'held':
      return join([`We have ${nameOf(score)}, and it is kept back.`, earlier(score), whyOf(score.failureType)]);
    case 'due':
    case 'sending':
    case 'unknown':
      return join([
        `We have ${nameOf(score)}, and it is on its way to the gradebook.`,
        earlier(score),
        waits(waitingFor),
      ]);
  }
}

function arrived(score: StoryScore): string {
  const on = score.submittedAt ? ` on ${dayOf(score.submittedAt)}` : '';
  switch (score.drift?.kind) {
    case 'missing':
    case 'changed':
    case 'rescaled':
      return `We entered ${nameOf(score)} in the gradebook${on}, and the gradebook shows something else now. ${ASK}`;
    case 'userGone':
      return `We entered ${nameOf(score)} in the gradebook${on}. Since then the course no longer lists you: please ask your teacher.`;
    case 'capped':
    case undefined:
      if (score.value.clears === true) return `We took your grade for ${columnOf(score)} out of the gradebook${on}.`;
      return `We entered ${nameOf(score)} in the gradebook${on}. ${THEIRS}`;
  }
}

const columnOf = ({ lineItem }: StoryScore): string => (lineItem.label ? `“${lineItem.label}”` : 'this activity');

function nameOf(score: StoryScore): string {
  const { scoreGiven, clears } = score.value;
  if (scoreGiven !== null) return `your grade for ${columnOf(score)}`;
  return clears === true ? `the removal of your grade for ${columnOf(score)}` : `your progress in ${columnOf(score)}`;
}

const earlier = ({ submitted, submittedRevision, revision }: StoryScore): string =>
  submitted !== null && submittedRevision !== revision ? 'The gradebook keeps an earlier one.' : '';

const whyOf = (type: string | null): string => (type === null ? '' : wordsOfFailure(type).student);

function waits(waitingFor: StoryFacts['waitingFor']): string {
  if (!waitingFor) return '';
  return waitingFor.type === null ? waitWords[waitingFor.reason].student : wordsOfFailure(waitingFor.type).student;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'].concat([
  ...['October', 'November', 'December'],
]);

/** `27 November 2026`, in UTC. */
const dayOf = (at: Date): string => `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}`;

const join = (sentences: readonly string[]): string => sentences.filter((sentence) => sentence !== '').join(' ');
