import { partsOf, reachesPlatform } from '../../domain/reach.js';
import type { ColumnName } from '../../domain/parse-column.js';
import type { ScoreTarget } from '../../domain/parse-score.js';
import { queryRows, type Database } from '../server/knex.js';

export type { ColumnName, ScoreTarget };

/** Why a score has nowhere to go. */
export type TargetProblem = 'unknownPlatform' | 'unknownDeployment' | 'ambiguousDeployment' | 'unknownContext';

/** A course, by our uuids. */
export interface Course {
  context: string;
  deployment: string;
  /** What its calls share a limit with. */
  gate: string;
}

/** Our uuids for a target, or why there are none. */
export type ResolvedTarget = (Course & { lineItem: string }) | { problem: TargetProblem };

/** A course by the ids of LTI, and the platform ids that whoever names it may see; null: all. */
export interface NamedCourse extends Omit<ScoreTarget, 'lineItem'> {
  platforms: readonly string[] | null;
}

/**
 * What a caller with many targets has found so far, by name. Only what others committed comes in, so that it outlives a
 * transaction that is given up. Courses stay; a column may turn out to be another, which `acceptScoresWithin` follows.
 */
export interface FoundTargets {
  courses: Map<string, Course>;
  columns: Map<string, string>;
}

/**
 * The courses and columns of targets, in their order. Columns named for the first time are stored as wanted, so repeating
 * is safe; in a transaction they are kept with whatever needs them, or not at all.
 */
export async function resolveTargets(
  db: Database,
  targets: readonly (NamedCourse & ScoreTarget)[],
): Promise<ResolvedTarget[]> {
  const courses = await findCourses(db, targets);
  const named = targets.flatMap(({ lineItem }, index) => {
    const course = courses[index];
    return course && 'context' in course ? [{ context: course.context, lineItem }] : [];
  });
  const columns = await findOrStoreColumns(db, named);
  return courses.map((course) => {
    if ('problem' in course) return course;
    return { ...course, lineItem: columns.shift() ?? lost() };
  });
}

function lost(): never {
  throw new Error('A column that was stored a moment ago cannot be found again.');
}

interface CourseRow {
  key: string;
  platform_known: boolean;
  deployments: number;
  contexts: Course[];
}

/** Courses in the order of their names. Platforms that the caller may not see look unknown. Changes nothing. */
export async function findCourses(
  db: Database,
  names: readonly NamedCourse[],
  found: FoundTargets['courses'] = new Map(),
): Promise<(Course | { problem: TargetProblem })[]> {
  const missing = new Map<string, WantedCourse>();
  const keys = names.map((name) => {
    const parts = reachesPlatform(name.platforms, name.platformId)
      ? null
      : partsOf(name.platforms ?? [], name.platformId);
    if (parts?.length === 0) return null;
    const key = courseKey(name, parts);
    if (!found.has(key)) missing.set(key, { ...name, parts });
    return key;
  });
  const problems = new Map<string, TargetProblem>();
  for (const row of missing.size > 0 ? await listCourses(db, missing) : []) {
    const course = toCourse(row);
    if ('problem' in course) problems.set(row.key, course.problem);
    else found.set(row.key, course);
  }
  return keys.map((key) => {
    if (key === null) return { problem: 'unknownPlatform' };
    return found.get(key) ?? { problem: problems.get(key) ?? 'unknownContext' };
  });
}

/** `parts`: the entries of its deployments that the caller reaches; null: all. */
type WantedCourse = NamedCourse & { parts: readonly string[] | null };

function courseKey(
  { platformId, deploymentId, contextId }: Omit<ScoreTarget, 'lineItem'>,
  parts: readonly string[] | null,
): string {
  return JSON.stringify([platformId, deploymentId ?? null, contextId, parts]);
}

