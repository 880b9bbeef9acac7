/** Bulk operations: what an operator does to many rows, page by page, each in a transaction with its counts. */
import type { Knex } from 'knex';
import type { BulkCounts, BulkKind, BulkProgress, BulkState } from '../../domain/bulk-operation.js';
import { openSyncRun } from '../runs/sync-runs.js';
import { queryRows, type Database } from '../server/knex.js';
import { listForgotten } from '../server/list-forgotten.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import { takePage, type BulkAct } from './acts.js';
import { FIRST_PAGE, type BulkPage, type ContextToWake } from './page.js';
import { isWithinReach } from '../access/reach.js';

export interface BulkOperation extends BulkCounts {
  id: string;
  seq: string;
  kind: BulkKind;
  state: BulkState;
  reason: string | null;
  /** More of what was done, by name. */
  details: Readonly<Record<string, number>>;
  /** PostgreSQL's code for why it refused a page for good. */
  failure: string | null;
  startedAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
}

export interface NewBulkOperation {
  id: string;
  act: BulkAct;
  platforms: readonly string[] | null;
  apiKey: string;
  reason: string;
}

/** What a caller may see: an operation that reaches no further than it. */
export interface VisibleOperation {
  id: string;
  platforms: readonly string[] | null;
}

export interface BulkPageDone extends BulkProgress {
  /** To be woken: they have something to send. */
  contexts: readonly ContextToWake[];
}

export interface BulkOperations {
  /** Begins one and does its first page, in one transaction: what is small is done when this resolves. */
  begin(operation: NewBulkOperation): Promise<BulkOperation & { contexts: readonly ContextToWake[] }>;
  /**
   * Does the next page, unless it has ended. Safe to repeat, and to run twice at once: pages of one operation come one
   * after the other, and each is counted when it is committed. Undefined: there is no such operation.
   */
  advance(id: string): Promise<BulkPageDone | undefined>;
  /** PostgreSQL refuses the next page for good. */
  fail(id: string, failure: string): Promise<void>;
  /** Ends it where it stands; false: it had ended. */
  cancel(visible: VisibleOperation): Promise<boolean>;
  find(visible: VisibleOperation): Promise<BulkOperation | undefined>;
  /** Newest first. */
  list(page: {
    platforms: readonly string[] | null;
    state?: BulkState | undefined;
    before: string | null;
    limit: number;
  }): Promise<BulkOperation[]>;
  /** Those that run and have not moved for a minute: nobody carries them on. */
  listForgotten(): Promise<string[]>;
}

/** Rows of one page, so that no transaction lasts long. */
const PAGE = 5_000;

const COLUMNS = `
id, seq, act ->> 'kind' as kind, state, reason, acted, skipped, failed, details, failure, started_at as "startedAt",
updated_at as "updatedAt", ended_at as "endedAt"`;
const ENDED = 'ended_at = now(), updated_at = now()';
const VISIBLE = isWithinReach('platforms');

/** `pageSize`: default 5,000 rows. */
export function createBulkOperations(
  db: Knex,
  { pageSize = PAGE }: { pageSize?: number | undefined } = {},
): BulkOperations {
  return {
    begin: (operation) => retryDeadlock(() => db.transaction((trx) => begin(trx, operation, pageSize))),
    advance: (id) => retryDeadlock(() => db.transaction((trx) => advance(trx, id, pageSize))),
    async fail(id, failure) {
      await db.raw(
        `update bulk_operations set state = 'failed', failure = :failure, ${ENDED} where id = :id and state = 'running'`,
        { id, failure },
      );
    },
    async cancel({ id, platforms }) {
      const rows = await queryRows(
        db,
        `update bulk_operations set state = 'cancelled', ${ENDED}
         where id = :id and state = 'running' and ${VISIBLE} returning 1`,
        { id, platforms: platforms && [...platforms] },
      );
      return rows.length > 0;
    },
    async find({ id, platforms }) {
      const sql = `select ${COLUMNS} from bulk_operations where id = :id and ${VISIBLE}`;
      return (await queryRows<BulkOperation>(db, sql, { id, platforms: platforms && [...platforms] }))[0];
    },
    list: ({ platforms, state, before, limit }) =>
      queryRows<BulkOperation>(
        db,
        `select ${COLUMNS} from bulk_operations
         where ${VISIBLE} and (:state::text is null or state = :state) and (:before::bigint is null or seq < :before::bigint)
         order by seq desc limit :limit`,
        { platforms: platforms && [...platforms], state: state ?? null, before, limit },
      ),
    listForgotten: () => listForgotten(db, 'bulk_operations'),
  };
}

async function begin(trx: Knex.Transaction, operation: NewBulkOperation, limit: number) {
  const { id, act, platforms, apiKey, reason } = operation;
  await trx.raw(
    `insert into bulk_operations (id, act, platforms, api_key, reason) values (:id, :act, :platforms, :apiKey, :reason)`,
    { id, act: JSON.stringify(act), platforms: platforms && [...platforms], apiKey, reason },
  );
  if (act.kind === 'sync') await openSyncRun(trx, { runId: id, reason });
  const page = await takePage(trx, { id, act, platforms }, { after: FIRST_PAGE, limit });
  const done = await notePage(trx, { id, act, acted: 0 }, page);
  return { ...done, contexts: page.contexts };
}

interface OperationRow extends BulkProgress {
  id: string;
  act: BulkAct;
  platforms: readonly string[] | null;
  after: string;
}

async function advance(trx: Knex.Transaction, id: string, limit: number): Promise<BulkPageDone | undefined> {
  const [row] = await queryRows<OperationRow>(
    trx,
    `select id, act, platforms, state, next_page as after, acted, skipped, failed from bulk_operations where id = ? for update`,
    [id],
  );
  if (!row || row.state !== 'running') return row && { ...toProgress(row), contexts: [] };
  const page = await takePage(trx, row, { after: row.after, limit });
  return { ...toProgress(await notePage(trx, row, page)), contexts: page.contexts };
}

/** Adds the counts of a page. What named its rows by their ids is told at last how many of them it left. */
async function notePage(
  trx: Database,
  { id, act, acted }: Pick<OperationRow, 'id' | 'act' | 'acted'>,
  page: BulkPage,
): Promise<BulkOperation> {
  const isLast = page.next === null;
  const unfound = isLast && 'ids' in act ? new Set(act.ids).size - acted - page.acted : 0;
  const skipped = unfound + (page.skipped ?? 0);
  const [row] = await queryRows<BulkOperation>(
    trx,
    `update bulk_operations set acted = acted + :acted, skipped = skipped + :skipped, failed = failed + :failed,
       details = details || coalesce((select jsonb_object_agg(n.key, n.value::int + coalesce((details ->> n.key)::int, 0))
         from jsonb_each_text(:details::jsonb) n), '{}'),
       next_page = coalesce(:next, next_page), act = case when :isLast then act - 'ids' else act end,
       state = case when :isLast then 'completed' else state end,
       updated_at = now(), ended_at = case when :isLast then now() end
     where id = :id returning ${COLUMNS}`,
    {
      ...{ id, isLast, acted: page.acted, skipped, failed: page.failed ?? 0, next: page.next },
      details: JSON.stringify(page.details ?? {}),
    },
  );
  if (!row) throw new Error('A bulk operation is gone while it is under way.');
  return row;
}

function toProgress({ state, acted, skipped, failed }: BulkProgress): BulkProgress {
  return { state, acted, skipped, failed };
}
