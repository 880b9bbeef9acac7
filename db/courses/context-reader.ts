import type { GradePolicy } from '../../domain/grade-policy.js';
import { queryRows, type Database } from '../server/knex.js';
import { isPaused, pauseAsJson, type Paused } from '../platforms/pausing.js';
import { hasKeyFor, isParked, KEY_TYPES, needsLaunch, parkingOf, type Parked } from './parking.js';
import { isReached } from '../access/reach.js';

export interface ContextRecord {
  id: string;
  deployment: string;
  /** What its calls share a limit with. */
  gate: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  gradePolicy: GradePolicy;
  parked: Parked | null;
  /** By hand, the course itself. */
  paused: Paused | null;
  lineItemsReadAt: Date | null;
  rosterReadAt: Date | null;
  resultsReadAt: Date | null;
  lastAttemptedAt: Date | null;
  /** Scores that are to be sent, for the next nightly run too, or to be read back. */
  waiting: number;
  createdAt: Date;
}

export interface ContextFilter {
  platforms: readonly string[] | null;
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  contextId?: string | undefined;
  parked?: boolean | undefined;
  /** By hand, the course itself or what it lies behind. */
  paused?: boolean | undefined;
  /** Waits for somebody to launch an activity of it. */
  launchNeeded?: boolean | undefined;
  /** Has a service key that may read the roster. */
  hasRoster?: boolean | undefined;
  after: string | null;
  limit: number;
}

/** Lists give what comes after the cursor, by our ids. */
export interface ContextReader {
  list(filter: ContextFilter): Promise<ContextRecord[]>;
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<ContextRecord | undefined>;
}

export function createContextReader(db: Database): ContextReader {
  return {
    list: (filter) => listContexts(db, filter),
    find: (visible) => findContext(db, visible),
  };
}

const SELECT = `
select c.id, c.deployment, d.gate, p.platform_id as "platformId", d.deployment_id as "deploymentId",
  c.context_id as "contextId", c.title, c.grade_policy as "gradePolicy",
  ${parkingOf('c')} as parked, ${pauseAsJson('context', 'c.id')} as paused,
  c.line_items_read_at as "lineItemsReadAt", c.roster_read_at as "rosterReadAt",
  c.results_read_at as "resultsReadAt",
  c.last_attempted_at as "lastAttemptedAt", c.created_at as "createdAt",
  (select count(*)::int from score_queue q where q.context = c.id) as waiting
from contexts c
join deployments d on d.id = c.deployment
join platforms p on p.id = d.platform
where ${isReached()}`;

async function listContexts(db: Database, filter: ContextFilter): Promise<ContextRecord[]> {
  return queryRows(
    db,
    `${SELECT}
       and (:platformId::text is null or p.platform_id = :platformId)
       and (:deploymentId::text is null or d.deployment_id = :deploymentId)
       and (:contextId::text is null or c.context_id = :contextId)
       and (:parked::boolean is null or ${isParked('c')} = :parked::boolean)
       and (:paused::boolean is null or ${isPaused('c')} = :paused::boolean)
       and (:launchNeeded::boolean is null or coalesce(${needsLaunch('c')}, false) = :launchNeeded::boolean)
       and (:hasRoster::boolean is null or ${hasKeyFor('names_and_roles', 'c')} = :hasRoster::boolean)
       and (:after::uuid is null or c.id > :after::uuid)
     order by c.id limit :limit`,
    {
      platforms: filter.platforms && [...filter.platforms],
      platformId: filter.platformId ?? null,
      deploymentId: filter.deploymentId ?? null,
      contextId: filter.contextId ?? null,
      parked: filter.parked ?? null,
      paused: filter.paused ?? null,
      launchNeeded: filter.launchNeeded ?? null,
      types: [...KEY_TYPES],
      hasRoster: filter.hasRoster ?? null,
      after: filter.after,
      limit: filter.limit,
    },
  );
}

async function findContext(
  db: Database,
  { id, platforms }: { id: string; platforms: readonly string[] | null },
): Promise<ContextRecord | undefined> {
  const bindings = { id, platforms: platforms && [...platforms] };
  return (await queryRows<ContextRecord>(db, `${SELECT} and c.id = :id`, bindings))[0];
}
