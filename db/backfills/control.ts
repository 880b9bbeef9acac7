import type { Knex } from 'knex';
import {
  isCarriedOut,
  mayDecide,
  stateAfter,
  type BackfillCounts,
  type BackfillDecision,
  type BackfillFailure,
  type BackfillState,
} from '../../domain/backfill.js';
import { insertAuditEntry } from '../access/audit-entries.js';
import { isOneLineage } from '../access/lineage.js';
import { queryRows, type Database } from '../server/knex.js';
import { IS_BEHIND_ANOTHER } from './queue.js';

export interface NewBackfill {
  apiKey: string;
  /** Of the request that brings it, for the audit trail. */
  requestId?: string | null;
  author: string;
  reason: string;
  source: 'upload' | 'filter' | 'undo';
  action: 'correct' | 'resend' | 'recompute' | 'restore';
  parameters: Readonly<Record<string, unknown>>;
  undoOf: string | null;
  dryRun: boolean;
  releaseBy: 'approval' | 'preview';
  queueBehind: boolean;
  readsBack: boolean;
  perSecond: number | null;
  approvalScores: number;
  approvalDrop: number;
  idempotencyKey: string | null;
  requestHash: Buffer | null;
}

export interface BackfillStatus extends BackfillCounts {
  state: BackfillState;
  /** Something waits to be released. */
  hasPending: boolean;
  perSecond: number | null;
}

export interface BackfillControl {
  /**
   * With its audit row; that of an upload comes when its file is there whole. Undefined: the author's key has used this
   * idempotency key before.
   */
  insert(backfill: NewBackfill): Promise<string | undefined>;
  getStatus(backfill: string): Promise<BackfillStatus | undefined>;
  /**
   * Carries out a decision where it makes sense now, with its audit row, and gives the state after it. Decisions that come
   * at once take effect one after the other, in the order of their audit rows. Repeating one leaves the state as it is.
   */
  decide(input: Decision): Promise<DecisionOutcome>;
  /** Ends a backfill that has nothing left to do. */
  finish(backfill: string): Promise<BackfillState>;
  /**
   * Ends as failed one that was released, since PostgreSQL refuses, with this code, to go on. Its lines stay, for whoever
   * looks or undoes it; what is due already is sent all the same, and it says how many lines that are.
   */
  breakOff(backfill: string, code: string): Promise<void>;
  /** Backfills with something to do that no workflow has touched for a while; uploads that broke off are given up. */
  listForgotten(): Promise<string[]>;
}

export interface Decision {
  backfill: string;
  decision: BackfillDecision;
  /** Of whoever decides. */
  apiKey: string;
  requestId?: string | null;
  reason: string;
}

/** `isByAuthor`: it is not done because somebody else must approve. */
export type DecisionOutcome = { isDone: boolean; state: BackfillState; isByAuthor: boolean };

export function createControl(db: Knex): BackfillControl {
  return {
    insert: (backfill) => db.transaction((trx) => insert(trx, backfill)),
    getStatus: (backfill) => getStatus(db, backfill),
    decide: (input) => db.transaction((trx) => decide(trx, input)),
    finish: (backfill) => finish(db, backfill),
    breakOff: (backfill, code) => breakOff(db, backfill, code),
    listForgotten: () => listForgotten(db),
  };
}

async function insert(trx: Knex.Transaction, backfill: NewBackfill): Promise<string | undefined> {
  const { parameters, ...rest } = backfill;
  const [row] = await queryRows<{ id: string }>(
    trx,
    `insert into backfills (api_key, author, reason, source, action, parameters, undo_of, dry_run, release_by,
       queue_behind, reads_back, per_second, approval_scores, approval_drop, idempotency_key, request_hash, state)
     values (:apiKey, :author, :reason, :source, :action, :parameters::jsonb, :undoOf, :dryRun, :releaseBy,
       :queueBehind, :readsBack, :perSecond, :approvalScores, :approvalDrop, :idempotencyKey, :requestHash,
       case when :source = 'upload' then 'receiving' else 'previewing' end)
     on conflict do nothing returning id`,
    { ...rest, parameters: JSON.stringify(parameters) },
  );
  if (row && backfill.source !== 'upload') await insertStartEntry(trx, { id: row.id, ...backfill });
  return row?.id;
}

/** Who began a backfill, and why; goes with the statement from which on it counts. */
export async function insertStartEntry(
  trx: Knex.Transaction,
  { id, apiKey, requestId, author, reason, source, undoOf }: StartedBackfill,
): Promise<void> {
  const action = source === 'undo' ? 'backfills.undo' : 'backfills.start';
  const details = source === 'undo' ? { author, undoOf } : { author, source };
  await insertAuditEntry(trx, { apiKey, requestId, action, subject: id, reason, details });
}

