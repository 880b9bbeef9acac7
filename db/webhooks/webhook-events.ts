import type { Knex } from 'knex';
import type { EventState } from '../../domain/event-reasons.js';
import type { EventFacts } from '../../domain/read-event.js';
import { FIRST_PAGE, type BulkPage, type PageStart } from '../bulk/page.js';
import { instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import type { Vault } from '../vault/vault.js';
import { storeEvent, type EventToStore } from './store-event.js';
import { SOURCE_VISIBLE } from './webhook-sources.js';

type Platforms = readonly string[] | null;

/** An event as shown to people: never its body. */
export interface WebhookEvent {
  id: string;
  seq: string;
  source: string;
  eventId: string;
  /** The event whose body held this one among several. */
  partOf: string | null;
  state: EventState;
  stateSince: Date;
  /** When it is looked at again by time alone; null: not, or when its reference comes. */
  lookAt: string | null;
  reason: string | null;
  reasonFact: string | null;
  reasonPointer: string | null;
  reasonDetail: string | null;
  facts: EventFacts & { changedAt?: string };
  score: string | null;
  revision: number | null;
  outcome: 'accepted' | 'unchanged' | 'superseded' | null;
  /** How often it came again; and how often with another body, of which nothing was taken. */
  repeats: number;
  differing: number;
  /** Its body is still kept, so that it can be replayed. */
  replayable: boolean;
  receivedAt: Date;
}

export interface EventFilter {
  /** By name. */
  source?: string | undefined;
  state?: EventState | undefined;
  reason?: string | undefined;
  eventId?: string | undefined;
  partOf?: string | undefined;
  reference?: string | undefined;
  /** What it concerns, as far as is known; else what its source may name. */
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  contextId?: string | undefined;
  userId?: string | undefined;
  receivedAfter?: string | undefined;
  receivedBefore?: string | undefined;
}

export interface EventTrouble {
  kind: 'unmatched' | 'invalid' | 'expired' | 'late' | 'reused';
  source: string;
  /** Those that the source may name. Null: all. */
  platforms: readonly string[] | null;
  count: number;
  since: Date | null;
}

type Visible<T> = T & { platforms: Platforms };

export interface WebhookEvents {
  /** Committed when it resolves. The id of an event that came before is that of the first time. */
  store(event: EventToStore): Promise<{ id: string }>;
  /** Newest first. */
  list(page: Visible<EventFilter> & { before: string | null; limit: number }): Promise<WebhookEvent[]>;
  find(visible: Visible<{ id: string }>): Promise<WebhookEvent | undefined>;
  /** Has an event looked at anew, if its body is still kept. */
  replay(event: Visible<{ id: string }>): Promise<void>;
  /** What operators should know, by source. */
  listTroubles(): Promise<EventTrouble[]>;
}

const COLUMNS = `
e.id, e.seq, o.name as source, e.event_id as "eventId", e.part_of as "partOf", e.state, e.state_since as "stateSince",
case when e.state in ('stored', 'unmatched') and isfinite(e.look_at) then ${instantText('e.look_at')} end as "lookAt",
e.reason, e.reason_fact as "reasonFact", e.reason_pointer as "reasonPointer", e.reason_detail as "reasonDetail",
e.facts, e.score, e.revision, e.outcome, e.repeats, e.differing, e.body is not null as replayable,
e.received_at as "receivedAt"`;

const FILTER = `
${SOURCE_VISIBLE}
and (:id::uuid is null or e.id = :id)
and (:source::text is null or o.name = :source)
and (:state::text is null or e.state = :state)
and (:reason::text is null or e.reason = :reason)
and (:eventId::text is null or e.event_id = :eventId)
and (:partOf::uuid is null or e.part_of = :partOf)
and (:reference::text is null or e.reference = :reference)
and (:platformId::text is null or coalesce(e.platform_id = :platformId, :platformId = any (platforms_of_reach(o.platforms)), false))
and (:deploymentId::text is null or e.deployment_id = :deploymentId)
and (:contextId::text is null or e.facts ->> 'contextId' = :contextId)
and (:userId::text is null or e.facts ->> 'userId' = :userId)
and (:receivedAfter::timestamptz is null or e.received_at >= :receivedAfter::timestamptz)
and (:receivedBefore::timestamptz is null or e.received_at < :receivedBefore::timestamptz)`;

const LISTED = `${FILTER} and (:before::bigint is null or e.seq < :before::bigint)`;
const NEWEST = 'order by e.seq desc limit :limit';

/** Each part has an index in the order of the list, so that a page reads not much more than itself. */
const OF_PLATFORM = `
(select e.seq from webhook_events e join webhook_sources o on o.id = e.source
 where e.platform_id = :platformId and ${LISTED} ${NEWEST})
union all
(select newest.seq from webhook_sources o cross join lateral (
   select e.seq from webhook_events e where e.source = o.id and e.platform_id is null and ${LISTED} ${NEWEST}
 ) newest where :platformId = any (platforms_of_reach(o.platforms)))`;

export function createWebhookEvents(db: Knex, vault: Vault): WebhookEvents {
  return {
    store: (event) => storeEvent(db, vault, event),
    list: (page) =>
      queryRows(
        db,
        `select ${COLUMNS} from webhook_events e join webhook_sources o on o.id = e.source
         where ${page.platformId === undefined ? LISTED : `e.seq = any (array(${OF_PLATFORM}))`} ${NEWEST}`,
        { ...bindingsOf(page), before: page.before, limit: page.limit },
      ),
    async find(visible) {
      const sql = `select ${COLUMNS} from webhook_events e join webhook_sources o on o.id = e.source where ${FILTER}`;
      return (await queryRows<WebhookEvent>(db, sql, bindingsOf(visible)))[0];
    },
    async replay(event) {
      await replayPage(db, event, { after: FIRST_PAGE, limit: 1 });
    },
    listTroubles: () => queryRows(db, TROUBLES),
  };
}

function bindingsOf(filter: Visible<EventFilter & { id?: string }>): Knex.ValueDict {
  const {
    platforms,
    id,
    source,
    state,
    reason,
    eventId,
    partOf,
    reference,
    platformId,
    deploymentId,
    contextId,
    userId,
  } = filter;
  return {
    platforms: platforms && [...platforms],
    id: id ?? null,
    source: source ?? null,
    state: state ?? null,
    reason: reason ?? null,
    eventId: eventId ?? null,
    partOf: partOf ?? null,
    reference: reference ?? null,
    platformId: platformId ?? null,
    deploymentId: deploymentId ?? null,
    contextId: contextId ?? null,
    userId: userId ?? null,
    receivedAfter: filter.receivedAfter ?? null,
    receivedBefore: filter.receivedBefore ?? null,
  };
}

/**
 * Has events looked at anew; those whose body is gone have failed. `stored` needs no replay; one that is scored, or was taken
 * apart, is looked at anew only when it was named.
 */
export async function replayPage(
  db: Database,
  filter: Visible<EventFilter & { id?: string }>,
  { after, limit }: PageStart,
): Promise<BulkPage> {
  const [page] = await queryRows<{ seen: number; replayed: number; last: string | null }>(
    db,
    `with found as (
       select e.id, e.seq, e.body is not null as replayable
       from webhook_events e join webhook_sources o on o.id = e.source
       where ${FILTER} and e.seq > :after::bigint and e.state <> 'stored' and (:isNamed or e.state not in ('scored', 'split'))
       order by e.seq limit :limit for update of e
     ), replayed as (
       update webhook_events e set state = 'stored', state_since = now(), look_at = now(), tries = 0, reason = null,
         reason_fact = null, reason_pointer = null, reason_detail = null
       from found where e.id = found.id and found.replayable returning 1
     )
     select count(*)::int as seen, max(seq) as last, (select count(*) from replayed)::int as replayed from found`,
    {
      ...bindingsOf(filter),
      isNamed: filter.id !== undefined || filter.state !== undefined,
      ...{ after, limit },
    },
  );
  const { seen, replayed, last } = page ?? { seen: 0, replayed: 0, last: null };
  return { acted: replayed, failed: seen - replayed, next: seen < limit ? null : last, contexts: [] };
}

/** Each part uses an index of its own; none reads events that came to a good end. */
const TROUBLES = `
with t as (
  select 'unmatched' as kind, source, count(*)::int as count, min(received_at) as since
  from webhook_events where state = 'unmatched' group by source
  union all
  select state, source, count(*)::int, min(state_since) from webhook_events
  where state in ('expired', 'invalid') and state_since > now() - interval '7 days' group by state, source
  union all
  select 'late', source, count(*)::int, min(state_since) from webhook_events
  where state = 'stored' and state_since < now() - interval '5 minutes' group by source
  union all
  select 'reused', source, count(*)::int, min(received_at) from webhook_events where differing > 0 group by source
)
select t.kind, o.name as source, o.platforms, t.count, t.since from t join webhook_sources o on o.id = t.source
order by t.kind, o.name`;
