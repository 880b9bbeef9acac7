/** What operators do to many scores at once: send now what waits for the night, and retry what failed. */
import type { Knex } from 'knex';
import { queryRows, type Database } from '../server/knex.js';
import { filterBindings, SCORE_FILTER, scoreFilterFor, type ScoreFilter } from './score-reader.js';
import { isParked } from '../courses/parking.js';
import { IS_WANTED_NOW, isFreeOf } from './readiness.js';
import { changeScores } from './transitions.js';
import { endRests, unparkContexts, unparkLineItems } from '../courses/resume-work.js';

/** A context to be woken. */
export interface ContextToWake {
  context: string;
  deployment: string;
  gate: string;
}

export type Visible = { platforms: readonly string[] | null };

/** By ids, or by a filter, whose state is `rejected` unless it says `due`. */
export type RetryScope = Visible & ({ ids: readonly string[] } | { filter: ScoreFilter });

export interface RetryOutcome {
  /** Scores that are due now again. */
  retried: number;
  /** Those that lay under a parked column or context, which was let go too. */
  unparkedLineItems: number;
  unparkedContexts: number;
  contexts: ContextToWake[];
}

/** Repeating any of them is safe. */
export interface Resumptions {
  /** Makes scores due now with a clean slate; scores that are neither rejected nor due stay as they are. */
  retry(scope: RetryScope): Promise<RetryOutcome>;
  /** Lets go the scores that wait for the next nightly run, and says how many. */
  callNightly(scope: ScoreFilter & Visible): Promise<number>;
  /** Contexts of a scope with something ready now, those that waited longest first. */
  listReady(scope: ScoreFilter & Visible, limit: number): Promise<ContextToWake[]>;
  /** Ends the parking of a context and its columns, and the rests of its scores. Says how many scores wait there. */
  resumeContext(context: string): Promise<number>;
}

export function createResumptions(db: Knex): Resumptions {
  return {
    retry: (scope) => retryScores(db, scope),
    callNightly: (scope) => releaseNightly(db, scope),
    listReady: (scope, limit) => listReadyContexts(db, scope, limit),
    resumeContext: (context) => resumeContext(db, context),
  };
}

/** Rows changed by one statement, so that no transaction lasts long. */
const STEP = 5_000;

const PLACES = `
join contexts c on c.id = s.context
join deployments d on d.id = c.deployment
join platforms p on p.id = d.platform
join line_items l on l.id = s.line_item`;
/** Scores with their places, for `SCORE_FILTER`. */
const FROM = `from scores s ${PLACES}`;
/** The same of unfinished scores: what is finished costs nothing. */
export const FROM_QUEUE = `from score_queue q join scores s on s.id = q.score ${PLACES}`;

async function releaseNightly(db: Database, scope: ScoreFilter & Visible): Promise<number> {
  for (let released = 0; ;) {
    const rows = await queryRows(
      db,
      `with awaiting as (
         select s.id ${FROM_QUEUE} where ${SCORE_FILTER} and q.hold = 'night' and s.awaits_nightly and s.state = 'due' limit ${STEP} for update of s skip locked
       )
       ${changeScores('called', 'awaiting')} returning 1`,
      filterBindings({ ...scope, state: undefined }),
    );
    released += rows.length;
    if (rows.length < STEP) return released;
  }
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

async function retryScores(db: Knex, scope: RetryScope): Promise<RetryOutcome> {
  const total: RetryOutcome = { retried: 0, unparkedLineItems: 0, unparkedContexts: 0, contexts: [] };
  const contexts = new Map<string, ContextToWake>();
  for (let after = '0'; ;) {
    const step = await db.transaction((trx) => retryStep(trx, scope, after));
    for (const row of step.rows)
      contexts.set(row.context, { context: row.context, deployment: row.deployment, gate: row.gate });
    total.retried += step.rows.length;
    total.unparkedContexts += step.unparkedContexts;
    total.unparkedLineItems += step.unparkedLineItems;
    if (step.rows.length < STEP) return { ...total, contexts: [...contexts.values()] };
    after = step.last;
  }
}

interface RetryRow extends ContextToWake {
  id: string;
  seq: string;
  lineItem: string;
}

/** What a backfill took back was never to be sent: only whoever names it sends it. */
async function retryStep(trx: Knex.Transaction, scope: RetryScope, after: string) {
  const filter: ScoreFilter = 'filter' in scope ? { state: 'rejected' as const, ...scope.filter } : {};
  const rows = await queryRows<RetryRow>(
    trx,
    `select s.id, s.seq, s.line_item as "lineItem", c.id as context, c.deployment, d.gate ${FROM}
     where ${scoreFilterFor(filter.state)} and s.state in ('rejected', 'due') and s.seq > :after::bigint
       and (:ids::uuid[] is null or s.id = any (:ids::uuid[]))
       and (:ids::uuid[] is not null or :failureType::text is not null or s.failure_type is distinct from 'BackfillWithdrawn')
     order by s.seq limit ${STEP} for update of s`,
    {
      ...filterBindings({ ...filter, platforms: scope.platforms }),
      after,
      ids: 'ids' in scope ? [...scope.ids] : null,
    },
  );
  await trx.raw(`with picked as (select unnest(?::uuid[]) as id) ${changeScores('retried', 'picked')}`, [
    rows.map(({ id }) => id),
  ]);
  const unparkedContexts = await unparkContexts(trx, [...new Set(rows.map(({ context }) => context))]);
  const unparkedLineItems = await unparkLineItems(trx, [...new Set(rows.map(({ lineItem }) => lineItem))]);
  return {
    rows,
    unparkedContexts: unparkedContexts.length,
    unparkedLineItems: unparkedLineItems.length,
    last: rows.at(-1)?.seq ?? after,
  };
}

async function resumeContext(db: Knex, context: string): Promise<number> {
  return db.transaction(async (trx) => {
    await unparkContexts(trx, [context]);
    const parked = await queryRows<{ id: string }>(
      trx,
      `select l.id from line_items l where l.context = ? and ${isParked('l')}`,
      [context],
    );
    await unparkLineItems(
      trx,
      parked.map(({ id }) => id),
    );
    return endRests(trx, context);
  });
}
