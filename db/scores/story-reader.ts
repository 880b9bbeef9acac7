import type { Knex } from 'knex';
import type {
  AttemptFact,
  RevisionFact,
  StoryEvents,
  StoryRoster,
  StoryScore,
} from '../../domain/story/story-facts.js';
import { hasKeyFor } from '../courses/parking.js';
import { instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import { SUBMITTED } from './carried-values.js';
import { listDeeds, type DeedsWanted } from './story-deeds.js';
import { findCourses, type NamedCourse, type TargetProblem } from './score-targets.js';
import { SCORE_COLUMNS, SCORE_JOINS, type ScoreRecord } from './score-reader.js';
import { isReached } from '../access/reach.js';

/** A score with all that its story tells beside what came and what was called. */
export type StoryRecord = ScoreRecord & StoryScore;

/** Attempts that are counted at most, and those left out with them. */
export const MOST_COUNTED = 1_000;

export interface StoryReader {
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<StoryRecord | undefined>;
  /** The newest revisions, attempts and deeds, `limit` of each; what brought them by name only to who sees all. */
  listEvents(score: StoryRecord, options: DeedsWanted): Promise<StoryEvents>;
  /** Courses that the caller may not see look unknown. Changes nothing. */
  findPerson(named: NamedPerson): Promise<FoundPerson | { problem: TargetProblem }>;
  /** The scores of one person in one course that count, newest change first, of some columns or of all. */
  listOfPerson(
    who: Pick<FoundPerson, 'context' | 'lineItems'> & { userId: string; limit: number },
  ): Promise<PersonRecord[]>;
}

/** A score of a person, with the newest call for it; null: none yet, or it is no longer kept. */
export type PersonRecord = StoryRecord & { lastAttempt: AttemptFact | null };

/** A person in a course, as a caller names both, and the columns that are asked about. */
export interface NamedPerson extends NamedCourse {
  userId: string;
  /** All given parts must hold; without, all columns. */
  lineItem?: NamedLineItem | undefined;
}

export interface NamedLineItem {
  /** The id in the LMS. */
  id?: string | undefined;
  resourceLinkId?: string | undefined;
  resourceId?: string | undefined;
  tag?: string | undefined;
}

export interface FoundPerson {
  /** Our uuid of the course. */
  context: string;
  title: string | null;
  /** A launch allowed scores to be sent, and that still holds. */
  hasKey: boolean;
  roster: StoryRoster;
  /** Our uuids of the columns that were named; null: none was. */
  lineItems: string[] | null;
}

export function createStoryReader(db: Database): StoryReader {
  return {
    find: ({ id, platforms }) => find(db, id, platforms),
    listEvents: (score, options) => listEvents(db, score, options),
    findPerson: (named) => findPerson(db, named),
    async listOfPerson({ context, userId, lineItems, limit }) {
      const bindings = { context, userId, lineItems: lineItems && [...lineItems], limit };
      const rows = await queryRows<StoryRecord & { lastAttempt: LastAttempt | null }>(db, LIST_OF_PERSON, bindings);
      return rows.map(({ lastAttempt: last, ...record }) => ({
        ...record,
        lastAttempt: last && { ...last, startedAt: new Date(last.startedAt) },
      }));
    },
  };
}

/** What the roster (`c`, `m`) says of a person. */
const ROSTER = `json_build_object('readAt', ${instantText('c.roster_read_at')}, 'status', m.status, 'standing', m.standing)`;

const STORY = `${SCORE_COLUMNS}, p.id as platform, d.id as deployment, ${SUBMITTED} as submitted,
  case when x.id is not null then json_build_object('kind', x.kind, 'resultScore', x.result_score,
    'resultMaximum', x.result_maximum, 'foundAt', ${instantText('x.found_at')}) end as drift,
  ${ROSTER} as roster`;
const JOINS = `${SCORE_JOINS}
left join drifts x on x.score = s.id and x.ended_at is null
left join memberships m on m.context = s.context and m.user_id = s.user_id`;

type LastAttempt = Omit<AttemptFact, 'startedAt'> & { startedAt: string };

const LAST_ATTEMPT = `
left join lateral (
  select json_build_object('revision', a.revision, 'kind', a.kind, 'outcome', a.outcome, 'status', a.status,
    'failureType', a.failure_type, 'code', a.code, 'excerpt', a.excerpt, 'startedAt', ${instantText('a.started_at')}) as said
  from attempts a where a.score = s.id and a.started_at > s.created_at - interval '1 day'
  order by a.started_at desc limit 1) a on true`;

/** By the columns of the course and the cell of each, so that a user id that many LMSes share costs nothing. */
const LIST_OF_PERSON = `
select ${STORY}, a.said as "lastAttempt" ${JOINS} ${LAST_ATTEMPT}
where s.id = any (array(
  select cell.id from line_items o cross join lateral (
    select i.id from scores i where i.line_item = o.id and i.user_id = :userId and i.superseded_by is null limit 1) as cell
  where o.context = :context and o.merged_into is null and (:lineItems::uuid[] is null or o.id = any (:lineItems::uuid[]))))
order by s.updated_at desc, s.id limit :limit`;

async function find(db: Database, id: string, platforms: readonly string[] | null): Promise<StoryRecord | undefined> {
  const bindings: Knex.ValueDict = { id, platforms: platforms && [...platforms] };
  return (
    await queryRows<StoryRecord>(db, `select ${STORY} ${JOINS} where s.id = :id and ${isReached()}`, bindings)
  )[0];
}

async function findPerson(
  db: Database,
  { userId, lineItem, ...course }: NamedPerson,
): Promise<FoundPerson | { problem: TargetProblem }> {
  const [found] = await findCourses(db, [course]);
  if (!found || 'problem' in found) return found ?? { problem: 'unknownContext' };
  const { id = null, resourceLinkId = null, resourceId = null, tag = null } = lineItem ?? {};
  const isNamed = lineItem !== undefined;
  const [person] = await queryRows<FoundPerson>(db, FIND_PERSON, {
    ...{ context: found.context, userId, isNamed, id, resourceLinkId, resourceId, tag },
  });
  return person ?? { problem: 'unknownContext' };
}

const FIND_PERSON = `
select c.id as context, c.title, ${hasKeyFor('assignment_and_grades', 'c')} as "hasKey", ${ROSTER} as roster,
  case when :isNamed then array(
    select coalesce(l.merged_into, l.id) from line_items l
    where l.context = c.id and (:id::text is null or l.line_item_id = :id)
      and (:resourceLinkId::text is null or l.resource_link_id = :resourceLinkId)
      and (:resourceId::text is null or l.resource_id = :resourceId) and (:tag::text is null or l.tag = :tag)) end as "lineItems"
from contexts c left join memberships m on m.context = c.id and m.user_id = :userId
where c.id = :context`;

async function listEvents(db: Database, score: StoryRecord, { limit, platforms }: DeedsWanted): Promise<StoryEvents> {
  const { id, createdAt, revision } = score;
  const [revisions, attempts, deeds] = await Promise.all([
    queryRows<RevisionFact>(db, LIST_REVISIONS, { id, createdAt, limit, isNamed: platforms === null }),
    queryRows<AttemptFact & { counted: number }>(db, LIST_ATTEMPTS, { id, createdAt, limit, most: MOST_COUNTED }),
    listDeeds(db, score, { limit, platforms }),
  ]);
  const oldest = revisions.at(-1)?.revision ?? revision;
  return {
    revisions: revisions.toReversed(),
    revisionsLeftOut: revisions.length === limit ? oldest - 1 : 0,
    attempts: attempts.toReversed(),
    attemptsLeftOut: (attempts[0]?.counted ?? 0) - attempts.length,
    deeds: deeds.toReversed(),
  };
}

/** Only weeks in which there can be any are looked into. */
const LIST_REVISIONS = `
select r.revision, r.at, r.changed_at as "changedAt", r.source, r.origin_id as "originId", r.request_id as "requestId",
  r.was, case when :isNamed then coalesce(k.name, y.name || ': ' || e.event_id, b.reason) end as "originName"
from (
  select * from score_revisions where score = :id and at >= :createdAt order by revision desc limit :limit
) as r
left join api_keys k on r.source = 'apiKey' and k.id = r.origin_id
left join webhook_events e on r.source = 'event' and e.id = r.origin_id
left join webhook_sources y on y.id = e.source
left join backfills b on r.source in ('backfill', 'backfillWithdrawn') and b.id = r.origin_id
order by r.revision desc`;

/** The clock of a worker may be another. */
const OF_SCORE = `score = :id and started_at > :createdAt::timestamptz - interval '1 day'`;

const LIST_ATTEMPTS = `
select revision, kind, outcome, status, failure_type as "failureType", code, excerpt, started_at as "startedAt",
  (select count(*) from (select from attempts where ${OF_SCORE} limit :most) as few)::int as counted
from attempts where ${OF_SCORE} order by started_at desc limit :limit`;
