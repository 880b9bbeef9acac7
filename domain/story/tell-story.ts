import { forAdministrator, type AdministratorStory } from './for-administrator.js';
import { forStudent } from './for-student.js';
import { helpOf, type Help } from './help.js';
import type { StoryEvents, StoryFacts, StoryWait } from './story-facts.js';
import { timelineOf, type TimelineEntry } from './timeline.js';
import { verdictOf } from './verdict.js';

export interface Story {
  /** One sentence: read this first. */
  verdict: string;
  /** Oldest first, ends with where it is now. */
  timeline: TimelineEntry[];
  /** Older ones than the timeline has. */
  leftOut: { revisions: number; attempts: number };
  waitingFor: StoryWait | null;
  /** What happens next with nobody doing anything, and when where that is known. */
  next: { sentence: string; at: string | null };
  help: Help[];
  forStudent: string;
  forAdministrator: AdministratorStory;
}

/** Tells what became of a score. Pure: who asks has the facts, and may see them. */
export function tellStory(facts: StoryFacts, events: StoryEvents): Story {
  const { waitingFor, next } = facts;
  return {
    verdict: verdictOf(facts),
    timeline: timelineOf(facts, events),
    leftOut: { revisions: events.revisionsLeftOut, attempts: events.attemptsLeftOut },
    waitingFor,
    next: { sentence: next, at: waitingFor?.until ?? null },
    help: helpOf(facts),
    forStudent: forStudent(facts),
    forAdministrator: forAdministrator(facts, events.attempts.at(-1)),
  };
}
