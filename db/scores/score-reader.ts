import type { Knex } from 'knex';
import type { Priority, ScoreState, ScoreValue } from '../../domain/score.js';
import type { AttemptFact } from '../../domain/story/story-facts.js';
import type { Wait, WaitReason } from '../../domain/wait.js';
import { queryRows, type Database } from '../server/knex.js';
import { WAIT, WAIT_REASON } from './readiness.js';
import { isReached } from '../access/reach.js';

/** A column by all of its names. */
export interface NamedLineItem {
  id: string;
  /** Null: wanted, and not yet found or made in the LMS. */
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
}

/** One score with its names, in LTI ids and our uuids. */
export interface ScoreRecord {
  id: string;
  seq: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  context: string;
  gate: string;
  lineItem: NamedLineItem;
  userId: string;
  value: ScoreValue;
  changedAt: Date;
  revision: number;
  state: ScoreState;
  priority: Priority;
  awaitsNightly: boolean;
  tries: number;
  submittedRevision: number | null;
  submittedAt: Date | null;
  failureType: string | null;
  failureDetail: string | null;
  supersededBy: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Null: it is at its end. */
  wait: Wait | null;
}

/** One HTTP call for a score, kept as evidence. */
export interface AttemptRecord extends AttemptFact {
  durationMs: number;
  serviceKeyId: string | null;
  workflowRun: string | null;
}

/** What callers may ask for; all given parts must hold. */
export interface ScoreFilter {
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  contextId?: string | undefined;
  /** The LMS's id of the column. */
  lineItemId?: string | undefined;
  resourceLinkId?: string | undefined;
  resourceId?: string | undefined;
  tag?: string | undefined;
  /** Our uuid of the course. */
  context?: string | undefined;
  userId?: string | undefined;
  /** One state, or any of several. */
  state?: ScoreState | readonly ScoreState[] | undefined;
  failureType?: string | undefined;
  /** Rejected or held since this instant or later, and it still is. In ISO 8601, as is the next. */
  failedAfter?: string | undefined;
  /** And since before this one. */
  failedBefore?: string | undefined;
}

export interface ScoreListFilter extends ScoreFilter {
  /** Any of these reasons. */
  waitingFor?: readonly WaitReason[] | undefined;
}

/** Newest first. */
export interface ScorePage extends ScoreListFilter {
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
  /** The `seq` of the last one seen. */
  before: string | null;
  limit: number;
}

export interface ScoreReader {
  /** A page, newest first. */
  list(page: ScorePage): Promise<ScoreRecord[]>;
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<ScoreRecord | undefined>;
  /** The newest attempts of a score, oldest of them first. */
  listAttempts(score: string, limit: number): Promise<AttemptRecord[]>;
}

export function createScoreReader(db: Database): ScoreReader {
  return {
    list: (page) => listScores(db, page),
    find: (visible) => findScore(db, visible),
    listAttempts: (score, limit) => listAttempts(db, score, limit),
  };
}

export const SCORE_JOINS = `
from scores s
join contexts c on c.id = s.context
join deployments d on d.id = c.deployment
join platforms p on p.id = d.platform
join line_items l on l.id = s.line_item
left join gates f on f.id = d.gate`;

export const SCORE_COLUMNS = `
s.id, s.seq, p.platform_id as "platformId", d.deployment_id as "deploymentId", c.context_id as "contextId",
c.id as context, d.gate, json_build_object('id', l.id, 'lineItemId', l.line_item_id, 'resourceLinkId', l.resource_link_id,
  'resourceId', l.resource_id, 'tag', l.tag, 'label', l.label) as "lineItem",
s.user_id as "userId", s.value, s.changed_at as "changedAt", s.revision, s.state, s.priority,
s.awaits_nightly as "awaitsNightly", s.tries, s.submitted_revision as "submittedRevision",
s.submitted_at as "submittedAt", s.failure_type as "failureType", s.failure_detail as "failureDetail",
s.superseded_by as "supersededBy", s.created_at as "createdAt", s.updated_at as "updatedAt",
${WAIT} as wait`;

/** The part of a `where` that a filter and the caller's platforms make; bindings from {@link filterBindings}. */
export const SCORE_FILTER = `
${isReached()}
and (:platformId::text is null or p.platform_id = :platformId)
and (:deploymentId::text is null or d.deployment_id = :deploymentId)
and (:contextId::text is null or c.context_id = :contextId)
and (:lineItemId::text is null or l.line_item_id = :lineItemId)
and (:resourceLinkId::text is null or l.resource_link_id = :resourceLinkId)
and (:resourceId::text is null or l.resource_id = :resourceId)
and (:tag::text is null or l.tag = :tag)
and (:context::uuid is null or s.context = :context)
and (:userId::text is null or s.user_id = :userId)
and (:states::text[] is null or s.state = any (:states::text[]))
and (:failureType::text is null or s.failure_type = :failureType)
and (:failedAfter::timestamptz is null or (s.state in ('rejected', 'held') and s.updated_at >= :failedAfter::timestamptz))
and (:failedBefore::timestamptz is null or (s.state in ('rejected', 'held') and s.updated_at < :failedBefore::timestamptz))`;

