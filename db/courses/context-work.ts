import type { LmsFamily } from '../../domain/platform.js';
import type { Database } from '../server/knex.js';
import { queryRows } from '../server/knex.js';
import { IS_CLAIMABLE, IS_WANTED_NOW, isFreeOf, restsBeyond } from '../scores/readiness.js';
import { changeScores } from '../scores/transitions.js';
import { unparkContexts, unparkLineItems } from './resume-work.js';

/** What a sync must know of a context before it begins. */
export interface SyncableContext {
  id: string;
  contextId: string;
  deployment: string;
  /** Our uuid of what its calls share a limit with. */
  gate: string;
  family: LmsFamily;
  platformUrl: string | null;
  parkedType: string | null;
  /** How long until the next probe of a parked context, in milliseconds; null: no probe, an event must come. */
  parkedForMs: number | null;
}

/** What is left to do in a context, counted by what it waits for. */
export interface ContextWork {
  /** Ready to be claimed now. */
  ready: number;
  /** To be read back now. */
  unsettled: number;
  /** The earliest moment at which more becomes ready by time alone, in milliseconds from now; null: none. */
  nextInMs: number | null;
  /** Due scores whose column has no id in the LMS yet. */
  onWantedColumns: number;
  /** Due scores whose column is parked. */
  onParkedColumns: number;
  /** All that is ready is bulk work. */
  isBulkOnly: boolean;
}

export interface UntendedContext {
  context: string;
  deployment: string;
  isBulkOnly: boolean;
  /** The newest run that waits for it. */
  run: string | null;
}

export interface ContextWorkStore {
  /** Undefined when there is no such context. */
  findSyncable(context: string): Promise<SyncableContext | undefined>;
  getWork(context: string): Promise<ContextWork>;
  /**
   * Sets a context aside until an event, or until the next probe: after `probeAfterMs`, twice as long each further time,
   * a week at most. Null: no probe, an event must come.
   */
  park(input: { context: string; type: string; detail: string | null; probeAfterMs: number | null }): Promise<void>;
  unpark(context: string): Promise<void>;
  /** The same for one column. */
  parkColumn(input: {
    lineItem: string;
    type: string;
    detail: string | null;
    probeAfterMs: number | null;
  }): Promise<void>;
  unparkColumns(lineItems: readonly string[]): Promise<void>;
  /**
   * Sets a column aside for what `failed` of its students met alike; their rejected scores are due again. Refused (false)
   * when as many or more scores of the column are submitted: then it is those students, and not the column.
   */
  promoteColumn(input: {
    lineItem: string;
    from: string;
    failed: number;
    type: string;
    detail: string | null;
    probeAfterMs: number | null;
  }): Promise<boolean>;
  /** Contexts with something ready that no workflow tends, those attempted longest ago first. One cheap query. */
  listUntended(limit: number): Promise<UntendedContext[]>;
}

export function createContextWork(db: Database): ContextWorkStore {
  return {
    async findSyncable(context) {
      const [row] = await queryRows<SyncableContext>(
        db,
        `select c.id, c.context_id as "contextId", c.deployment, d.gate, p.family, p.url as "platformUrl",
           c.parked_type as "parkedType",
           ceil(extract(epoch from c.parked_until - now()) * 1000)::double precision as "parkedForMs"
         from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
         where c.id = ?`,
        [context],
      );
      return row;
    },
    async getWork(context) {
      const [row] = await queryRows<ContextWork>(db, GET_WORK, [context]);
      if (!row) throw new Error('An aggregate gave no row.');
      return row;
    },
    async park({ context, type, detail, probeAfterMs }) {
      await db.raw(`update contexts set ${PARK} where id = ?`, [type, detail, probeAfterMs, LONGEST_PARK_MS, context]);
    },
    async unpark(context) {
      await unparkContexts(db, [context]);
    },
    async parkColumn({ lineItem, type, detail, probeAfterMs }) {
      await db.raw(`update line_items set ${PARK}, updated_at = now() where id = ?`, [
        type,
        detail,
        probeAfterMs,
        LONGEST_PARK_MS,
        lineItem,
      ]);
    },
    async unparkColumns(lineItems) {
      await unparkLineItems(db, lineItems);
    },
    async promoteColumn({ lineItem, from, failed, type, detail, probeAfterMs }) {
      const rows = await queryRows(
        db,
        `with parked as (
           update line_items set ${PARK}, updated_at = now()
           where id = ? and (select count(*) from scores where line_item = line_items.id and state = 'submitted') < ?
           returning id
         ), alike as (
           select s.id from parked join line_items l on l.id = parked.id
           join score_troubles t on t.context = l.context and t.state = 'rejected' join scores s on s.id = t.score
           where s.line_item = parked.id and s.failure_type = ? and s.state = 'rejected'
           order by s.id for update of s
         )
         ${changeScores('reconsidered', 'alike')}
         returning s.id`,
        [type, detail, probeAfterMs, LONGEST_PARK_MS, lineItem, failed, from],
      );
      return rows.length > 0;
    },
    listUntended: (limit) => queryRows<UntendedContext>(db, LIST_UNTENDED, [limit]),
  };
}

