import type { Knex } from 'knex';
import { eventReasons, type EventReason, type EventState } from '../../domain/event-reasons.js';
import { parseScore, type ParsedScore } from '../../domain/parse-score.js';
import { parseEvent } from '../../domain/parse-event.js';
import { readEvent, toEventReason, type EventFacts, type EventItem } from '../../domain/read-event.js';
import { splitEvent, type EventPart } from '../../domain/split-event.js';
import type { ErasedPeople } from '../privacy/erased-people.js';
import type { EventMapping } from '../../domain/webhook-source.js';
import { withoutErased } from './without-erased.js';
import { findOfAnotherCourse, findReferences, type FoundReference } from './event-places.js';
import { findCourses, type Course } from '../scores/score-targets.js';
import { takeScoresWithin, type PlacedScore, type TakenScore } from '../scores/take-scores.js';

/** An event with what its source says about it. */
export interface EventToJudge {
  id: string;
  /** Our uuid of the source, and the platform ids that it may write to; null: all. */
  source: string;
  platforms: readonly string[] | null;
  mapping: EventMapping;
  /** It is one of several of a body already. */
  isPart: boolean;
  receivedAt: Date;
  /** Null: it cannot be decrypted. */
  body: string | null;
}

/** What became of an event. */
export interface Verdict {
  id: string;
  state: Exclude<EventState, 'stored' | 'expired'>;
  reason: EventReason | null;
  facts: EventFacts & { changedAt?: string };
  /** The item as `POST /v1/scores` would get it, where there is one. */
  item: EventItem | null;
  score: { id: string; revision: number; outcome: 'accepted' | 'unchanged' | 'superseded' } | null;
  /** What a `split` body held. */
  parts: readonly EventPart[];
  /** The course that wants a sync; or whose roster wants to be read again. */
  wake: (Course & { roster: boolean }) | null;
}

type Place = Course & Pick<PlacedScore, 'lineItem'>;

interface Candidate {
  event: EventToJudge;
  facts: Verdict['facts'];
  item: EventItem;
  score: ParsedScore;
  place: Place | null;
}

/**
 * Makes scores of events, in their order, within one transaction, through the same doors as `POST /v1/scores`. Repeating
 * is safe: the same value again is `unchanged`.
 */
export async function judgeEvents(
  trx: Knex.Transaction,
  events: readonly EventToJudge[],
  { now, erased }: { now: Date; erased: ErasedPeople },
): Promise<Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  const end = (
    { event, ...candidate }: Pick<Candidate, 'event' | 'facts'> & { item?: EventItem },
    reason: EventReason,
  ) => void verdicts.set(event.id, { ...toVerdict(event.id, candidate), state: stateOf(reason), reason });

  const whole = events.filter((event) => {
    const split = splitWhole(event);
    if (!split) return true;
    if ('reason' in split) end({ event, facts: {} }, split.reason);
    else verdicts.set(event.id, { ...toVerdict(event.id, { facts: {} }), state: 'split', parts: split.parts });
    return false;
  });
  const read = readAll(whole, end);
  const referenced = await placeReferenced(trx, read, end);
  const parsed = referenced.flatMap((candidate): Candidate[] => {
    const { ok, ...outcome } = parseScore(candidate.item, now);
    if (ok && 'score' in outcome) {
      const facts = { ...candidate.facts, changedAt: outcome.score.changedAt.toISOString() };
      return [{ ...candidate, facts, score: outcome.score }];
    }
    if ('fault' in outcome) end(candidate, toEventReason(outcome.fault, candidate.event.mapping));
    return [];
  });
  const named = await placeByName(trx, parsed, end);
  const placed = await leaveOutErased(trx, erased, named, end);
  const elsewhere = await findOfAnotherCourse(
    trx,
    placed.map(({ place, score }) => ({ context: place.context, userId: score.userId })),
  );
  const wanted = placed.filter((candidate, index) => {
    if (!elsewhere.has(index)) return true;
    end(candidate, { name: 'studentOfAnotherCourse' });
    const verdict = verdicts.get(candidate.event.id);
    if (verdict) verdict.wake = { ...wakeOf(candidate.place), roster: true };
    return false;
  });
  // Only now are columns stored: what was refused leaves none behind.
  const taken = await takeScoresWithin(
    trx,
    wanted.map(({ event, score, place }) => {
      return { ...score, ...place, origin: { source: 'event', id: event.id, requestId: null } };
    }),
  );
  wanted.forEach((candidate, index) => {
    const score = taken[index] ?? missing();
    if (score.outcome === 'wouldClear') end(candidate, { name: 'wouldClearGrade' });
    else verdicts.set(candidate.event.id, toScored(candidate, score));
  });
  return withoutErased(
    trx,
    erased,
    events.map(({ id }) => verdicts.get(id) ?? missing()),
  );
}

type End = (candidate: Pick<Candidate, 'event' | 'facts'> & { item?: EventItem }, reason: EventReason) => void;
type Read = Pick<Candidate, 'event' | 'facts' | 'item' | 'place'>;

