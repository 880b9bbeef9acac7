import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { BackfillFailure } from '../../domain/backfill.js';
import type { CorrectedColumn, Correction } from '../../domain/parse-correction.js';
import { queryRows } from '../server/knex.js';
import { insertStartEntry, type StartedBackfill } from './control.js';
import { findOverlap } from './find-overlap.js';
import { RESOLVE_TARGETS } from './resolve-sql.js';

export interface StagedPage {
  corrections: readonly (Correction & { line: number })[];
  problems: readonly { line: number; type: string; detail: string }[];
}

/** Writes the lines of one upload, page by page. */
export interface Stager {
  /** False: the backfill is no longer being received, so nothing more is wanted. */
  stage(page: StagedPage): Promise<boolean>;
}

export interface Staging {
  createStager(backfill: string): Stager;
  /** Ends the upload, with its audit row: from now on it is to be previewed. False when it was cancelled meanwhile. */
  complete(
    backfill: string,
    upload: Readonly<Record<string, unknown>>,
    requestHash: Buffer | null,
    requestId?: string | null,
  ): Promise<boolean>;
  /** Gives it up, with what was staged. */
  fail(backfill: string, type: BackfillFailure, detail: string | null, blockedBy?: string): Promise<void>;
  /** Another backfill that has some of these scores in hand; columns are looked up for that. */
  findOverlap(backfill: string): Promise<string | undefined>;
}

export function createStaging(db: Knex): Staging {
  return {
    createStager: (backfill) => createStager(db, backfill),
    async complete(backfill, upload, requestHash, requestId = null) {
      return db.transaction(async (trx) => {
        const [started] = await queryRows<Omit<StartedBackfill, 'requestId'>>(
          trx,
          `update backfills set state = 'previewing', upload = :upload::jsonb, request_hash = :requestHash,
             lines = (select count(*) from backfill_items where backfill = :backfill), updated_at = now()
           where id = :backfill and state = 'receiving'
           returning id, api_key as "apiKey", author, reason, source, undo_of as "undoOf"`,
          { backfill, upload: JSON.stringify(upload), requestHash },
        );
        if (started) await insertStartEntry(trx, { ...started, requestId });
        return started !== undefined;
      });
    },
    async findOverlap(backfill) {
      return db.transaction(async (trx) => {
        await queryRows(trx, RESOLVE_TARGETS, { backfill });
        return findOverlap(trx, backfill);
      });
    },
    async fail(backfill, type, detail, blockedBy) {
      await queryRows(
        db,
        `update backfills set state = 'failed', failure_type = :type, failure_detail = :detail, finished_at = now(),
           blocked_by = :blockedBy::uuid,
           idempotency_key = null, updated_at = now()
         where id = :backfill and state not in ('finished', 'cancelled', 'failed')`,
        { backfill, type, detail, blockedBy: blockedBy ?? null },
      );
      await deleteItems(db, backfill);
    },
  };
}

const STEP = 50_000;

/** Removes the lines of a backfill that will never be carried out, in steps. */
export async function deleteItems(db: Knex, backfill: string): Promise<void> {
  for (;;) {
    const rows = await queryRows(
      db,
      `delete from backfill_items where ctid = any (array(
         select ctid from backfill_items where backfill = :backfill limit ${STEP})) returning 1`,
      { backfill },
    );
    if (rows.length < STEP) return;
  }
}

/** Columns remembered; more of them cost a look-up each. */
const MOST_REMEMBERED = 50_000;

