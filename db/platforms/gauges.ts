/** What is watched from outside every few seconds: each a single statement over what is unfinished or set aside. */
import { queryRows, type Database } from '../server/knex.js';

/** Why a score of the queue waits. `ready`: for nothing but its turn. */
export type QueueState =
  'ready' | 'sending' | 'night' | 'rest' | 'unknown' | 'context' | 'lineItem' | 'wanted' | 'paused';

export interface GaugeFacts {
  /** Audit entries that were ever written; null: the chain is gone. */
  auditPosition: number | null;
  /** Unfinished scores; `oldestSeconds` since the oldest of them became due. */
  queue: { gate: string; state: QueueState; count: number; oldestSeconds: number }[];
  /** `inFlightNow` is lower than `inFlightMax` while a platform throttles; `ratePerSecond` null: no limit. */
  gates: { gate: string; breaker: string; inFlightNow: number; inFlightMax: number; ratePerSecond: number | null }[];
  parked: { kind: 'context' | 'lineItem'; type: string; count: number }[];
  paused: { kind: string; count: number }[];
  /** Rejected or held within a day. */
  troubles: { state: 'rejected' | 'held'; type: string; count: number }[];
  /** Events that are no scores yet, or never will be. */
  webhookEvents: { state: string; count: number }[];
  /** Gradebooks that differ from what was sent. */
  drifts: { kind: string; count: number }[];
  /** Who is told of what needs somebody; `waiting`: messages on their way to them. */
  notices: { state: 'on' | 'failing' | 'off'; endpoints: number; waiting: number }[];
  /** Those that are not over, the newest hundred. */
  backfills: { backfill: string; state: string; toSend: number; done: number }[];
  /** The newest nightly run. */
  night: { state: string; submitted: number; rejected: number; waiting: number } | null;
}

export interface GaugeReader {
  read(): Promise<GaugeFacts>;
}

const QUEUE = `
select gate, case when is_claimed then 'sending' else coalesce(hold, 'ready') end as state, count(*)::int as count,
  extract(epoch from now() - min(due_at))::double precision as "oldestSeconds"
from score_queue group by 1, 2`;

const GATES = `
select id as gate, breaker, in_flight_cap as "inFlightNow", in_flight_max as "inFlightMax",
  rate_per_second as "ratePerSecond" from gates`;

const PARKED = `
select 'context' as kind, parked_type as type, count(*)::int as count from contexts
where parked_type is not null group by parked_type
union all
select 'lineItem', parked_type, count(*)::int from line_items
where parked_type is not null and merged_into is null group by parked_type`;

const PAUSED = `
select case when platform is not null then 'platform' when deployment is not null then 'deployment' else 'context' end as kind,
  count(*)::int as count
from pauses where until > now() group by 1`;

const TROUBLES = `
select state, failure_type as type, count(*)::int as count from score_troubles
where since > now() - interval '1 day' group by state, failure_type`;

const WEBHOOK_EVENTS = `
select state, count(*)::int as count from webhook_events where state in ('stored', 'unmatched') group by state
union all
select state, count(*)::int from webhook_events where state in ('expired', 'invalid') group by state`;

const BACKFILLS = `
select id as backfill, state, to_send as "toSend", sent + rejected + overtaken + unsent as done from backfills
where state not in ('finished', 'cancelled', 'failed') order by updated_at desc limit 100`;

const NOTICES = `
select case when disabled_at is not null then 'off' when failing_since is not null then 'failing' else 'on' end as state,
  count(*)::int as endpoints, sum(pending.count)::int as waiting
from notice_endpoints e
cross join lateral (select count(*) from notice_deliveries where endpoint = e.id and state = 'pending') pending
group by 1`;

const NIGHT = `
select r.state, c.* from (select id, state from runs where kind = 'nightly' order by started_at desc limit 1) r
cross join lateral (select coalesce(sum(submitted), 0)::int as submitted, coalesce(sum(rejected), 0)::int as rejected,
  coalesce(sum(waiting), 0)::int as waiting from run_contexts where run = r.id) c`;

export function createGaugeReader(db: Database): GaugeReader {
  const list = <Row>(sql: string): Promise<Row[]> => queryRows<Row>(db, sql);
  return {
    async read() {
      // One after the other: what watches takes one connection.
      const queue = await list<GaugeFacts['queue'][number]>(QUEUE);
      const gates = await list<GaugeFacts['gates'][number]>(GATES);
      const parked = await list<GaugeFacts['parked'][number]>(PARKED);
      const paused = await list<GaugeFacts['paused'][number]>(PAUSED);
      const troubles = await list<GaugeFacts['troubles'][number]>(TROUBLES);
      const webhookEvents = await list<GaugeFacts['webhookEvents'][number]>(WEBHOOK_EVENTS);
      const drifts = await list<GaugeFacts['drifts'][number]>(
        'select kind, count(*)::int as count from drifts where ended_at is null group by kind',
      );
      const backfills = await list<GaugeFacts['backfills'][number]>(BACKFILLS);
      const notices = await list<GaugeFacts['notices'][number]>(NOTICES);
      const [night = null] = await list<NonNullable<GaugeFacts['night']>>(NIGHT);
      const [audit] = await list<{ position: number }>('select position::float8 as position from audit_chain');
      const auditPosition = audit?.position ?? null;
      return {
        auditPosition,
        queue,
        gates,
        parked,
        paused,
        troubles,
        webhookEvents,
        drifts,
        notices,
        backfills,
        night,
      };
    },
  };
}
