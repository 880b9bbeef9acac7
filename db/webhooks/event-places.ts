import { queryRows, type Database } from '../server/knex.js';

export interface FoundReference {
  platformId: string;
  deploymentId: string;
  contextId: string;
  userId: string;
  /** Our uuids. */
  context: string;
  deployment: string;
  gate: string;
  lineItem: string;
  hasExpired: boolean;
}

/** Finds references by `<source uuid> <reference>`. */
export async function findReferences(
  db: Database,
  keys: readonly { source: string; reference: string }[],
): Promise<Map<string, FoundReference>> {
  if (keys.length === 0) return new Map();
  const rows = await queryRows<FoundReference & { source: string; reference: string }>(
    db,
    `select r.source, r.reference, p.platform_id as "platformId", d.deployment_id as "deploymentId",
       c.context_id as "contextId", r.user_id as "userId", c.id as context, d.id as deployment, d.gate,
       r.line_item as "lineItem", r.expires_at <= now() as "hasExpired"
     from webhook_references r join contexts c on c.id = r.context join deployments d on d.id = c.deployment
     join platforms p on p.id = d.platform
     where (r.source, r.reference) in (select * from unnest(?::uuid[], ?::text[]))`,
    [keys.map(({ source }) => source), keys.map(({ reference }) => reference)],
  );
  return new Map(rows.map(({ source, reference, ...found }) => [`${source} ${reference}`, found]));
}

/**
 * The places in the list of students who are missing from the roster of the course named, and are on that of another
 * course of the same deployment. A student who is on no roster at all may be new: the LMS judges.
 */
export async function findOfAnotherCourse(
  db: Database,
  students: readonly { context: string; userId: string }[],
): Promise<Set<number>> {
  if (students.length === 0) return new Set();
  const rows = await queryRows<{ place: number }>(
    db,
    `select i.place::int - 1 as place
     from unnest(?::uuid[], ?::text[]) with ordinality as i(context, user_id, place)
     join contexts c on c.id = i.context and c.roster_read_at is not null
     left join memberships m on m.context = i.context and m.user_id = i.user_id
     where m.context is null and exists (
       select from contexts other join memberships o on o.context = other.id and o.user_id = i.user_id
       where other.deployment = c.deployment and other.id <> c.id and o.status = 'Active')`,
    [students.map(({ context }) => context), students.map(({ userId }) => userId)],
  );
  return new Set(rows.map(({ place }) => place));
}
