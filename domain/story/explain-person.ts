import { helpOf, type Help } from './help.js';
import { forAdministrator } from './for-administrator.js';
import { forStudent } from './for-student.js';
import type { AttemptFact, StoryFacts, StoryRoster } from './story-facts.js';
import { verdictOf } from './verdict.js';

/**
 * Why there is less to tell than was asked for:
 *
 * - `unknownPlatform`, `unknownDeployment`, `neverLaunched`: no launch has brought it to us, so no score could be taken.
 * - `unknownColumn`: no launch, score or reading of the course has named that column.
 * - `noScore`: we were never given a score for the person there.
 * - `notInRoster`, `leftRoster`, `hasNoGrades`: what the roster says of the person.
 * - `noKey`: no launch allows scores to be sent.
 */
export const PERSON_FINDINGS = [
  ...(['unknownPlatform', 'unknownDeployment', 'neverLaunched', 'unknownColumn', 'noScore'] as const),
  ...(['notInRoster', 'leftRoster', 'hasNoGrades', 'noKey'] as const),
] as const;
type PersonFindingKind = (typeof PERSON_FINDINGS)[number];

export interface PersonFinding {
  kind: PersonFindingKind;
  sentence: string;
  help: Help[];
}

/** What is known of somebody in a course. */
export interface PersonFacts {
  /** Our uuid of the course. */
  context: string;
  hasKey: boolean;
  roster: StoryRoster;
  /** Our uuids of the columns that were named; null: none was. */
  lineItems: readonly string[] | null;
  scores: readonly PersonScoreFacts[];
}

/** `lastAttempt`: the newest call; null: none yet, or it is no longer kept. */
export type PersonScoreFacts = StoryFacts & { lastAttempt: AttemptFact | null };

export interface PersonStory {
  /** One sentence: read this first. */
  verdict: string;
  findings: PersonFinding[];
  /** Of each score, in the order of the facts. */
  scores: { verdict: string; help: Help[]; forStudent: string; forAdministrator: string }[];
}

const HAND_IN: Help = {
  sentence: 'Look in the tool whether it handed the score in, and for which course and user.',
  call: null,
};
const UNMATCHED: Help = {
  sentence: 'Look whether a webhook event is kept that could not be matched.',
  call: { method: 'GET', path: '/v1/webhook-events?state=unmatched', body: null },
};
const LAUNCH: Help = { sentence: 'Open an activity of the tool from the course, once.', call: null };

const NOT_THERE = {
  unknownPlatform: 'This LMS is not known: no launch from it has been recorded, so no score could be taken.',
  unknownDeployment: 'This deployment of the LMS is not known: no launch from it has been recorded.',
  neverLaunched: 'This course has never been launched, so no score could be taken for it.',
} as const satisfies Partial<Record<PersonFindingKind, string>>;

/** Where the place itself is not known to whoever asks. */
export function explainNowhere(kind: keyof typeof NOT_THERE): PersonStory {
  const sentence = NOT_THERE[kind];
  return { verdict: sentence, findings: [{ kind, sentence, help: [LAUNCH] }], scores: [] };
}

/** All that we know of one person in one course. */
export function explainPerson(facts: PersonFacts): PersonStory {
  const scores = facts.scores.map((score) => ({
    ...{ verdict: verdictOf(score), help: helpOf(score), forStudent: forStudent(score) },
    forAdministrator: forAdministrator(score, score.lastAttempt ?? undefined).text,
  }));
  const findings = [...missing(facts), ...ofRoster(facts), ...ofKey(facts)];
  return { verdict: verdictOfAll(facts, scores, findings), findings, scores };
}

function missing({ lineItems, scores }: PersonFacts): PersonFinding[] {
  if (lineItems?.length === 0) {
    const sentence = 'This column is not known in the course: no launch and no score has named it.';
    return [{ kind: 'unknownColumn', sentence, help: [HAND_IN] }];
  }
  if (scores.length > 0) return [];
  const where = lineItems === null ? 'in this course' : 'in this column';
  return [
    { kind: 'noScore', sentence: `We never received a score for this student ${where}.`, help: [HAND_IN, UNMATCHED] },
  ];
}

function ofRoster({ context, roster }: PersonFacts): PersonFinding[] {
  const { readAt, status, standing } = roster;
  const call = { method: 'POST', path: `/v1/contexts/${context}/roster-refresh`, body: null } as const;
  const help: Help[] = [
    { sentence: 'Check the enrolment in the LMS.', call: null },
    { sentence: 'Read the roster of the course again.', call },
  ];
  if (readAt === null) return [];
  if (status === null) {
    const sentence = `This user is not in the roster of the course, which was read at ${readAt}.`;
    return [{ kind: 'notInRoster', sentence, help }];
  }
  if (status !== 'Active') {
    const sentence = `By the roster, read at ${readAt}, this user is no longer an active member of the course.`;
    return [{ kind: 'leftRoster', sentence, help }];
  }
  if (standing !== 'testUser' && standing !== 'observer') return [];
  const what = standing === 'testUser' ? 'a test user' : 'an observer';
  return [{ kind: 'hasNoGrades', sentence: `By the roster this user is ${what}, who has no grades.`, help }];
}

function ofKey({ hasKey }: PersonFacts): PersonFinding[] {
  if (hasKey) return [];
  const sentence = 'No launch of this course allows scores to be sent, or what allowed it has ended.';
  return [{ kind: 'noKey', sentence, help: [LAUNCH] }];
}

function verdictOfAll({ scores }: PersonFacts, told: PersonStory['scores'], [first]: readonly PersonFinding[]): string {
  const [one, ...others] = told;
  if (!one) return first?.sentence ?? 'Nothing is known.';
  if (others.length === 0) return one.verdict;
  const there = scores.filter(({ score }) => score.state === 'submitted' && !score.drift).length;
  if (there === scores.length) return `All ${there} scores of this student are in the gradebook.`;
  return `Of ${scores.length} scores of this student ${there} ${there === 1 ? 'is' : 'are'} in the gradebook.`;
}