export type StartedBackfill = Pick<NewBackfill, 'apiKey' | 'requestId' | 'author' | 'reason' | 'source' | 'undoOf'> & {
  id: string;
};

async function getStatus(db: Database, backfill: string): Promise<BackfillStatus | undefined> {
  const [row] = await queryRows<BackfillStatus>(
    db,
    `select state, lines, to_send as "toSend", sent, rejected, overtaken, unsent, per_second as "perSecond",
       exists (select from backfill_items i where i.backfill = b.id and i.state = 'pending') as "hasPending"
     from backfills b where id = :backfill`,
    { backfill },
  );
  return row;
}

/** What repeats a decision that was carried out already is done too. */
async function decide(
  trx: Knex.Transaction,
  { backfill, decision, apiKey, requestId, reason }: Decision,
): Promise<DecisionOutcome> {
  const [row] = await queryRows<{
    state: BackfillState;
    author: string;
    needsApproval: boolean;
    hasStarted: boolean;
  }>(
    trx,
    `select state, api_key as author, needs_approval as "needsApproval", released_at is not null as "hasStarted"
     from backfills where id = :backfill for update`,
    { backfill },
  );
  if (!row) throw new Error(`There is no backfill ${backfill}.`);
  const { state, hasStarted } = row;
  const isNew = mayDecide(decision, state);
  if (!isNew && !isCarriedOut(decision, state)) return { isDone: false, state, isByAuthor: false };
  const isByAuthor = decision === 'approve' && row.needsApproval && (await isOneLineage(trx, row.author, apiKey));
  if (isByAuthor) return { isDone: false, state, isByAuthor };
  const next = isNew ? stateAfter(decision, hasStarted) : state;
  if (isNew) await enter(trx, { backfill, decision, apiKey, next });
  await insertAuditEntry(trx, { apiKey, requestId, action: `backfills.${decision}`, subject: backfill, reason });
  return { isDone: true, state: next, isByAuthor };
}

async function enter(
  trx: Knex.Transaction,
  { backfill, decision, apiKey, next }: Omit<Decision, 'reason' | 'requestId'> & { next: BackfillState },
): Promise<void> {
  await queryRows(
    trx,
    `update backfills set state = :next, updated_at = now(), rate_at = null, rate_per_second = 0,
       approved_by = case when :isApproval then :apiKey::uuid else approved_by end,
       approved_at = case when :isApproval then now() else approved_at end,
       released_at = case when :isApproval then now() else released_at end,
       finished_at = case when :next = 'cancelled' then now() else finished_at end
     where id = :backfill`,
    { backfill, apiKey, next, isApproval: decision === 'approve' },
  );
}

async function finish(db: Knex, backfill: string): Promise<BackfillState> {
  const [row] = await queryRows<{ state: BackfillState }>(
    db,
    `with ending as (
       select case
         when exists (select from backfill_items where backfill = :backfill and state = 'released') then state
         when state = 'cancelling' then 'cancelled'
         when state = 'releasing' and not exists (
           select from backfill_items where backfill = :backfill and state = 'pending') then 'finished'
         else state end as next
       from backfills where id = :backfill for update
     )
     update backfills b set updated_at = now(), state = e.next,
       finished_at = case when e.next in ('finished', 'cancelled') then coalesce(b.finished_at, now()) end
     from ending e where b.id = :backfill returning b.state`,
    { backfill },
  );
  if (!row) throw new Error(`There is no backfill ${backfill}.`);
  return row.state;
}

export async function breakOff(db: Knex, backfill: string, code: string): Promise<void> {
  const type: BackfillFailure = 'RefusedByDatabase';
  await queryRows(
    db,
    `update backfills b set state = 'failed', failure_type = :type, finished_at = now(), updated_at = now(),
       failure_detail = format('PostgreSQL refuses to go on (SQLSTATE %s). What was released and is not taken back (%s) '
         'is sent all the same, the rest is not.', :code::text, released.words)
     from (select case count(*) when 1 then '1 line' else count(*) || ' lines' end as words
       from backfill_items where backfill = :backfill and state = 'released') released
     where b.id = :backfill and b.state in ('releasing', 'paused', 'cancelling')`,
    { backfill, type, code },
  );
}

async function listForgotten(db: Knex): Promise<string[]> {
  await queryRows(
    db,
    `update backfills set state = 'failed', failure_type = 'UploadIncomplete', idempotency_key = null,
       finished_at = now(), updated_at = now()
     where state = 'receiving' and received_at < now() - interval '10 minutes'`,
  );
  const rows = await queryRows<{ id: string }>(
    db,
    `select id from backfills b
     where state in ('previewing', 'queued', 'releasing', 'cancelling') and updated_at < now() - interval '30 seconds'
       and not ${IS_BEHIND_ANOTHER}
     order by updated_at limit 20`,
  );
  return rows.map(({ id }) => id);
}
