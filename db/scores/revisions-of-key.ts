/** What an API key has written: its own scores, and what its backfills sent; with that of the keys that it made. */
import type { OriginSource } from '../../domain/score-origin.js';
import { isReached } from '../access/reach.js';
import { exactInstantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';

/** One revision of a score, and what came before and with it. */
export interface WrittenRevision {
  /** Our uuid of the score. */
  scoreId: string;
  revision: number;
  at: Date;
  changedAt: Date;
  source: OriginSource;
  originId: string | null;
  requestId: string | null;
  platformId: string;
  deploymentId: string;
  contextId: string;
  lineItem: { uuid: string; id: string | null; label: string | null };
  userId: string;
  before: WrittenValue | null;
  after: WrittenValue | null;
  /** Nothing newer has come since. */
  isCurrent: boolean;
}

export interface WrittenValue {
  scoreGiven: number | null;
  scoreMaximum: number | null;
}

export interface RevisionPage {
  /** What the caller sees; null: all. */
  platforms: readonly string[] | null;
  /** With what the keys wrote that it made; undefined: whoever wrote. */
  apiKey?: string | undefined;
  /** From this moment on, and before that one. */
  since: Date;
  until: Date;
  /** `place` of the last one of the page before: when, of which score, and which revision. */
  before: string | null;
  limit: number;
}

export interface RevisionReader {
  /** Newest first. A score that is gone has none. */
  list(page: RevisionPage): Promise<(WrittenRevision & { place: string })[]>;
}

export function createRevisionReader(db: Database): RevisionReader {
  return {
    async list({ apiKey, platforms, since, until, before, limit }) {
      const origins = apiKey === undefined ? null : await listOriginsOf(db, apiKey);
      const [at = null, score = null, revision = null] = before?.split(' ') ?? [];
      return queryRows(db, LIST, {
        ...{ origins, since, until, at, score, revision, limit, platforms: platforms && [...platforms] },
      });
    },
  };
}

/** Our uuids of a key, of those that it made, they made and so on, and of the backfills of all of them. */
export async function listOriginsOf(db: Database, apiKey: string): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(db, ORIGINS, { apiKey });
  return rows.map(({ id }) => id);
}

const ORIGINS = `
with recursive keys as (
  select id from api_keys where id = :apiKey
  union
  select k.id from api_keys k join keys on k.created_by = keys.id
)
select id from keys
union all
select b.id from backfills b where b.api_key in (select id from keys)`;

/** Of rows `r` of `score_revisions`: whether one of `:origins` wrote them. */
export const IS_OF_ORIGINS = `(r.origin_id = any (:origins::uuid[]) and r.source in ('apiKey', 'backfill', 'backfillWithdrawn'))`;

const toValue = (value: string): string =>
  `case when ${value} is not null then json_build_object('scoreGiven', ${value} -> 'scoreGiven',
    'scoreMaximum', ${value} -> 'scoreMaximum') end`;

/** Clocks of transactions that overlap may be in another order than their revisions. */
const LIST = `
select r.score as "scoreId", r.revision, r.at, r.changed_at as "changedAt", r.source, r.origin_id as "originId",
  r.request_id as "requestId", p.platform_id as "platformId", d.deployment_id as "deploymentId",
  c.context_id as "contextId", json_build_object('uuid', l.id, 'id', l.line_item_id, 'label', l.label) as "lineItem",
  s.user_id as "userId", ${toValue('r.was')} as before, ${toValue('a.value')} as after, a.is_current as "isCurrent",
  ${exactInstantText('r.at')} || ' ' || r.score || ' ' || r.revision as place
from score_revisions r
join scores s on s.id = r.score
join line_items l on l.id = s.line_item
join contexts c on c.id = s.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
cross join lateral (
  select case when n.revision is null then s.value else n.was end as value, n.revision is null as is_current
  from (select 1) one left join lateral (
    select m.revision, m.was from score_revisions m
    where m.score = r.score and m.revision > r.revision and m.at > r.at - interval '1 hour'
    order by m.revision limit 1) n on true
) a
where r.at >= :since and r.at < :until
  and (:origins::uuid[] is null or ${IS_OF_ORIGINS})
  and ${isReached()}
  and (:at::timestamptz is null or (r.at, r.score, r.revision) < (:at::timestamptz, :score::uuid, :revision::integer))
order by r.at desc, r.score desc, r.revision desc limit :limit`;
