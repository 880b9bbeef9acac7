import { explainNowhere, explainPerson, type PersonStory } from '../../domain/story/explain-person.js';
import type { FoundPerson, NamedPerson, PersonRecord, StoryReader } from '../../db/scores/story-reader.js';
import type { TargetProblem } from '../../db/scores/score-targets.js';
import { toFacts } from './story.js';

/** Columns of one course of which scores are told. */
export const MOST_SCORES = 200;

/** What is known of a person, with what it is about. */
export interface ToldPerson {
  /** Null: the course is not known. */
  person: FoundPerson | null;
  /** Newest change first. */
  records: PersonRecord[];
  /** There are more than were told. */
  hasMore: boolean;
  story: PersonStory;
}

const NOWHERE = {
  ...{ unknownPlatform: 'unknownPlatform', unknownDeployment: 'unknownDeployment', unknownContext: 'neverLaunched' },
} as const satisfies Record<Exclude<TargetProblem, 'ambiguousDeployment'>, Parameters<typeof explainNowhere>[0]>;

/** All scores of a person in a course. The problem: the caller has to say which of several courses is meant. */
export async function findPersonStory(
  stories: Pick<StoryReader, 'findPerson' | 'listOfPerson'>,
  named: NamedPerson,
): Promise<ToldPerson | { problem: 'ambiguousDeployment' }> {
  const person = await stories.findPerson(named);
  if ('problem' in person) {
    const { problem } = person;
    if (problem === 'ambiguousDeployment') return { problem };
    return { person: null, records: [], hasMore: false, story: explainNowhere(NOWHERE[problem]) };
  }
  const { context, lineItems } = person;
  const { userId } = named;
  const found = await stories.listOfPerson({ context, lineItems, userId, limit: MOST_SCORES + 1 });
  const records = found.slice(0, MOST_SCORES);
  const story = explainPerson({ ...person, scores: records.map(toScoreFacts) });
  return { person, records, hasMore: found.length > records.length, story };
}

const toScoreFacts = (record: PersonRecord) => ({ ...toFacts(record), lastAttempt: record.lastAttempt });
