import type { Knex } from 'knex';
import type { ColumnName } from '../../domain/parse-column.js';
import type { ScoreTarget } from '../../domain/parse-score.js';
import { queryRows } from '../server/knex.js';

export type { ColumnName, ScoreTarget };

export type TargetProblem = 'unknownPlatform' | 'unknownDeployment' | 'ambiguousDeployment' | 'unknownContext';
/** Our uuids for a target, or why there are none. */
export type ResolvedTarget = { context: string; deployment: string; lineItem: string } | { problem: TargetProblem };

export interface TargetResolver {
  /** In the order of the targets. Columns seen for the first time are stored as wanted, so repeating is safe. */
  resolve(targets: readonly ScoreTarget[]): Promise<ResolvedTarget[]>;
}

type ResolvedContext = { context: string; deployment: string } | Extract<ResolvedTarget, { problem: string }>;

/** A column as the database looks for it; exactly one of the first three names it. */
interface WantedColumn {
  context: string;
  lineItemId?: string;
  resourceLinkId?: string;
  resourceId?: string;
  tag?: string;
  label?: string;
  scoreMaximum?: number;
}

/**
 * Finds contexts and columns by the ids that callers use, remembering what it found: make one for each request.
 * @param options.platforms the platform ids that the caller may see, or null for all; others look unknown to it.
 */
export function createTargetResolver(db: Knex, { platforms }: { platforms: readonly string[] | null }): TargetResolver {
  const contexts = new Map<string, ResolvedContext>();
  const columns = new Map<string, string>();
  return {
    async resolve(targets) {
      await addContexts(db, contexts, targets, platforms);
      const wanted = new Map<string, WantedColumn>();
      for (const target of targets) {
        const context = contexts.get(contextKey(target));
        if (!context || 'problem' in context) continue;
        const column = toWantedColumn(context.context, target.lineItem);
        const key = columnKey(column);
        if (!columns.has(key)) wanted.set(key, column);
      }
      await addColumns(db, columns, wanted);
      return targets.map((target) => toResolved(target, contexts, columns));
    },
  };
}

function toResolved(
  target: ScoreTarget,
  contexts: ReadonlyMap<string, ResolvedContext>,
  columns: ReadonlyMap<string, string>,
): ResolvedTarget {
  const context = contexts.get(contextKey(target)) ?? { problem: 'unknownContext' };
  if ('problem' in context) return context;
  const lineItem = columns.get(columnKey(toWantedColumn(context.context, target.lineItem)));
  if (!lineItem) throw new Error('A column that was stored in this request cannot be found again.');
  return { ...context, lineItem };
}

function contextKey({ platformId, deploymentId, contextId }: ScoreTarget): string {
  return JSON.stringify([platformId, deploymentId ?? null, contextId]);
}

function toWantedColumn(context: string, name: ColumnName): WantedColumn {
  if ('id' in name) return { context, lineItemId: name.id };
  if ('resourceLinkId' in name) return { context, resourceLinkId: name.resourceLinkId };
  const { resourceId, tag, label, scoreMaximum } = name;
  return { context, resourceId, label, scoreMaximum, ...(tag !== undefined && { tag }) };
}

function columnKey(column: WantedColumn): string {
  const { context, lineItemId, resourceLinkId, resourceId, tag } = column;
  return JSON.stringify([context, lineItemId ?? null, resourceLinkId ?? null, resourceId ?? null, tag ?? '']);
}

interface ContextRow {
  key: string;
  platform_known: boolean;
  deployments: number;
  contexts: { context: string; deployment: string }[];
}

