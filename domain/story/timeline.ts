import type { OriginSource } from '../score-origin.js';
import type { ScoreValue } from '../score.js';
import { sentenceOfFailure } from './failure-sentence.js';
import { sentenceOfDeed } from './deed-words.js';
import type { AttemptFact, DeedFact, RevisionFact, StoryEvents, StoryFacts } from './story-facts.js';
import { gradeOf } from './verdict.js';

/**
 * - `received`: a revision came.
 * - `sent`, `readBack`: one call to the LMS.
 * - `acted`: somebody did something to it, or to what it stands in.
 * - `waiting`: since then something is in its way.
 * - `ended`: it got where it is now.
 * - `differs`: the gradebook was seen to show something else.
 */
export const TIMELINE_KINDS = ['received', 'sent', 'readBack', 'acted', 'waiting', 'ended', 'differs'] as const;

/** One thing that happened. */
export interface TimelineEntry {
  at: string;
  kind: (typeof TIMELINE_KINDS)[number];
  sentence: string;
  revision: number | null;
  /** Of what was received. */
  origin: { source: OriginSource; id: string | null; name: string | null; requestId: string | null } | null;
  /** Of a call. */
  answer: Pick<AttemptFact, 'outcome' | 'status' | 'failureType' | 'code' | 'excerpt'> | null;
  /** Of what somebody did. */
  deed: Pick<DeedFact, 'action' | 'apiKey' | 'keyName' | 'reason'> | null;
}

const plain = { revision: null, origin: null, answer: null, deed: null };

/** All that happened, oldest first. */
export function timelineOf(facts: StoryFacts, events: StoryEvents): TimelineEntry[] {
  const { attempts, deeds } = events;
  const entries = [...received(facts, events), ...attempts.map(called), ...deeds.map(acted), ...ends(facts)];
  return entries.toSorted((one, other) => one.at.localeCompare(other.at));
}

const SOURCES: Readonly<Record<OriginSource, string>> = {
  apiKey: 'was handed in with the API key',
  event: 'came with a webhook event',
  backfill: 'came with the backfill',
  backfillWithdrawn: 'put back what was there before the backfill',
  scoreSource: 'was told by the score source of the tool, in the run',
  unknown: 'came before it was kept from whom',
};

/** The value of a revision is what the next one replaced; that of the last one is the score's own. */
function received({ score }: StoryFacts, { revisions, revisionsLeftOut }: StoryEvents): TimelineEntry[] {
  const entries = revisions.map((fact, place) =>
    toReceived(fact, revisions[place + 1]?.was ?? (fact.revision === score.revision ? score.value : null)),
  );
  if (revisionsLeftOut > 0 || revisions[0]?.revision === 1) return entries;
  const sentence = 'It came for the first time; from whom was not kept then, or no longer is.';
  return [{ ...plain, at: score.createdAt.toISOString(), kind: 'received', sentence, revision: 1 }, ...entries];
}

function toReceived(fact: RevisionFact, value: ScoreValue | null): TimelineEntry {
  const { revision, at, changedAt, source, originId, originName, requestId, was } = fact;
  const what = value ? `Revision ${revision}, ${gradeOf(value)},` : `Revision ${revision}`;
  const name = originName ?? originId;
  const whom = name === null ? SOURCES[source] : `${SOURCES[source]} ${originName === null ? name : `“${name}”`}`;
  const instead = was ? ` It replaced ${gradeOf(was)}.` : '';
  return {
    ...{ at: at.toISOString(), kind: 'received', revision, answer: null, deed: null },
    sentence: `${what} ${whom}; it changed in the tool at ${changedAt.toISOString()}.${instead}`,
    origin: { source, id: originId, name: originName, requestId },
  };
}

const OUTCOMES: Readonly<Record<AttemptFact['kind'], Readonly<Record<string, string>>>> = {
  submit: {
    submitted: 'was sent, and the LMS took it',
    rejected: 'was sent, and refused',
    retryable: 'was to be sent, and failed for now',
    unknown: 'was sent, and whether it arrived is not known',
    confirmed: 'was not sent, since the gradebook shows it',
    held: 'was not sent, since it is kept back',
  },
  readBack: {
    confirmed: 'was looked for in the gradebook, and is there',
    submitted: 'was looked for in the gradebook, and is there',
    absent: 'was looked for in the gradebook, and is not there',
  },
};
const OTHERWISE = { submit: 'was tried', readBack: 'was looked for in the gradebook, which could not be read' };

function called({ startedAt, kind, revision, ...answer }: AttemptFact): TimelineEntry {
  const { outcome, status, failureType, code, excerpt } = answer;
  const answered = answerOf(status, code, failureType !== null);
  const why = failureType === null ? '' : ` ${sentenceOfFailure(failureType)}`;
  const said = excerpt === null || excerpt === '' ? '' : ` The answer: “${excerpt}”.`;
  return {
    ...{
      at: startedAt.toISOString(),
      kind: kind === 'submit' ? 'sent' : 'readBack',
      revision,
      origin: null,
      deed: null,
    },
    sentence: `Revision ${revision} ${OUTCOMES[kind][outcome] ?? OTHERWISE[kind]}${answered}.${why}${said}`,
    answer: { outcome, status, failureType, code, excerpt },
  };
}

function acted({ at, ...deed }: DeedFact): TimelineEntry {
  return { ...plain, at: at.toISOString(), kind: 'acted', sentence: sentenceOfDeed(deed), deed };
}

/** What was found among others had no status of its own. */
function answerOf(status: number | null, code: string | null, hasFailed: boolean): string {
  if (status !== null) return ` (status ${status})`;
  return hasFailed ? ` (${code ?? 'no answer'})` : '';
}

/** Where it is now, and since when: it cannot have waited before it came. */
function ends({ score, waitingFor }: StoryFacts): TimelineEntry[] {
  const { state, revision, failureType, supersededBy, submittedAt, drift } = score;
  const updatedAt = score.updatedAt.toISOString();
  if (waitingFor) {
    const { since, sentence } = waitingFor;
    const cameAt = score.createdAt.toISOString();
    return [
      {
        ...plain,
        at: since === null ? updatedAt : later(since, cameAt),
        kind: 'waiting',
        sentence: `It waits. ${sentence}`,
        revision,
      },
    ];
  }
  const ended = { ...plain, kind: 'ended', revision } as const;
  if (state === 'superseded') {
    return [{ ...ended, at: updatedAt, sentence: `The score ${supersededBy ?? 'of another column'} took its place.` }];
  }
  if (state === 'erased') return [{ ...ended, at: updatedAt, sentence: 'Its student was erased.' }];
  if (state !== 'submitted') {
    const why = failureType === null ? '' : ` ${sentenceOfFailure(failureType)}`;
    return [{ ...ended, at: updatedAt, sentence: `It is at its end, and not in the gradebook.${why}` }];
  }
  const at = submittedAt?.toISOString() ?? updatedAt;
  const arrived: TimelineEntry = { ...ended, at, sentence: `Revision ${revision} is in the gradebook.` };
  if (!drift) return [arrived];
  const shown = drift.resultScore === null ? 'no grade' : `${drift.resultScore} of ${drift.resultMaximum ?? 1}`;
  const sentence = `The gradebook was read, and shows ${shown}.`;
  return [arrived, { ...plain, at: drift.foundAt, kind: 'differs', sentence }];
}

/** Of two instants in the same notation. */
const later = (one: string, other: string): string => (one > other ? one : other);
