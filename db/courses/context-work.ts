import type { LmsFamily } from '../../domain/platform.js';
import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { changeScores } from '../scores/transitions.js';
import { hasKeyFor, isParked } from './parking.js';
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

/**
 * Who sets something aside. A sender that lost its lane says nothing of what its next holder may have found well since:
 * under an older token nothing changes. Left out: whoever holds no lane.
 */
export interface UnderLane {
  lane?: { readonly gate: string; readonly token: number };
}

export interface Parking extends UnderLane {
  type: string;
  detail: string | null;
  probeAfterMs: number | null;
}

export interface ContextWorkStore {
  /** Undefined when there is no such context. */
  findSyncable(context: string): Promise<SyncableContext | undefined>;
  /** Calls were made for them: others come first in the next night. */
  noteAttempted(contexts: readonly string[]): Promise<void>;
  /**
   * Sets a context aside until an event, or until the next probe: after `probeAfterMs`, twice as long each further time,
   * a week at most. Null: no probe, an event must come. False: it was not, the lane is another's.
   */
  park(input: Parking & { context: string }): Promise<boolean>;
  /**
   * Sets a context aside until somebody launches it, unless it has a key that may send grades: a launch that comes at the
   * same moment goes first, or finds the context parked. False: it was not.
   */
  parkForWantOfKey(context: string): Promise<boolean>;
  /** False: it was not parked. */
  unpark(context: string): Promise<boolean>;
  /** The same for one column. */
  parkColumn(input: Parking & { lineItem: string }): Promise<boolean>;
  /** Those that were parked. */
  unparkColumns(lineItems: readonly string[]): Promise<string[]>;
  /**
   * Sets a column aside for what `failed` of its students met alike; their rejected scores are due again. Refused (false)
   * when as many or more scores of the column are submitted: then it is those students, and not the column.
   */
  promoteColumn(input: Parking & { lineItem: string; from: string; failed: number }): Promise<boolean>;
  /** Of a column that was promoted: scores that were rejected alike after it are due again, too. */
  reconsider(input: UnderLane & { lineItem: string; from: string }): Promise<void>;
}

export function createContextWork(db: Knex): ContextWorkStore {
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
    async noteAttempted(contexts) {
      await db.raw('update contexts set last_attempted_at = now() where id = any (?::uuid[])', [[...contexts]]);
    },
    async park({ context, ...parking }) {
      const sql = `with ${LANE} update contexts set ${PARK} where id = ? and ${IS_UNDER_LANE} returning id`;
      return (await queryRows(db, sql, [...laneOf(parking), ...parkOf(parking), context])).length > 0;
    },
    parkForWantOfKey: (context) => db.transaction((trx) => parkForWantOfKey(trx, context)),
    async unpark(context) {
      return (await unparkContexts(db, [context])).length > 0;
    },
    async parkColumn({ lineItem, ...parking }) {
      const sql = `with ${LANE} update line_items set ${PARK}, updated_at = now()
        where id = ? and ${IS_UNDER_LANE} returning id`;
      return (await queryRows(db, sql, [...laneOf(parking), ...parkOf(parking), lineItem])).length > 0;
    },
    unparkColumns: (lineItems) => unparkLineItems(db, lineItems),
    async promoteColumn({ lineItem, from, failed, ...parking }) {
      const rows = await queryRows(
        db,
        `with ${LANE}, parked as (
           update line_items set ${PARK}, updated_at = now()
           where id = ? and ${IS_UNDER_LANE} and (select count(*) from scores where line_item = line_items.id and state = 'submitted') < ?
           returning id
         ), ${ALIKE}
         ${changeScores('reconsidered', 'alike')}
         returning s.id`,
        [...laneOf(parking), ...parkOf(parking), lineItem, failed, from],
      );
      return rows.length > 0;
    },
    async reconsider({ lineItem, from, ...under }) {
      await db.raw(
        `with ${LANE}, parked as (select id from line_items l where l.id = ? and ${isParked('l')} and ${IS_UNDER_LANE}),
         ${ALIKE}
         ${changeScores('reconsidered', 'alike')}`,
        [...laneOf(under), lineItem, from],
      );
    },
  };
}

/** Scores of the one column in `parked` that were rejected for a reason. */
const ALIKE = `alike as (
  select s.id from parked join line_items l on l.id = parked.id
  join score_troubles t on t.context = l.context and t.state = 'rejected' join scores s on s.id = t.score
  where s.line_item = parked.id and s.failure_type = ? and s.state = 'rejected'
  order by s.id for update of s
)`;

const LONGEST_PARK_MS = 7 * 24 * 3_600_000;
const PARK = `parked_type = ?, parked_detail = ?, parked_at = now(), parked_times = parked_times + 1, parked_until = (
  select case when first_ms is not null
    then now() + make_interval(secs => least(first_ms * 2 ^ least(parked_times, 20), longest_ms) / 1000.0) end
  from (values (?::double precision, ?::double precision)) as probe(first_ms, longest_ms))`;

/** Locked, so that the lane goes to nobody else before this is over. Of nobody's lane there is nothing to check. */
const LANE = `lane as (select ?::uuid as named), held as (
  select g.id from lane join gates g on g.id = lane.named where g.lane_token = ? for share of g)`;
const IS_UNDER_LANE = '((select named from lane) is null or exists (select from held))';

const laneOf = ({ lane }: UnderLane): Knex.RawBinding[] => [lane?.gate ?? null, lane?.token ?? null];
const parkOf = ({ type, detail, probeAfterMs }: Parking): Knex.RawBinding[] => [
  ...[type, detail, probeAfterMs, LONGEST_PARK_MS],
];

async function parkForWantOfKey(trx: Knex.Transaction, context: string): Promise<boolean> {
  // In two statements: the second sees the key of a launch that the first had to wait for.
  await trx.raw('select 1 from contexts where id = ? for no key update', [context]);
  const rows = await queryRows(
    trx,
    `update contexts c set ${PARK} where id = ? and parked_type is null
       and not ${hasKeyFor('assignment_and_grades', 'c')} returning id`,
    ['ServiceKeyMissing', null, null, LONGEST_PARK_MS, context],
  );
  return rows.length > 0;
}
