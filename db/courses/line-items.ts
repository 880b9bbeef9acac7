import type { Knex } from 'knex';
import { areColumnsResting } from './parking.js';
import { LOOKS_WELL } from './resume-work.js';
import { isFreeOf } from '../scores/readiness.js';
import { changeScores } from '../scores/transitions.js';
import { acceptScoresWithin, type ScoreToAccept } from '../scores/accept-scores.js';
import { createReservations, type Reservations } from './create-reservations.js';
import { queryRows, type Database } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { storeRows } from '../server/store-rows.js';

/** A column as the LMS has it. */
export interface FetchedLineItem {
  id: string;
  label?: string | null | undefined;
  scoreMaximum?: number | null | undefined;
  resourceId?: string | null | undefined;
  resourceLinkId?: string | null | undefined;
  tag?: string | null | undefined;
}

/** A column that somebody named before it had an id in the LMS. */
export interface WantedLineItem {
  id: string;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  scoreMaximum: number | null;
}

/** No look for the columns of a course begins for so long, in milliseconds, since the last ones failed. */
export interface ColumnsRest {
  reason: string;
  forMs: number;
}

export interface StoredListing {
  /** Wanted columns that fit several of the listed. */
  ambiguous: string[];
  /** Wanted columns that the LMS has, and that PostgreSQL refused to store as found. */
  unstorable: string[];
  /** PostgreSQL's codes for what it refused; all else is stored. */
  refused: string[];
}

export interface LineItemStore extends Reservations {
  /** Columns without an id in the LMS that have something to send and are not parked. */
  listWanted(context: string): Promise<WantedLineItem[]>;
  /**
   * Stores all columns that the LMS listed. A wanted column that fits exactly one of them is that one from now on, its
   * scores with it. One transaction; repeating it changes nothing.
   */
  storeListed(context: string, items: readonly FetchedLineItem[]): Promise<StoredListing>;
  /** Somebody looks for the columns of a course now; null. Or why nobody may, and for how long, in milliseconds. */
  beginLook(context: string): Promise<ColumnsRest | null>;
  /** The look went well: the next failure is a first one again. */
  endLook(context: string): Promise<void>;
  /** The look failed: none begins before `restMs`, or twice as long as the last time, an hour at most. Gives how long. */
  failLook(input: { context: string; type: string; restMs: number }): Promise<ColumnsRest>;
}

export function createLineItems(db: Knex): LineItemStore {
  return {
    listWanted: (context) =>
      queryRows<WantedLineItem>(
        db,
        `select l.id, l.resource_link_id as "resourceLinkId", l.resource_id as "resourceId", l.tag, l.label,
           l.score_maximum as "scoreMaximum"
         from line_items l
         where l.context = ? and l.line_item_id is null and l.merged_into is null
           and exists (select 1 from score_queue q join scores s on s.id = q.score
             where q.context = l.context and q.line_item = l.id and s.state = 'due' and ${isFreeOf('night', 'lineItemParked')})
         order by l.created_at, l.id`,
        [context],
      ),
    storeListed: (context, items) => retryDeadlock(() => db.transaction((trx) => storeListed(trx, context, items))),
    async beginLook(context) {
      const [rest] = await queryRows<ColumnsRest>(
        db,
        `with begun as (
           update contexts c set columns_sought_at = now() where id = :context and not ${areColumnsResting('c')} returning 1
         )
         select c.columns_failure as reason, ${REST_MS} as "forMs" from contexts c
         where id = :context and not exists (select from begun)`,
        { context },
      );
      return rest ?? null;
    },
    async endLook(context) {
      await db.raw(`update contexts set ${LOOKS_WELL} where id = ? and columns_failed_times > 0`, [context]);
    },
    async failLook({ context, type, restMs }) {
      const [rest] = await queryRows<ColumnsRest>(
        db,
        `update contexts c set columns_failure = :type, columns_failed_times = columns_failed_times + 1,
           columns_rest_until = clock_timestamp() + make_interval(secs => greatest(:restMs::double precision,
             least(:restMs * 2 ^ least(columns_failed_times, 20), :longestMs)) / 1000.0)
         where id = :context returning c.columns_failure as reason, ${REST_MS} as "forMs"`,
        { context, type, restMs, longestMs: LONGEST_LOOK_REST_MS },
      );
      if (!rest) throw new Error(`There is no context ${context}.`);
      return rest;
    },
    ...createReservations(db),
  };
}

/** A column that is made anew is found within this, though nobody launches or resumes its course. */
const LONGEST_LOOK_REST_MS = 3_600_000;
const REST_MS = `ceil(extract(epoch from c.columns_rest_until - now()) * 1000)::double precision`;

async function storeListed(
  trx: Knex.Transaction,
  context: string,
  items: readonly FetchedLineItem[],
): Promise<StoredListing> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const unknown = await storeRows(trx, [...byId.values()], (inner, some) => upsertListed(inner, context, some));
  const matches = await queryRows<Match>(trx, MATCH_WANTED, [context]);
  const found = matches.filter(({ candidates }) => candidates === 1);
  const apart = await storeRows(trx, found, async (inner, some) => {
    for (const { wanted, known, isGone } of some) {
      if (isGone) await forgetSubmitted(inner, wanted);
      await mergeColumn(inner, wanted, known);
    }
  });
  await trx.raw('update contexts set line_items_read_at = now() where id = ?', [context]);
  const fitting = await queryRows<{ id: string }>(trx, WANTED_AMONG, [
    ...[JSON.stringify(unknown.map(({ row }) => row)), context],
  ]);
  return {
    ambiguous: matches.filter(({ candidates }) => candidates > 1).map(({ wanted }) => wanted),
    unstorable: [...apart.map(({ row }) => row.wanted), ...fitting.map(({ id }) => id)],
    refused: [...unknown, ...apart].map(({ code }) => code),
  };
}