async function addContexts(
  db: Knex,
  known: Map<string, ResolvedContext>,
  targets: readonly ScoreTarget[],
  platforms: readonly string[] | null,
): Promise<void> {
  const missing = new Map<string, ScoreTarget>();
  for (const target of targets) {
    const key = contextKey(target);
    if (!known.has(key)) missing.set(key, target);
  }
  if (missing.size === 0) return;
  const rows = await queryRows<ContextRow>(
    db,
    `select w.key, p.id is not null as platform_known, count(distinct d.id)::int as deployments,
       coalesce(json_agg(json_build_object('context', c.id, 'deployment', d.id)) filter (where c.id is not null), '[]') as contexts
     from jsonb_to_recordset(?::jsonb) as w(key text, "platformId" text, "deploymentId" text, "contextId" text)
     left join platforms p on p.platform_id = w."platformId" and (?::text[] is null or p.platform_id = any (?::text[]))
     left join deployments d on d.platform = p.id and (w."deploymentId" is null or d.deployment_id = w."deploymentId")
     left join contexts c on c.deployment = d.id and c.context_id = w."contextId"
     group by w.key, p.id`,
    [
      JSON.stringify(
        [...missing].map(([key, { platformId, deploymentId, contextId }]) => ({
          key,
          platformId,
          deploymentId,
          contextId,
        })),
      ),
      platforms === null ? null : [...platforms],
      platforms === null ? null : [...platforms],
    ],
  );
  for (const row of rows) known.set(row.key, toResolvedContext(row));
}

/** A course id may stand in several deployments of one platform: then the caller has to say which one is meant. */
function toResolvedContext({ platform_known, deployments, contexts }: ContextRow): ResolvedContext {
  const [first, ...others] = contexts;
  if (!platform_known) return { problem: 'unknownPlatform' };
  if (deployments === 0) return { problem: 'unknownDeployment' };
  if (!first) return { problem: 'unknownContext' };
  return others.length > 0 ? { problem: 'ambiguousDeployment' } : first;
}

async function addColumns(
  db: Knex,
  known: Map<string, string>,
  wanted: ReadonlyMap<string, WantedColumn>,
): Promise<void> {
  const find = async (): Promise<WantedColumn[]> => {
    const missing = [...wanted].filter(([key]) => !known.has(key)).map(([key, column]) => ({ key, ...column }));
    for (const { key, id } of missing.length > 0 ? await findColumns(db, missing) : []) known.set(key, id);
    return missing.filter(({ key }) => !known.has(key));
  };
  const unseen = await find();
  if (unseen.length === 0) return;
  await insertColumns(db, unseen);
  await find();
}

/** Known columns come before wanted ones; of several on one activity the plain one (without a resource id), then the oldest. */
async function findColumns(
  db: Knex,
  columns: readonly (WantedColumn & { key: string })[],
): Promise<{ key: string; id: string }[]> {
  return queryRows(
    db,
    `select w.key, found.id
     from jsonb_to_recordset(?::jsonb)
       as w(key text, context uuid, "lineItemId" text, "resourceLinkId" text, "resourceId" text, tag text)
     cross join lateral (
       select l.id from line_items l
       where l.context = w.context and l.merged_into is null and case
         when w."lineItemId" is not null then l.line_item_id = w."lineItemId"
         when w."resourceLinkId" is not null then l.resource_link_id = w."resourceLinkId"
         else l.resource_id = w."resourceId" and coalesce(l.tag, '') = coalesce(w.tag, '') end
       order by l.line_item_id is null, (w."resourceId" is null and l.resource_id is not null), l.created_at, l.id
       limit 1
     ) as found`,
    [JSON.stringify(columns)],
  );
}

/** Sorted, so that two requests which bring the same columns wait for each other instead of deadlocking. */
async function insertColumns(db: Knex, columns: readonly WantedColumn[]): Promise<void> {
  const sorted = columns.toSorted((one, other) => (columnKey(one) < columnKey(other) ? -1 : 1));
  await db.raw(
    `insert into line_items (context, line_item_id, resource_link_id, resource_id, tag, label, score_maximum)
     select context, "lineItemId", "resourceLinkId", "resourceId", tag, label, "scoreMaximum"
     from jsonb_to_recordset(?::jsonb) as w(context uuid, "lineItemId" text, "resourceLinkId" text, "resourceId" text,
       tag text, label text, "scoreMaximum" double precision)
     on conflict do nothing`,
    [JSON.stringify(sorted)],
  );
}
