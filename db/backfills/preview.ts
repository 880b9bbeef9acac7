import type { Knex } from 'knex';
import type { BackfillFailure, BackfillState } from '../../domain/backfill.js';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { queryRows } from '../server/knex.js';
import { CLASSIFY_PAGE } from './classify-sql.js';
import { createCollection } from './collection.js';
import { emptyErasedLines } from './empty-lines.js';
import { findOverlap } from './find-overlap.js';
import { enterPreview, listBehind } from './queue.js';
import { COMPARE_TARGETS, MARK_REPEATED, RESOLVE_TARGETS } from './resolve-sql.js';
import { COUNT_BY_TARGET, ESTIMATE, PICK_SAMPLES, SUMMARISE } from './summary-sql.js';

export interface PreviewOutcome {
  state: BackfillState;
  toSend: number;
  lines: number;
}

export interface PreviewStore {
  /** Begins, or goes on after a death: the step that was reached. Null when it is not to be previewed (any more), or waits. */
  begin(backfill: string): Promise<PreviewStep | null>;
  /** Keeps a step, so that it is the one to go on with. */
  keepStep(backfill: string, step: PreviewStep): Promise<void>;
  /** One bounded piece of work; gives what comes next, or null when only the conclusion is left. Safe to repeat. */
  advance(backfill: string, step: PreviewStep): Promise<PreviewStep | null>;
  /** Sums up, and moves on to the next state. */
  conclude(backfill: string): Promise<PreviewOutcome>;
  /** Those that wait for this one, which may go on when it has ended. */
  listBehind(backfill: string): Promise<string[]>;
}

export interface PreviewStep {
  /** `check` is not the database's to advance: the LMS is asked. */
  name: 'collect' | 'resolve' | 'check' | 'classify';
  /** The last line, score or column that is done. */
  after: string;
}

const PAGE = 20_000;
const PAGES_AT_ONCE = 2;

export function createPreview(db: Knex, erased: ErasedPeople): PreviewStore {
  const collection = createCollection(db);
  return {
    begin: (backfill) => begin(db, backfill),
    async advance(backfill, step) {
      const next = await advance(db, { collection, erased }, backfill, step);
      if (next) await keepStep(db, backfill, next);
      return next;
    },
    keepStep: (backfill, step) => keepStep(db, backfill, step),
    conclude: (backfill) => conclude(db, backfill),
    listBehind: (backfill) => listBehind(db, backfill),
  };
}

async function keepStep(db: Knex, backfill: string, step: PreviewStep): Promise<void> {
  const preview_step = JSON.stringify(step);
  await db('backfills').where({ id: backfill }).update({ preview_step, updated_at: db.fn.now() });
}

async function begin(db: Knex, backfill: string): Promise<PreviewStep | null> {
  const entered = await enterPreview(db, backfill);
  if (!entered) return null;
  const first: PreviewStep = { name: entered.source === 'upload' ? 'resolve' : 'collect', after: '0' };
  return { ...first, ...entered.step };
}

async function advance(
  db: Knex,
  { collection, erased }: { collection: ReturnType<typeof createCollection>; erased: ErasedPeople },
  backfill: string,
  { name, after }: PreviewStep,
): Promise<PreviewStep | null> {
  switch (name) {
    case 'collect': {
      const reached = await collection.collectPage(backfill, after);
      return reached === null ? { name: 'resolve', after: '0' } : { name, after: reached };
    }
    case 'resolve':
      await inRoom(db, async (trx) => {
        await queryRows(trx, RESOLVE_TARGETS, { backfill });
        await queryRows(trx, COMPARE_TARGETS, { backfill });
        await trx.raw('select analyze_backfill_items()');
        await queryRows(trx, MARK_REPEATED, { backfill });
      });
      return { name: (await readsBack(db, backfill)) ? 'check' : 'classify', after: '0' };
    case 'check':
      return { name: 'classify', after: '0' };
    case 'classify': {
      const pages = await listPages(db, backfill, after);
      const last = pages.at(-1);
      if (!last) return null;
      await Promise.all(
        pages.map((page) =>
          db.transaction(async (trx) => {
            await emptyErasedLines(trx, erased, { backfill, ...page });
            await queryRows(trx, CLASSIFY_PAGE, { backfill, ...page });
          }),
        ),
      );
      return { name, after: String(last.upTo) };
    }
  }
}

async function readsBack(db: Knex, backfill: string): Promise<boolean> {
  const sql = 'select reads_back as "readsBack" from backfills where id = :backfill';
  return (await queryRows<{ readsBack: boolean }>(db, sql, { backfill }))[0]?.readsBack ?? false;
}