function readAll(events: readonly EventToJudge[], end: End): Read[] {
  return events.flatMap((event): Read[] => {
    const document = parseBody(event.body);
    if ('reason' in document) return (end({ event, facts: {} }, document.reason), []);
    const { facts, ...reading } = readEvent(document.value, event.mapping, event.receivedAt);
    if ('reason' in reading) return (end({ event, facts }, reading.reason), []);
    return [{ event, facts, item: reading.item, place: null }];
  });
}

function splitWhole({ body, isPart, mapping }: EventToJudge): ReturnType<typeof splitEvent> {
  return body === null || isPart ? undefined : splitEvent(body, mapping);
}

function parseBody(body: string | null): { value: unknown } | { reason: EventReason } {
  if (body === null) return { reason: { name: 'unreadable' } };
  return parseEvent(body) ?? { reason: { name: 'notJson' } };
}

/** The column's name is not read where a reference has said which one is meant; the score's own rules are. */
async function placeReferenced(trx: Knex.Transaction, candidates: readonly Read[], end: End): Promise<Read[]> {
  const keys = candidates.flatMap(({ event, facts }) =>
    facts.reference === undefined ? [] : [{ source: event.source, reference: facts.reference }],
  );
  const references = await findReferences(trx, keys);
  return candidates.flatMap((candidate): Read[] => {
    const { event, facts, item } = candidate;
    if (facts.reference === undefined) return [candidate];
    const found = references.get(`${event.source} ${facts.reference}`);
    if (!found) return (end(candidate, { name: 'unknownReference' }), []);
    if (found.hasExpired) return (end(candidate, { name: 'referenceExpired' }), []);
    const { platformId, deploymentId, contextId, userId } = found;
    const names = { platformId, deploymentId, contextId, userId };
    const fact = disagreement(facts, found);
    if (fact !== undefined) {
      const mapped = event.mapping[fact];
      const pointer = typeof mapped === 'string' ? mapped : undefined;
      return (end(candidate, { name: 'referenceDisagrees', fact, pointer }), []);
    }
    const { context, deployment, gate, lineItem } = found;
    const place = { context, deployment, gate, lineItem };
    return [
      { event, facts: { ...facts, ...names }, item: { ...item, ...names, lineItem: { id: place.lineItem } }, place },
    ];
  });
}

function disagreement(
  facts: EventFacts,
  found: FoundReference,
): 'platform' | 'deployment' | 'context' | 'student' | undefined {
  const differs = (name: 'platformId' | 'deploymentId' | 'contextId' | 'userId'): boolean =>
    facts[name] !== undefined && facts[name] !== found[name];
  if (differs('userId')) return 'student';
  if (differs('contextId')) return 'context';
  if (differs('platformId')) return 'platform';
  return differs('deploymentId') ? 'deployment' : undefined;
}

/** Nothing is kept of what their events said, the facts included. */
async function leaveOutErased(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  candidates: readonly (Candidate & { place: Place })[],
  end: End,
): Promise<(Candidate & { place: Place })[]> {
  const gone = await erased.find(
    trx,
    candidates.map(({ place, score }) => ({ context: place.context, userId: score.userId })),
  );
  return candidates.filter(({ event }, place) => {
    if (gone.has(place)) end({ event, facts: {} }, { name: 'personErased' });
    return !gone.has(place);
  });
}

/** Each source has its own platforms that it may write to. */
async function placeByName(
  trx: Knex.Transaction,
  candidates: readonly Candidate[],
  end: End,
): Promise<(Candidate & { place: Place })[]> {
  const named = candidates.filter(({ place }) => place === null);
  const courses = await findCourses(
    trx,
    named.map(({ event, score }) => ({ ...score.target, platforms: event.platforms })),
  );
  return candidates.flatMap((candidate) => {
    if (candidate.place) return [{ ...candidate, place: candidate.place }];
    const course = courses.shift() ?? missing();
    if ('problem' in course) return (end(candidate, { name: course.problem }), []);
    return [{ ...candidate, place: { ...course, lineItem: candidate.score.target.lineItem } }];
  });
}

function toVerdict(
  id: string,
  { facts, item }: Pick<Candidate, 'facts'> & { item?: EventItem },
): Omit<Verdict, 'state'> {
  return { id, facts, item: item ?? null, reason: null, score: null, parts: [], wake: null };
}

function toScored(candidate: Candidate, { id, revision, outcome, needsSync, ...course }: TakenScore): Verdict {
  return {
    ...toVerdict(candidate.event.id, candidate),
    state: 'scored',
    score: { id, revision, outcome: outcome === 'wouldClear' ? missing() : outcome },
    wake: needsSync ? { ...wakeOf(course), roster: false } : null,
  };
}

function wakeOf({ context, deployment, gate }: Course): Course {
  return { context, deployment, gate };
}

function stateOf({ name }: EventReason): 'ignored' | 'unmatched' | 'invalid' {
  const { state } = eventReasons[name];
  return state === 'stored' ? missing() : state;
}

function missing(): never {
  throw new Error('An event got no verdict.');
}
