import { wordsOfFailure } from './failure-words.js';
import type { AttemptFact, StoryColumn, StoryFacts, StoryScore } from './story-facts.js';
import { verdictOf } from './verdict.js';
import { waitWords } from './wait-words.js';

/** What the administrator of the LMS needs to look into it there. */
export interface AdministratorStory {
  /** All of it, to be copied into a ticket. */
  text: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  userId: string;
  lineItem: Omit<StoryColumn, 'id' | 'lineItemId'> & { id: string | null };
  /** What the LMS answered last; null: nothing was asked of it yet, or it is kept no longer. */
  answered: (Pick<AttemptFact, 'kind' | 'status' | 'code' | 'excerpt'> & { at: string }) | null;
  /** What to look for there. */
  check: string;
}

/** `last`: the newest call. */
export function forAdministrator(facts: StoryFacts, last: AttemptFact | undefined): AdministratorStory {
  const { score } = facts;
  const { platformId, deploymentId, contextId, userId } = score;
  const { lineItemId: id, resourceLinkId, resourceId, tag, label } = score.lineItem;
  const lineItem = { id, resourceLinkId, resourceId, tag, label };
  const check = checkOf(facts);
  const answered = last ? toAnswered(last) : null;
  const text = [
    `LMS ${platformId}, deployment ${deploymentId}, course ${contextId}, user ${userId}, ${columnOf(score)}.`,
    verdictOf(facts),
    answeredText(answered),
    check,
  ].join('\n');
  return { text, platformId, deploymentId, contextId, userId, lineItem, answered, check };
}

function toAnswered({ startedAt, kind, status, code, excerpt }: AttemptFact): AdministratorStory['answered'] {
  return { at: startedAt.toISOString(), kind, status, code, excerpt };
}

function answeredText(answered: AdministratorStory['answered']): string {
  if (!answered) return 'The LMS was not called for it yet, or the record of it is no longer kept.';
  const { at, kind, status, code, excerpt } = answered;
  const call = kind === 'submit' ? 'The last call to send it' : 'The last call to read the result';
  const how =
    status === null ? `got no answer${code === null ? '' : ` (${code})`}` : `was answered with status ${status}`;
  return `${call}, at ${at}, ${how}${excerpt === null || excerpt === '' ? '' : `: “${excerpt}”`}.`;
}

function columnOf({ lineItem }: StoryScore): string {
  const { label, lineItemId, resourceLinkId, resourceId, tag } = lineItem;
  const names = [
    lineItemId === null ? 'not made yet' : `id ${lineItemId}`,
    ...(resourceLinkId === null ? [] : [`resource link ${resourceLinkId}`]),
    ...(resourceId === null ? [] : [`resource ${resourceId}`]),
    ...(tag === null ? [] : [`tag ${tag}`]),
  ];
  return `column ${label === null ? '' : `“${label}” `}(${names.join(', ')})`;
}

function checkOf({ score, waitingFor }: StoryFacts): string {
  if (waitingFor) {
    const { type, reason } = waitingFor;
    return (type === null ? waitWords[reason] : wordsOfFailure(type)).administrator;
  }
  if (score.state === 'superseded') return 'Nothing is to be done in the LMS: the score of another column counts.';
  if (score.state === 'erased') return 'Nothing is to be done in the LMS, unless its own grade is to go too.';
  if (score.state !== 'submitted') return wordsOfFailure(score.failureType ?? 'UnknownAnswer').administrator;
  switch (score.drift?.kind) {
    case undefined:
      return 'Nothing is to be done. If the grade is not shown, check whether it is hidden from students, or not posted yet.';
    case 'missing':
      return 'Look in the history of the gradebook who removed the grade, or whether the column was made anew.';
    case 'changed':
      return 'Look in the history of the gradebook who changed the grade.';
    case 'capped':
      return 'Raise the maximum of the column, or let it take grades above it, if the grade is to show whole.';
    case 'rescaled':
      return 'Look who changed the maximum of the column since.';
    case 'userGone':
      return 'Check the enrolment of this user: the list of members no longer has this person.';
  }
}