/** The next pages to judge, which are judged side by side: the database has more than one processor. */
async function listPages(db: Knex, backfill: string, after: string): Promise<{ after: number; upTo: number }[]> {
  return queryRows(
    db,
    `select coalesce(lag(last) over (order by last), :after::integer) as after, last as "upTo" from (
       select max(line) as last from (
         select line, (row_number() over (order by line) - 1) / ${PAGE} as page from (
           select line from backfill_items where backfill = :backfill and line > :after::integer
           order by line limit ${PAGE * PAGES_AT_ONCE}) as next
       ) as numbered group by page
     ) as pages order by last`,
    { backfill, after },
  );
}

/** Grouping a million lines in memory instead of on disk is worth this much to one connection. */
async function inRoom<T>(db: Knex, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return db.transaction(async (trx) => {
    await trx.raw(`set local work_mem = '96MB'`);
    return work(trx);
  });
}

interface Summary {
  kinds: Record<string, number>;
  toSend: number;
  largestDrop: number;
}

interface Estimated {
  toSend: number;
  inFlight: number;
  ratePerSecond: number | null;
  callMs: number;
}

async function conclude(db: Knex, backfill: string): Promise<PreviewOutcome> {
  return inRoom(db, async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(7228624)');
    const overlap = await findOverlap(trx, backfill);
    if (overlap !== undefined) return settleOverlap(trx, backfill, overlap);
    await queryRows(trx, COUNT_BY_TARGET, { backfill });
    const [summary] = await queryRows<Summary>(trx, SUMMARISE, { backfill });
    if (!summary) throw new Error('An aggregate gave no row.');
    const samples = await queryRows<{ line: number }>(trx, PICK_SAMPLES, { backfill });
    const platforms = (await queryRows<Estimated>(trx, ESTIMATE, { backfill })).map((platform) => ({
      ...platform,
      seconds: secondsOf(platform),
    }));
    const [limit] = await queryRows<{ perSecond: number | null }>(
      trx,
      'select per_second as "perSecond" from backfills where id = :backfill',
      { backfill },
    );
    const slowest = Math.max(0, ...platforms.map(({ seconds }) => seconds));
    const seconds = Math.ceil(Math.max(slowest, limit?.perSecond ? summary.toSend / limit.perSecond : 0));
    const preview = {
      ...summary,
      largestDrop: Math.round(summary.largestDrop * 10_000) / 100,
      samples: samples.map(({ line }) => line),
      estimate: { calls: summary.toSend, seconds, platforms },
    };
    return store(trx, backfill, preview);
  });
}

function secondsOf({ toSend, inFlight, ratePerSecond, callMs }: Estimated): number {
  const bySlots = (inFlight * 1_000) / Math.max(callMs, 1);
  return Math.ceil(toSend / Math.min(bySlots, ratePerSecond ?? Infinity));
}

async function settleOverlap(trx: Knex.Transaction, backfill: string, other: string): Promise<PreviewOutcome> {
  const type: BackfillFailure = 'OverlapsAnother';
  const [row] = await queryRows<PreviewOutcome>(
    trx,
    `update backfills set blocked_by = :other, updated_at = now(),
       state = case when queue_behind then 'queued' else 'failed' end,
       failure_type = case when not queue_behind then :type end,
       finished_at = case when not queue_behind then now() end
     where id = :backfill and state = 'previewing' returning state, 0 as "toSend", lines`,
    { backfill, other, type },
  );
  return row ?? stateOf(trx, backfill);
}

async function store(trx: Knex.Transaction, backfill: string, preview: Summary): Promise<PreviewOutcome> {
  const [row] = await queryRows<PreviewOutcome>(
    trx,
    `update backfills b set preview = :preview::jsonb, to_send = :toSend, unsent = :toSend, updated_at = now(),
       lines = judged.n,
       needs_approval = :toSend > approval_scores or :drop > approval_drop,
       state = case
         when judged.n = 0 then 'failed'
         when dry_run or :toSend = 0 then 'finished'
         when release_by = 'preview' and not (:toSend > approval_scores or :drop > approval_drop) then 'releasing'
         else 'awaitingApproval' end,
       failure_type = case when judged.n = 0 then 'NothingToDo' end,
       finished_at = case when judged.n = 0 or dry_run or :toSend = 0 then now() end,
       released_at = case when release_by = 'preview' and not dry_run then now() end
     from (select count(*)::int as n from backfill_items where backfill = :backfill) as judged
     where b.id = :backfill and b.state = 'previewing' returning b.state, b.to_send as "toSend", b.lines`,
    { backfill, preview: JSON.stringify(preview), toSend: preview.toSend, drop: preview.largestDrop },
  );
  return row ?? stateOf(trx, backfill);
}

async function stateOf(db: Knex, backfill: string): Promise<PreviewOutcome> {
  const [row] = await queryRows<PreviewOutcome>(
    db,
    'select state, to_send as "toSend", lines from backfills where id = :backfill',
    { backfill },
  );
  if (!row) throw new Error(`There is no backfill ${backfill}.`);
  return row;
}
