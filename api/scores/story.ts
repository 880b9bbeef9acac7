import type { StoryReader, StoryRecord } from '../../db/scores/story-reader.js';
import { tellStory, type Story } from '../../domain/story/tell-story.js';
import type { StoryFacts } from '../../domain/story/story-facts.js';
import { explainScore } from './explain.js';
import { waitingFor } from './waiting.js';

/** The newest revisions and attempts that a story tells, of each. */
export const TIMELINE_LENGTH = 50;

/** A story with what it is about. */
export interface ToldStory {
  record: StoryRecord;
  story: Story;
}

/** The story of a score, for whoever sees those platforms; null: all. Undefined: there is none, or not for them. */
export async function findStory(
  stories: Pick<StoryReader, 'find' | 'listEvents'>,
  { id, platforms }: { id: string; platforms: readonly string[] | null },
): Promise<ToldStory | undefined> {
  const record = await stories.find({ id, platforms });
  if (!record) return undefined;
  // Whoever sees some platforms only may not be told what others call their keys, sources and backfills.
  const events = await stories.listEvents(record, { limit: TIMELINE_LENGTH, platforms });
  return { record, story: tellStory(toFacts(record), events) };
}

/** What a verdict is made of. */
export function toFacts(record: StoryRecord): StoryFacts {
  const { whatHappensNext: next, whatYouCanDo: advice } = explainScore(record, []);
  return { score: record, waitingFor: waitingFor(record), next, advice };
}