/** `since` is the `updated_at` of the score: {@link SCORE_FILTER} asks for the same. */
const IN_TROUBLES = `select t.score from score_troubles t
  where (:states::text[] is null or t.state = any (:states::text[]))
    and (:failureType::text is null or t.failure_type = :failureType)
    and (:failedAfter::timestamptz is null or t.since >= :failedAfter::timestamptz)
    and (:failedBefore::timestamptz is null or t.since < :failedBefore::timestamptz)`;
const IN_QUEUE = 'select q.score from score_queue q';

/** Where the scores of a state are found without reading those that are submitted, which are nearly all. */
const FOUND_IN: Readonly<Partial<Record<ScoreState, string>>> = {
  due: IN_QUEUE,
  sending: `${IN_QUEUE} where q.is_claimed and q.hold is null`,
  unknown: `${IN_QUEUE} where q.hold = 'unknown' and q.ready_at is not null`,
  rejected: IN_TROUBLES,
  held: IN_TROUBLES,
};

const statesOf = ({ state }: Pick<ScoreFilter, 'state'>): readonly ScoreState[] | undefined =>
  typeof state === 'string' ? [state] : state;

/** {@link SCORE_FILTER} for a filter with that state, or those states. */
export function scoreFilterFor(state: ScoreFilter['state']): string {
  const places = statesOf({ state })?.map((name) => FOUND_IN[name]) ?? [undefined];
  const known = [...new Set(places)].filter((place) => place !== undefined);
  const isFound = known.length > 0 && !places.includes(undefined);
  return [SCORE_FILTER, isFound ? `s.id in (${known.join(' union ')})` : 'true'].join('\nand ');
}

/** Neither a failure nor a wait is known of a score that is in none of these, but for one that was superseded. */
const UNFINISHED_OR_TROUBLED = `s.id in (${IN_QUEUE} union ${IN_TROUBLES})`;

function findWithoutState({ failureType, waitingFor, failedAfter, failedBefore }: ScoreListFilter): string[] {
  if ((failedAfter ?? failedBefore) !== undefined) return [`s.id in (${IN_TROUBLES})`];
  return (failureType ?? waitingFor) === undefined ? [] : [UNFINISHED_OR_TROUBLED];
}

/** The same for a list, which may ask what scores wait for too; bindings from {@link listBindings}. */
export const scoreListFilterFor = ({ state, waitingFor, ...filter }: ScoreListFilter): string =>
  [
    scoreFilterFor(state),
    ...(state === undefined ? findWithoutState({ ...filter, waitingFor }) : []),
    ...(waitingFor === undefined ? [] : [`${WAIT_REASON} = any (:waitingFor::text[])`]),
  ].join('\nand ');

export const listBindings = (filter: ScoreListFilter & { platforms: readonly string[] | null }): Knex.ValueDict => ({
  ...filterBindings(filter),
  ...(filter.waitingFor && { waitingFor: [...filter.waitingFor] }),
});

const toArray = (list: readonly string[] | undefined): string[] | null => (list ? [...list] : null);

export function filterBindings(filter: ScoreFilter & { platforms: readonly string[] | null }): Knex.ValueDict {
  const { platforms, ...given } = filter;
  return {
    platforms: platforms && [...platforms],
    platformId: given.platformId ?? null,
    deploymentId: given.deploymentId ?? null,
    contextId: given.contextId ?? null,
    lineItemId: given.lineItemId ?? null,
    resourceLinkId: given.resourceLinkId ?? null,
    resourceId: given.resourceId ?? null,
    tag: given.tag ?? null,
    context: given.context ?? null,
    userId: given.userId ?? null,
    states: toArray(statesOf(given)),
    failureType: given.failureType ?? null,
    failedAfter: given.failedAfter ?? null,
    failedBefore: given.failedBefore ?? null,
  };
}

async function listScores(db: Database, page: ScorePage): Promise<ScoreRecord[]> {
  return queryRows(
    db,
    `select ${SCORE_COLUMNS} ${SCORE_JOINS} where ${scoreListFilterFor(page)} and (:before::bigint is null or s.seq < :before::bigint)
     order by s.seq desc limit :limit`,
    { ...listBindings(page), before: page.before, limit: page.limit },
  );
}

async function findScore(
  db: Database,
  { id, platforms }: { id: string; platforms: readonly string[] | null },
): Promise<ScoreRecord | undefined> {
  const sql = `select ${SCORE_COLUMNS} ${SCORE_JOINS} where ${SCORE_FILTER} and s.id = :id`;
  return (await queryRows<ScoreRecord>(db, sql, { ...filterBindings({ platforms }), id }))[0];
}

async function listAttempts(db: Database, score: string, limit: number): Promise<AttemptRecord[]> {
  const rows = await queryRows<AttemptRecord>(
    db,
    `select revision, kind, outcome, status, failure_type as "failureType", code, excerpt,
       started_at as "startedAt", duration_ms as "durationMs", service_key as "serviceKeyId",
       workflow_run as "workflowRun"
     from attempts where score = ? order by started_at desc limit ?`,
    [score, limit],
  );
  return rows.toReversed();
}
