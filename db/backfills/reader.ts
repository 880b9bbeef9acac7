import type { Knex } from 'knex';
import type { BackfillCounts, BackfillState, ChangeKind } from '../../domain/backfill.js';
import type { Paused } from '../platforms/pausing.js';
import { instantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import { isReached, isWithinReach } from '../access/reach.js';

export interface BackfillRecord extends BackfillCounts {
  id: string;
  seq: string;
  source: 'upload' | 'filter' | 'undo';
  action: 'correct' | 'resend' | 'recompute' | 'restore';
  state: BackfillState;
  author: string;
  reason: string;
  apiKey: string;
  parameters: Record<string, unknown>;
  /** Null, as `blockedBy`, also where the reader does not see that one. */
  undoOf: string | null;
  dryRun: boolean;
  queueBehind: boolean;
  failureType: string | null;
  failureDetail: string | null;
  blockedBy: string | null;
  upload: Record<string, unknown> | null;
  preview: BackfillPreview | null;
  needsApproval: boolean | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  paused: Paused | null;
  perSecond: number | null;
  ratePerSecond: number;
  requestHash: Buffer | null;
  createdAt: Date;
  releasedAt: Date | null;
  endedAt: Date | null;
  updatedAt: Date;
}

export interface BackfillPreview {
  kinds: Record<string, number>;
  reasons: Record<string, number>;
  toSend: number;
  largestDrop: number;
  histogram: { from: number; to: number; count: number }[];
  unreadable: number;
  contexts: number;
  columns: number;
  /** Whose grades were read from the LMS. */
  checkedColumns: number;
  samples: number[];
  estimate: { calls: number; seconds: number; platforms: Record<string, unknown>[] };
}

export interface ChangeRecord {
  line: number;
  platformId: string;
  deploymentId: string | null;
  contextId: string;
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  userId: string;
  score: string | null;
  kind: ChangeKind | null;
  outcome: string;
  reason: string | null;
  otherLine: number | null;
  beforeGiven: number | null;
  beforeMaximum: number | null;
  afterGiven: number | null;
  afterMaximum: number | null;
  /** It takes the grade away. */
  clears: boolean;
  seenInGradebook: number | null;
  at: Date | null;
}

export interface BackfillColumnRecord {
  target: number;
  platformId: string;
  contextId: string;
  lineItemId: string | null;
  resourceLinkId: string | null;
  resourceId: string | null;
  tag: string | null;
  label: string | null;
  problem: string | null;
  blocked: string | null;
  counts: Record<string, number> | null;
}

export interface BackfillProblemRecord {
  line: number;
  type: string;
  detail: string | null;
  otherLine: number | null;
}

interface Visible {
  id: string;
  platforms: readonly string[] | null;
  apiKey: string;
}

interface BackfillPage {
  state?: string | undefined;
  /** Those with a column there, among others. */
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  /** The `seq` of the last one seen. */
  before: string | null;
  limit: number;
}

interface LinePage {
  backfill: string;
  after: number;
  limit: number;
}

export interface BackfillReader {
  find(visible: Visible): Promise<BackfillRecord | undefined>;
  findByKey(key: { apiKey: string; key: string }): Promise<BackfillRecord | undefined>;
  list(page: Omit<Visible, 'id'> & BackfillPage): Promise<BackfillRecord[]>;
  listColumns(page: LinePage): Promise<BackfillColumnRecord[]>;
  listChanges(page: LinePage & { outcomes?: readonly string[] | undefined }): Promise<ChangeRecord[]>;
  findChanges(backfill: string, lines: readonly number[]): Promise<ChangeRecord[]>;
  listProblems(page: LinePage): Promise<BackfillProblemRecord[]>;
}

export function createReader(db: Knex): BackfillReader {
  return {
    find: async ({ id, ...caller }) => (await select(db, 'b.id = :id', { id, ...toBindings(caller) }))[0],
    findByKey: async ({ apiKey, key }) =>
      (
        await select(db, 'b.api_key = :author and b.idempotency_key = :key', {
          ...{ author: apiKey, key },
          ...toBindings({ apiKey, platforms: null }),
        })
      )[0],
    list: async ({ state, platformId, deploymentId, before, limit, ...caller }) =>
      select(
        db,
        `(:before::bigint is null or b.seq < :before::bigint) and (:state::text is null or b.state = :state::text)
         and ${(platformId ?? deploymentId) === undefined ? 'true' : HAS_COLUMN}`,
        {
          ...{ state: state ?? null, before, limit, ...toBindings(caller) },
          ...{ platformId: platformId ?? null, deploymentId: deploymentId ?? null },
        },
        'order by b.seq desc limit :limit',
      ),
    listColumns: async (page) =>
      queryRows(
        db,
        `select target, platform_id as "platformId", context_id as "contextId", line_item_id as "lineItemId",
           resource_link_id as "resourceLinkId", resource_id as "resourceId", tag, label, problem, blocked, counts
         from backfill_targets where backfill = :backfill and target > :after order by target limit :limit`,
        { ...page },
      ),
    listChanges: async ({ outcomes, ...page }) =>
      queryRows(
        db,
        `${CHANGES} where i.backfill = :backfill and i.line > :after
           and (:outcomes::text[] is null or ${OUTCOME} = any (:outcomes::text[])) order by i.line limit :limit`,
        { ...page, outcomes: outcomes ? [...outcomes] : null },
      ),
    findChanges: async (backfill, lines) =>
      queryRows(db, `${CHANGES} where i.backfill = :backfill and i.line = any (:lines::integer[]) order by i.line`, {
        backfill,
        lines: [...lines],
      }),
    listProblems: async (page) => queryRows(db, PROBLEMS, { ...page }),
  };
}

/**
 * A key that is limited sees its own backfills, those of keys that reach no further, and those that touch only what it may
 * see: that is known when they have a preview.
 */
const visible = (b: string): string => `(:platforms::text[] is null or ${b}.api_key = :apiKey::uuid
  or exists (select from api_keys k where k.id = ${b}.api_key and ${isWithinReach('k.platforms')})
  or (${b}.preview is not null and exists (select from backfill_targets t where t.backfill = ${b}.id) and not exists (
    select from backfill_targets t left join deployments d on d.id = t.deployment where t.backfill = ${b}.id
      and not ${isReached('t.platform_id', 'coalesce(d.deployment_id, t.deployment_id)')})))`;

/** The id of another backfill, where the reader sees that one too. */
const other = (id: string): string => `(select o.id from backfills o where o.id = ${id} and ${visible('o')})`;

/** A file may leave a deployment out where its platform has one. */
const HAS_COLUMN = `exists (select from backfill_targets t left join deployments d on d.id = t.deployment
  where t.backfill = b.id and (:platformId::text is null or t.platform_id = :platformId)
    and (:deploymentId::text is null or coalesce(d.deployment_id, t.deployment_id) = :deploymentId))`;

function toBindings({ platforms, apiKey }: Omit<Visible, 'id'>): { platforms: string[] | null; apiKey: string } {
  return { platforms: platforms && [...platforms], apiKey };
}

async function select(db: Database, where: string, bindings: Knex.ValueDict, tail = ''): Promise<BackfillRecord[]> {
  return queryRows(
    db,
    `select b.id, b.seq::text as seq, b.source, b.action, b.state, b.author, b.reason, b.api_key as "apiKey",
       b.parameters, ${other('b.undo_of')} as "undoOf", b.dry_run as "dryRun", b.queue_behind as "queueBehind", b.failure_type as "failureType",
       b.failure_detail as "failureDetail", ${other('b.blocked_by')} as "blockedBy", b.upload, b.preview,
       b.needs_approval as "needsApproval", b.approved_by as "approvedBy", b.approved_at as "approvedAt", ${PAUSED} as paused,
       b.per_second as "perSecond", b.lines, b.to_send as "toSend", b.sent, b.rejected, b.overtaken, b.unsent,
       b.rate_per_second as "ratePerSecond", b.request_hash as "requestHash", b.created_at as "createdAt",
       b.released_at as "releasedAt", b.finished_at as "endedAt", b.updated_at as "updatedAt"
     from backfills b where ${where} and ${visible('b')} ${tail}`,
    bindings,
  );
}

/** Who paused it and why, as the audit trail has it: the last word of it, and its beginning since it last went on. */
const PAUSED = `case when b.state = 'paused' then (
  select json_build_object('reason', latest.reason, 'apiKeyId', latest.api_key,
    'since', ${instantText('earliest.at')}, 'until', null)
  from (select a.reason, a.api_key from audit_entries a
    where a.subject = b.id::text and a.action = 'backfills.pause' order by a.id desc limit 1) latest,
  (select a.at from audit_entries a where a.subject = b.id::text and a.action = 'backfills.pause'
    and a.id > coalesce((select max(r.id) from audit_entries r
      where r.subject = b.id::text and r.action in ('backfills.approve', 'backfills.resume')), 0)
    order by a.id limit 1) earliest) end`;

/** What of a line is to come after a backfill ended will not come. */
const OUTCOME = `case
    when i.state in ('pending', 'staged') and b.state in ('finished', 'cancelled', 'failed') then 'unsent'
    else i.state end`;

const CHANGES = `
select i.line, t.platform_id as "platformId", t.deployment_id as "deploymentId", t.context_id as "contextId",
  t.line_item_id as "lineItemId", t.resource_link_id as "resourceLinkId", t.resource_id as "resourceId", t.tag,
  i.user_id as "userId", i.score, i.kind, i.reason, i.other_line as "otherLine", ${OUTCOME} as outcome,
  i.before_given as "beforeGiven", i.before_maximum as "beforeMaximum", i.score_given as "afterGiven",
  coalesce(i.score_maximum, i.before_maximum, t.score_maximum) as "afterMaximum",
  coalesce((i.more ->> 'clears')::boolean, false) as clears,
  i.seen_given as "seenInGradebook", i.settled_at as at
from backfill_items i
join backfills b on b.id = i.backfill
join backfill_targets t on t.backfill = i.backfill and t.target = i.target`;

const PROBLEMS = `
select line, type, detail, null::integer as "otherLine" from backfill_problems
where backfill = :backfill and line > :after
union all
select line, reason, null, other_line from backfill_items
where backfill = :backfill and line > :after and kind in ('refused', 'blocked')
order by line limit :limit`;