const LONGEST_PARK_MS = 7 * 24 * 3_600_000;
const PARK = `parked_type = ?, parked_detail = ?, parked_at = now(), parked_times = parked_times + 1, parked_until = (
  select case when first_ms is not null
    then now() + make_interval(secs => least(first_ms * 2 ^ least(parked_times, 20), longest_ms) / 1000.0) end
  from (values (?::double precision, ?::double precision)) as probe(first_ms, longest_ms))`;

const GET_WORK = `
select
  (count(*) filter (where is_ready))::int as ready,
  (count(*) filter (where state = 'unknown' and not rests))::int as unsettled,
  case when min(next_at) is not null
    then greatest(0, ceil(extract(epoch from min(next_at) - now()) * 1000))::double precision end as "nextInMs",
  (count(*) filter (where state = 'due' and is_wanted and not is_parked))::int as "onWantedColumns",
  (count(*) filter (where is_parked))::int as "onParkedColumns",
  coalesce(bool_and(priority >= 5) filter (where is_ready), false) as "isBulkOnly"
from (
  select s.state, s.priority, not (${isFreeOf('wanted')}) as is_wanted, not (${isFreeOf('lineItemParked')}) as is_parked,
    ${IS_CLAIMABLE} as is_ready,
    -- What waits for a parked column is the sweep's to wake: no workflow stays open for it.
    case when ${isFreeOf('lineItemParked')} and ${restsBeyond('now()')} then s.not_before end as next_at,
    ${restsBeyond('now()')} as rests
  from score_queue q join scores s on s.id = q.score join line_items l on l.id = s.line_item
  where q.context = ? and ${IS_WANTED_NOW}
) as waiting`;

/**
 * Driven by the two small indexes of unfinished scores, so that a sweep over many finished courses costs nothing. Five
 * seconds of grace leave alone what was accepted a moment ago, whose own start call is on its way. A call whose answer
 * nobody awaits any more counts too: the next lane finds out.
 */
const LIST_UNTENDED = `
with unfinished as (
  select s.context, s.line_item, s.priority, s.state from score_queue q join scores s on s.id = q.score
  where q.hold is distinct from 'night' and not ${restsBeyond(`now() - interval '5 seconds'`)}
), waiting as (
  select s.context, min(s.priority) as priority
  from unfinished s join line_items l on l.id = s.line_item
  where ${isFreeOf('lineItemParked')}
  group by s.context
)
select c.id as context, c.deployment, w.priority >= 5 as "isBulkOnly",
  (select rc.run from run_contexts rc where rc.context = c.id and rc.settled_at is null
   order by rc.asked_at desc limit 1) as run
from waiting w join contexts c on c.id = w.context
where (c.lane_expires_at is null or c.lane_expires_at <= now())
  and (c.tended_until is null or c.tended_until <= now())
  and ${isFreeOf('contextParked')}
order by c.last_attempted_at nulls first
limit ?`;