function createStager(db: Knex, backfill: string): Stager {
  let known = new Map<string, number>();
  let next = 1;

  const numberTargets = async (columns: ReadonlyMap<string, CorrectedColumn>): Promise<void> => {
    const missing = [...columns].filter(([key]) => !known.has(key));
    if (missing.length === 0) return;
    if (known.size > MOST_REMEMBERED) known = new Map();
    const rows = [...columns].map(([key, column]) => ({ ...column, target: 0, hash: hashOf(key), key }));
    for (const row of rows) row.target = next++;
    const found = await queryRows<{ target: number; hash: string }>(db, ADD_TARGETS, {
      backfill,
      targets: JSON.stringify(rows),
    });
    const byHash = new Map(found.map(({ hash, target }) => [hash, target]));
    for (const { key, hash } of rows) known.set(key, byHash.get(hash) ?? fail());
  };

  return {
    async stage({ corrections, problems }) {
      const keyed = corrections.map((correction) => ({ ...correction, key: keyOf(correction.column) }));
      await numberTargets(new Map(keyed.map(({ key, column }) => [key, column])));
      if (problems.length > 0) await queryRows(db, ADD_PROBLEMS, { backfill, problems: JSON.stringify(problems) });
      if (keyed.length > 0) {
        await queryRows(db, ADD_ITEMS, {
          backfill,
          lines: toArray(keyed.map(({ line }) => line)),
          targets: toArray(keyed.map(({ key }) => known.get(key) ?? fail())),
          users: toArray(keyed.map(({ userId }) => userId)),
          given: toArray(keyed.map(({ scoreGiven }) => scoreGiven)),
          maximum: toArray(keyed.map(({ scoreMaximum }) => scoreMaximum)),
          changedAt: toArray(keyed.map(({ changedAt }) => changedAt?.toISOString() ?? null)),
          more: toArray(keyed.map(({ more }) => (more === null ? null : JSON.stringify(more)))),
        });
      }
      const rows = await queryRows(
        db,
        `update backfills set received_at = now(), updated_at = now() where id = :backfill and state = 'receiving' returning 1`,
        { backfill },
      );
      return rows.length > 0;
    },
  };
}

/** An array as PostgreSQL reads it; knex has no type for one with nulls. */
function toArray(values: readonly (string | number | null)[]): string {
  const cells = values.map((value) => {
    if (typeof value !== 'string') return value === null ? 'NULL' : String(value);
    return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${cells.join(',')}}`;
}

function keyOf(column: CorrectedColumn): string {
  const { platformId, deploymentId, contextId, lineItemId, resourceLinkId, resourceId, tag } = column;
  return JSON.stringify([platformId, deploymentId, contextId, lineItemId, resourceLinkId, resourceId, tag]);
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

function fail(): never {
  throw new Error('A column that was staged cannot be found again.');
}

const ADD_TARGETS = `
with given as (
  select * from jsonb_to_recordset(:targets::jsonb) as g(target integer, hash text, "platformId" text,
    "deploymentId" text, "contextId" text, "lineItemId" text, "resourceLinkId" text, "resourceId" text, tag text,
    label text, "scoreMaximum" double precision)
), added as (
  insert into backfill_targets (backfill, target, name_hash, platform_id, deployment_id, context_id, line_item_id,
    resource_link_id, resource_id, tag, label, score_maximum)
  select :backfill::uuid, target, decode(hash, 'hex'), "platformId", "deploymentId", "contextId", "lineItemId",
    "resourceLinkId", "resourceId", tag, label, "scoreMaximum"
  from given
  on conflict (backfill, name_hash) do nothing
  returning target, encode(name_hash, 'hex') as hash
)
select target, hash from added
union all
select t.target, g.hash from given g
join backfill_targets t on t.backfill = :backfill and t.name_hash = decode(g.hash, 'hex')`;

const ADD_PROBLEMS = `
insert into backfill_problems (backfill, line, type, detail)
select :backfill::uuid, line, type, detail
from jsonb_to_recordset(:problems::jsonb) as p(line integer, type text, detail text)
on conflict do nothing`;

const ADD_ITEMS = `
insert into backfill_items (backfill, line, target, user_id, score_given, score_maximum, changed_at, more)
select :backfill::uuid, * from unnest(:lines::integer[], :targets::integer[], :users::text[],
  :given::double precision[], :maximum::double precision[], :changedAt::timestamptz[], :more::jsonb[])`;