interface Match {
  wanted: string;
  known: string;
  candidates: number;
  isGone: boolean;
}

async function upsertListed(trx: Database, context: string, items: readonly FetchedLineItem[]): Promise<void> {
  await trx.raw(
    `insert into line_items (context, line_item_id, resource_link_id, resource_id, tag, label, score_maximum, verified_at)
     select ?::uuid, id, "resourceLinkId", "resourceId", tag, label,
       case when "scoreMaximum" > 0 then "scoreMaximum" end, now()
     from jsonb_to_recordset(?::jsonb) as i(id text, "resourceLinkId" text, "resourceId" text, tag text, label text,
       "scoreMaximum" double precision)
     order by id
     on conflict (context, line_item_id) where line_item_id is not null and merged_into is null do update set
       resource_link_id = coalesce(excluded.resource_link_id, line_items.resource_link_id),
       resource_id = excluded.resource_id, tag = excluded.tag, label = excluded.label,
       score_maximum = excluded.score_maximum, verified_at = now(), updated_at = now()`,
    [context, JSON.stringify(items)],
  );
}

/**
 * A wanted column fits a known one by activity, or by resource and tag. One activity may have several columns: the one
 * without a resource id is then the activity's own. A column that the LMS no longer knew is wanted again: it may have
 * been made anew under another id, which only a column of this very listing can be.
 */
const MATCH_WANTED = `
with candidate as (
  select w.id as wanted, k.id as known, k.resource_id is null as is_plain, w.line_item_id is not null as is_gone,
    bool_or(k.resource_id is null) over (partition by w.id) as has_plain
  from line_items w
  join line_items k on k.context = w.context and k.line_item_id is not null and k.merged_into is null and case
    when w.resource_id is not null then k.resource_id = w.resource_id and coalesce(k.tag, '') = coalesce(w.tag, '')
    else k.resource_link_id = w.resource_link_id end
  where w.context = ? and w.merged_into is null and k.id <> w.id and (w.line_item_id is null
    or (w.parked_type = 'LineItemNotFound' and w.verified_at is distinct from now() and k.verified_at = now()))
)
select wanted, min(known::text)::uuid as known, count(*)::int as candidates, bool_or(is_gone) as "isGone"
from candidate where is_plain or not has_plain
group by wanted`;

/** A wanted column that fits one of them must not be made anew. */
const WANTED_AMONG = `
select distinct w.id from line_items w
join jsonb_to_recordset(?::jsonb) as i("resourceLinkId" text, "resourceId" text, tag text) on case
  when w.resource_id is not null then i."resourceId" = w.resource_id and coalesce(i.tag, '') = coalesce(w.tag, '')
  else i."resourceLinkId" = w.resource_link_id end
where w.context = ? and w.line_item_id is null and w.merged_into is null`;

/** What the LMS took into a column that it no longer has is gone with it, and is owed to the new one. */
async function forgetSubmitted(trx: Database, lineItem: string): Promise<void> {
  await trx.raw(
    `with lost as (select id from scores where line_item = ? order by id for update)
     ${changeScores('forgotten', 'lost')}`,
    [lineItem],
  );
}

/**
 * Makes two names of one column one column. Where both hold a score of a student, that of the known column stays and
 * takes the newer value; the other ends as superseded by it, so that its id still answers.
 */
async function mergeColumn(trx: Knex.Transaction, wanted: string, known: string): Promise<void> {
  await trx.raw('select 1 from line_items where id in (?, ?) order by id for update', [wanted, known]);
  const rivals = await queryRows<ScoreToAccept & { id: string; winner: string }>(
    trx,
    `select w.id, k.id as winner, w.context, w.user_id as "userId", w.value, w.changed_at as "changedAt", w.priority,
       w.awaits_nightly as "awaitsNightly", w.forced as force
     from scores w join scores k on k.line_item = ? and k.user_id = w.user_id and k.superseded_by is null
     where w.line_item = ? and w.superseded_by is null order by w.id for update of w`,
    [known, wanted],
  );
  await trx.raw(
    `with rival as (select * from unnest(?::uuid[], ?::uuid[]) as i(id, winner))
     ${changeScores('superseded', 'rival')}`,
    [rivals.map(({ id }) => id), rivals.map(({ winner }) => winner)],
  );
  await acceptScoresWithin(
    trx,
    rivals.map((rival) => ({ ...rival, lineItem: known })),
  );
  await trx.raw(
    `with ours as (
       select id, ?::uuid as line_item from scores where line_item = ? and superseded_by is null order by id for update
     )
     ${changeScores('moved', 'ours')}`,
    [known, wanted],
  );
  await trx.raw('update line_items set merged_into = ?, updated_at = now() where id = ?', [known, wanted]);
}
