/** What operators do to many scores at once: send now what waits for the night, and retry what failed. */
import type { Knex } from 'knex';
import { TAKEN_BACK } from '../../domain/failure.js';
import { FIRST_PAGE, type BulkPage, type ContextToWake, type PageStart } from '../bulk/page.js';
import { queryRows, type Database } from '../server/knex.js';
import { filterBindings, SCORE_FILTER, scoreFilterFor, type ScoreFilter } from './score-reader.js';
import { isParked } from '../courses/parking.js';
import { IS_WANTED_NOW, isFreeOf } from './readiness.js';
import { changeScores } from './transitions.js';
import {
  countWanted,
  endRests,
  endSomeRests,
  letColumnsBeSought,
  unparkContexts,
  unparkLineItems,
} from '../courses/resume-work.js';

export type Visible = { platforms: readonly string[] | null };

/** By ids, or by a filter, whose state is `rejected` unless it says `due`. `id`: of the operation, for the story of each. */
export type RetryScope = Visible & { id: string } & ({ ids: readonly string[] } | { filter: ScoreFilter });

export interface Resumptions {
  /** Contexts of a scope with something ready now, those that waited longest first. */
  listReady(scope: ScoreFilter & Visible, limit: number): Promise<ContextToWake[]>;
  /** Ends the parking of a column, and the rests of its scores. Says how many scores wait there. */
  resumeLineItem(of: { context: string; lineItem: string }): Promise<number>;
}

export function createResumptions(db: Knex): Resumptions {
  return {
    listReady: (scope, limit) => listReadyContexts(db, scope, limit),
    resumeLineItem: ({ context, lineItem }) =>
      db.transaction(async (trx) => {
        await unparkLineItems(trx, [lineItem]);
        return endRests(trx, context, [lineItem]);
      }),
  };
}

const PLACES = `
join contexts c on c.id = s.context
join deployments d on d.id = c.deployment
join platforms p on p.id = d.platform
join line_items l on l.id = s.line_item`;
/** Scores with their places, for `SCORE_FILTER`. */
const FROM = `from scores s ${PLACES}`;
/** The same of unfinished scores: what is finished costs nothing. */
export const FROM_QUEUE = `from score_queue q join scores s on s.id = q.score ${PLACES}`;

/** Lets go scores that wait for the next nightly run. */
export async function callNightlyPage(
  trx: Database,
  scope: ScoreFilter & Visible,
  { limit }: PageStart,
): Promise<BulkPage> {
  const rows = await queryRows<ContextToWake>(
    trx,
    `with awaiting as (
       select s.id ${FROM_QUEUE} where ${SCORE_FILTER} and q.hold = 'night' and s.awaits_nightly and s.state = 'due'
       limit :limit for update of s skip locked
     ), called as (${changeScores('called', 'awaiting')} returning s.context)
     select c.id as context, c.deployment, d.gate from called
     join contexts c on c.id = called.context join deployments d on d.id = c.deployment`,
    { ...filterBindings({ ...scope, state: undefined }), limit },
  );
  return { acted: rows.length, next: rows.length < limit ? null : FIRST_PAGE, contexts: distinct(rows) };
}

/** Something to send or to read back at once. */
export const IS_READY = `${isFreeOf('rest')} and ${IS_WANTED_NOW}`;

async function listReadyContexts(db: Database, scope: ScoreFilter & Visible, limit: number): Promise<ContextToWake[]> {
  return queryRows(
    db,
    `select c.id as context, c.deployment, d.gate ${FROM_QUEUE}
     where ${SCORE_FILTER} and ${IS_READY}
     group by c.id, d.gate order by min(s.due_at), c.id limit :limit`,
    { ...filterBindings({ ...scope, state: undefined }), limit },
  );
}

interface RetryRow extends ContextToWake {
  id: string;
  seq: string;
  lineItem: string;
  isTakenBack: boolean;
}

/**
 * Makes scores due now with a clean slate, and lets go the columns and contexts that were set aside above them. Scores that
 * are neither rejected nor due stay as they are. What somebody or a backfill took back was never to be sent: it is skipped,
 * unless it is named, by its id or by that failure.
 */
export async function retryPage(trx: Database, scope: RetryScope, { after, limit }: PageStart): Promise<BulkPage> {
  const filter: ScoreFilter = 'filter' in scope ? { state: 'rejected' as const, ...scope.filter } : {};
  const found = await queryRows<RetryRow>(
    trx,
    `select s.id, s.seq, s.line_item as "lineItem", c.id as context, c.deployment, d.gate,
       :ids::uuid[] is null and :failureType::text is null and coalesce(s.failure_type = any (:takenBack::text[]), false) as "isTakenBack"
     ${FROM}
     where ${scoreFilterFor(filter.state)} and s.state in ('rejected', 'due') and s.seq > :after::bigint
       and (:ids::uuid[] is null or s.id = any (:ids::uuid[]))
     order by s.seq limit :limit for update of s`,
    {
      ...filterBindings({ ...filter, platforms: scope.platforms }),
      ...{ after, limit },
      ids: 'ids' in scope ? [...scope.ids] : null,
      takenBack: [...TAKEN_BACK],
    },
  );
  const rows = found.filter(({ isTakenBack }) => !isTakenBack);
  const picked = rows.map(({ id }) => id);
  await trx.raw(`with picked as (select unnest(?::uuid[]) as id) ${changeScores('retried', 'picked')}`, [picked]);
  await trx.raw('insert into score_retries (score, operation) select unnest(?::uuid[]), ?', [picked, scope.id]);
  const unparkedContexts = await unparkContexts(trx, [...new Set(rows.map(({ context }) => context))]);
  const unparkedLineItems = await unparkLineItems(trx, [...new Set(rows.map(({ lineItem }) => lineItem))]);
  return {
    ...{ acted: rows.length, skipped: found.length - rows.length },
    details: { unparkedContexts: unparkedContexts.length, unparkedLineItems: unparkedLineItems.length },
    next: found.length < limit ? null : (found.at(-1)?.seq ?? null),
    contexts: distinct(rows),
  };
}

/** Ends the parking of a context and its columns, and the rests of its scores; at last counts the scores that wait there. */
export async function resumeContextPage(
  trx: Database,
  context: string,
  { after, limit }: PageStart,
): Promise<BulkPage> {
  await unparkContexts(trx, [context]);
  await unparkLineItems(trx, await listParkedLineItems(trx, context));
  const woken = await endSomeRests(trx, { context, limit, ...(after !== FIRST_PAGE && { after }) });
  const acted = woken.length;
  await letColumnsBeSought(trx, context);
  const contexts = await queryRows<ContextToWake>(
    trx,
    `select c.id as context, c.deployment, d.gate from contexts c join deployments d on d.id = c.deployment where c.id = ?`,
    [context],
  );
  if (acted === limit) return { acted, next: woken.at(-1) ?? null, contexts };
  return { acted, details: { resumed: await countWanted(trx, context) }, next: null, contexts };
}

async function listParkedLineItems(trx: Database, context: string): Promise<string[]> {
  const sql = `select l.id from line_items l where l.context = ? and ${isParked('l')}`;
  return (await queryRows<{ id: string }>(trx, sql, [context])).map(({ id }) => id);
}

function distinct(rows: readonly ContextToWake[]): ContextToWake[] {
  return [...new Map(rows.map(({ context, deployment, gate }) => [context, { context, deployment, gate }])).values()];
}