async function listCourses(db: Database, names: ReadonlyMap<string, WantedCourse>): Promise<CourseRow[]> {
  const wanted = [...names].map(([key, { platformId, deploymentId, contextId, parts }]) => ({
    ...{ key, platformId, deploymentId, contextId, parts },
  }));
  return queryRows(
    db,
    `select w.key, p.id is not null as platform_known, count(distinct d.id)::int as deployments,
       coalesce(json_agg(json_build_object('context', c.id, 'deployment', d.id, 'gate', d.gate)) filter (where c.id is not null), '[]') as contexts
     from jsonb_to_recordset(?::jsonb) as w(key text, "platformId" text, "deploymentId" text, "contextId" text, parts text[])
     left join platforms p on p.platform_id = w."platformId"
     left join deployments d on d.platform = p.id and (w."deploymentId" is null or d.deployment_id = w."deploymentId")
       and is_reached(w.parts, p.platform_id, d.deployment_id)
     left join contexts c on c.deployment = d.id and c.context_id = w."contextId"
     group by w.key, p.id`,
    [JSON.stringify(wanted)],
  );
}

/** A course id may stand in several deployments of one platform: then the caller has to say which one is meant. */
function toCourse({ platform_known, deployments, contexts }: CourseRow): Course | { problem: TargetProblem } {
  const [first, ...others] = contexts;
  if (!platform_known) return { problem: 'unknownPlatform' };
  if (deployments === 0) return { problem: 'unknownDeployment' };
  if (!first) return { problem: 'unknownContext' };
  return others.length > 0 ? { problem: 'ambiguousDeployment' } : first;
}

/** A column of a course, by a name, or by our uuid where that was learnt beforehand. */
export interface NamedColumn {
  context: string;
  lineItem: ColumnName | string;
}

/** The same as the database looks for it; exactly one of the first three names it. */
interface WantedColumn {
  key: string;
  context: string;
  lineItemId?: string;
  resourceLinkId?: string;
  resourceId?: string;
  tag?: string;
  label?: string;
  scoreMaximum?: number;
}

/** Our uuids of columns, in their order. Those whose name is new are stored as wanted. */
export async function findOrStoreColumns(
  db: Database,
  names: readonly NamedColumn[],
  found: FoundTargets['columns'] = new Map(),
): Promise<string[]> {
  const missing = new Map<string, WantedColumn>();
  const keys = names.map(({ context, lineItem }) => {
    if (typeof lineItem === 'string') return null;
    const key = columnKey(context, lineItem);
    if (!found.has(key)) missing.set(key, toWantedColumn(key, context, lineItem));
    return key;
  });
  for (const { key, id } of missing.size > 0 ? await findColumns(db, [...missing.values()]) : []) {
    found.set(key, id);
    missing.delete(key);
  }
  const stored = new Map<string, string>();
  if (missing.size > 0) {
    await insertColumns(db, [...missing.values()]);
    for (const { key, id } of await findColumns(db, [...missing.values()])) stored.set(key, id);
  }
  return names.map(({ lineItem }, index) => {
    if (typeof lineItem === 'string') return lineItem;
    const key = keys[index] ?? '';
    return found.get(key) ?? stored.get(key) ?? lost();
  });
}

/** Label and maximum are no part of the name. */
function columnKey(context: string, lineItem: ColumnName): string {
  if ('id' in lineItem) return JSON.stringify([context, 'id', lineItem.id]);
  if ('resourceLinkId' in lineItem) return JSON.stringify([context, 'resourceLinkId', lineItem.resourceLinkId]);
  return JSON.stringify([context, 'resourceId', lineItem.resourceId, lineItem.tag ?? '']);
}

function toWantedColumn(key: string, context: string, lineItem: ColumnName): WantedColumn {
  if ('id' in lineItem) return { key, context, lineItemId: lineItem.id };
  return { key, context, ...lineItem };
}

/** Known columns come before wanted ones; of several on one activity the plain one (without a resource id), then the oldest. */
async function findColumns(db: Database, columns: readonly WantedColumn[]): Promise<{ key: string; id: string }[]> {
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
async function insertColumns(db: Database, columns: readonly WantedColumn[]): Promise<void> {
  const sorted = columns.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  await db.raw(
    `insert into line_items (context, line_item_id, resource_link_id, resource_id, tag, label, score_maximum)
     select context, "lineItemId", "resourceLinkId", "resourceId", tag, label, "scoreMaximum"
     from jsonb_to_recordset(?::jsonb) as w(context uuid, "lineItemId" text, "resourceLinkId" text, "resourceId" text,
       tag text, label text, "scoreMaximum" double precision)
     on conflict do nothing`,
    [JSON.stringify(sorted)],
  );
}
