import type { Knex } from 'knex';
import { KEY_TYPES } from '../courses/parking.js';
import { exactInstantText, instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import { findHorizon } from '../scores/changed-scores.js';
import { INCIDENTS } from './incidents-sql.js';
import { packNotices } from './notice-outbox.js';

export interface NoticeFinder {
  /**
   * Finds out what is new to each endpoint, and writes it down together with the messages that tell it: what began and what
   * is over, digests that are due, and what became of scores. Safe to repeat, and to run twice at once: whatever was told
   * is remembered in the same transaction.
   */
  find(): Promise<void>;
}

/** Any number that no other lock of ours uses. */
const FINDER_LOCK = 7_228_626;
/** Outcomes of one page, and pages of one look: what is left over waits for the next, a minute later. */
const PAGE = 500;
const MOST_PAGES = 40;

/** An endpoint may hear of it: it is of the platforms that its maker sees, and of the platform and course it is for. */
const MAY_HEAR = (platforms: string, contextId: string): string => `
  (e.platforms is null or ${platforms} <@ e.platforms)
  and (e.platform_id is null or e.platform_id = any (${platforms}))
  and (e.context_id is null or e.context_id = ${contextId})`;

export function createNoticeFinder(db: Knex): NoticeFinder {
  return {
    async find() {
      const active = await queryRows<{ id: string; wantsOutcomes: boolean }>(
        db,
        `select id, 'scoreOutcome' = any (kinds) as "wantsOutcomes" from notice_endpoints
         where disabled_at is null order by seq`,
      );
      if (active.length === 0) return;
      await db.transaction(async (trx) => {
        const [lock] = await queryRows<{ isOurs: boolean }>(trx, 'select pg_try_advisory_xact_lock(?) as "isOurs"', [
          FINDER_LOCK,
        ]);
        if (!lock?.isOurs) return;
        await trx.raw(TELL_INCIDENTS, { types: [...KEY_TYPES] });
        await trx.raw(TELL_DIGESTS);
        await packNotices(trx);
        await trx.raw('update notice_endpoints set looked_at = now() where disabled_at is null');
      });
      for (const { id, wantsOutcomes } of active) {
        let pages = wantsOutcomes ? MOST_PAGES : 0;
        while (pages > 0) pages = (await db.transaction((trx) => tellOutcomes(trx, id))) ? pages - 1 : 0;
      }
      await db.raw(PRUNE);
    },
  };
}

/**
 * One row in `open_notices` for each incident that an endpoint was told of, so that it is told once of each end of it. By
 * `not in`, since nobody knows how many rows `wanted` has: that is one look into a hash for each, where a join, planned for
 * a few rows, takes a minute for five thousand courses. None of the columns is ever null.
 */
const TELL_INCIDENTS = `
with incident as materialized (${INCIDENTS}),
wanted as materialized (
  select e.id as endpoint, i.* from notice_endpoints e join incident i on i.kind = any (e.kinds)
    and ${MAY_HEAR('i.platforms', 'i.context_id')}
  where e.disabled_at is null and (e.platforms is null or i.platforms is not null)),
opened as (
  insert into open_notices (endpoint, kind, subject, facts, since)
  select w.endpoint, w.kind, w.subject, w.facts, coalesce(w.since, now()) from wanted w
  where (w.endpoint, w.kind, w.subject) not in (select o.endpoint, o.kind, o.subject from open_notices o)
  on conflict do nothing returning *),
closed as (
  delete from open_notices o using notice_endpoints e
  where e.id = o.endpoint and e.disabled_at is null
    and (o.endpoint, o.kind, o.subject) not in (select w.endpoint, w.kind, w.subject from wanted w)
  returning o.*)
insert into notices (endpoint, kind, status, subject, incident, facts, since)
select endpoint, kind, 'recovered', subject, incident, facts, since from closed
union all
select endpoint, kind, 'needsAttention', subject, incident, facts, since from opened`;

/** Nothing is told where nothing was rejected. */
const TELL_DIGESTS = `
with due as (
  select e.id, e.digest_from, e.platforms, e.platform_id, e.context_id from notice_endpoints e
  where e.disabled_at is null and 'scoresRejected' = any (e.kinds)
    and e.digest_from + e.digest_minutes * interval '1 minute' <= now()),
counted as (
  select e.id, p.platform_id, t.failure_type, count(*)::int as count
  from due e join score_troubles t on t.state = 'rejected' and t.since > e.digest_from
  join contexts c on c.id = t.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
  where ${MAY_HEAR('array[p.platform_id]', 'c.context_id')}
  group by e.id, p.platform_id, t.failure_type),
told as (
  insert into notices (endpoint, kind, status, subject, facts, since)
  select e.id, 'scoresRejected', 'told', 'rejected', json_build_object('count', sum(n.count),
      'from', ${instantText('e.digest_from')}, 'until', ${instantText('now()')},
      'rejected', json_agg(json_build_object('platformId', n.platform_id, 'failureType', n.failure_type,
        'count', n.count) order by n.count desc, n.platform_id, n.failure_type)), e.digest_from
  from due e join counted n on n.id = e.id group by e.id, e.digest_from)
update notice_endpoints e set digest_from = now() from due where due.id = e.id`;

/** True: there may be more. Where an endpoint has got to is moved on with what it is told, so that none is left out. */
async function tellOutcomes(trx: Database, endpoint: string): Promise<boolean> {
  const [position] = await queryRows<{ at: string; seq: string }>(
    trx,
    `select ${exactInstantText('outcomes_at')} as at, outcomes_seq::text as seq from notice_endpoints
     where id = ? and disabled_at is null for update skip locked`,
    [endpoint],
  );
  const until = position && (await findHorizon(trx, position));
  if (until === undefined) return false;
  const rows = await queryRows<{ at: string; seq: string }>(trx, OUTCOMES, {
    ...position,
    endpoint,
    until,
    limit: PAGE,
  });
  await packNotices(trx);
  const last = rows.length < PAGE ? undefined : rows.at(-1);
  await trx.raw(
    'update notice_endpoints set outcomes_at = :at::timestamptz, outcomes_seq = :seq where id = :endpoint',
    { endpoint, ...(last ?? { at: until, seq: '0' }) },
  );
  return last !== undefined;
}

/** What is told of a score once is its revision, its end, and when it came to that. */
const OUTCOMES = `
with page as (
  select ${exactInstantText('s.updated_at')} as at, s.seq::text as seq, s.id, s.revision, s.state, s.failure_type,
    s.line_item, c.id as context, c.context_id, d.deployment_id, p.platform_id, s.updated_at, s.seq as place,
    case s.state when 'submitted' then s.submitted_at else coalesce(t.since, s.updated_at) end as since
  from scores s join contexts c on c.id = s.context join deployments d on d.id = c.deployment
  join platforms p on p.id = d.platform left join score_troubles t on t.score = s.id
  join notice_endpoints e on e.id = :endpoint and ${MAY_HEAR('array[p.platform_id]', 'c.context_id')}
  where s.updated_at >= :at::timestamptz and s.updated_at < :until::timestamptz
    and (s.updated_at, s.seq) > (:at::timestamptz, :seq::bigint) and s.state in ('submitted', 'rejected', 'held')
  order by s.updated_at, s.seq limit :limit),
told as (
  insert into notices (endpoint, kind, status, subject, facts, since)
  select :endpoint, 'scoreOutcome', 'told', concat_ws(':', id, revision, state, extract(epoch from since)),
    json_build_object('score', id, 'revision', revision, 'state', state, 'failureType', failure_type,
      'platformId', platform_id, 'deploymentId', deployment_id, 'contextId', context_id, 'context', context,
      'lineItem', line_item), coalesce(since, now())
  from page order by updated_at, place
  on conflict (endpoint, subject) where kind = 'scoreOutcome' do nothing)
select at, seq from page order by updated_at, place`;

/** What was told is kept for thirty days. */
const PRUNE = `
delete from notice_deliveries where id in (select id from notice_deliveries
  where created_at < now() - interval '30 days' and state <> 'pending' order by created_at limit 1000)`;
