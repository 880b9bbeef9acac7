/** What operators must see at a glance: how much waits, for how long, and what is set aside. */
import { failures, isFailureType } from '../../domain/failure.js';
import { MIGRATIONS } from '../migrations/index.js';
import { hasKeyFor, isParked } from '../courses/parking.js';
import { isFreeOf } from '../scores/readiness.js';
import { queryRows, type Database } from '../server/knex.js';
import { isPaused } from './pausing.js';
import { listOpenDecisions, type OpenDecision } from './open-decisions.js';

/** Unfinished scores of one deployment. */
export interface Backlog {
  platformId: string;
  deploymentId: string;
  /** Our uuid. */
  deployment: string;
  due: number;
  awaitsNightly: number;
  sending: number;
  unknown: number;
  /** Since the oldest score became due that nothing holds back: neither a parked or paused thing, nor a rest, nor the night. */
  oldestReadySeconds: number | null;
}

export interface ParkedCount {
  kind: 'context' | 'lineItem';
  type: string;
  count: number;
  /** Of them, the one set aside longest ago. */
  since: Date;
  /** Scores that wait there. */
  waiting: number;
}

export interface TroubledBreaker {
  platformId: string;
  deploymentId: string;
  deployment: string;
  state: 'open' | 'halfOpen';
  type: string | null;
  openedAt: Date | null;
}

export interface RejectedCount {
  type: string;
  count: number;
}

export interface Operations {
  /** Answers when the database can be reached and has the migrations of this release. */
  checkReady(): Promise<{ migrated: boolean }>;
  /** When the database last answered any statement, by `performance.now()`; minus infinity before the first. */
  lastAnswerAt(): number;
  listBacklog(platforms: readonly string[] | null): Promise<Backlog[]>;
  listParked(platforms: readonly string[] | null): Promise<ParkedCount[]>;
  /** Contexts whose scores wait for somebody to launch an activity: no key, or none that is accepted. */
  countNeedingLaunch(platforms: readonly string[] | null): Promise<number>;
  listTroubledBreakers(platforms: readonly string[] | null): Promise<TroubledBreaker[]>;
  /** Rejected scores by reason, those updated in the last day. */
  listRejected(platforms: readonly string[] | null): Promise<RejectedCount[]>;
  listOpenDecisions(platforms: readonly string[] | null): Promise<OpenDecision[]>;
}

const VISIBLE = `(:platforms::text[] is null or p.platform_id = any (:platforms::text[]))`;
const PLACES = `join contexts c on c.id = s.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;

/** Finished scores are never read. */
const UNFINISHED = '(select s.* from score_queue q join scores s on s.id = q.score)';

/** What is probed has waited long, and is not late for it. */
const BACKLOG = `
select p.platform_id as "platformId", d.deployment_id as "deploymentId", d.id as deployment,
  (count(*) filter (where s.state = 'due' and ${isFreeOf('night')}))::int as due,
  (count(*) filter (where not (${isFreeOf('night')})))::int as "awaitsNightly",
  (count(*) filter (where s.state = 'sending'))::int as sending,
  (count(*) filter (where s.state = 'unknown'))::int as unknown,
  extract(epoch from now() - min(s.due_at) filter (where s.state = 'due' and ${isFreeOf('night', 'rest')}
    and not ${isParked('c')} and not ${isParked('l')} and not ${isPaused('c')}))::double precision as "oldestReadySeconds"
from ${UNFINISHED} s join line_items l on l.id = s.line_item ${PLACES}
where ${VISIBLE} group by p.id, d.id order by p.platform_id, d.deployment_id`;

const PARKED = `
select 'context' as kind, c.parked_type as type, count(*)::int as count, min(c.parked_at) as since,
  coalesce(sum(w.waiting), 0)::int as waiting
from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
cross join lateral (select count(*) as waiting from score_queue q where q.context = c.id and q.hold is distinct from 'unknown') w
where ${isParked('c')} and ${VISIBLE} group by c.parked_type
union all
select 'lineItem', l.parked_type, count(*)::int, min(l.parked_at), coalesce(sum(w.waiting), 0)::int
from line_items l join contexts c on c.id = l.context
join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
cross join lateral (select count(*) as waiting from score_queue q
  where q.context = l.context and q.line_item = l.id and q.hold is distinct from 'unknown') w
where ${isParked('l')} and l.merged_into is null and ${VISIBLE} group by l.parked_type
order by kind, count desc, type`;

const NEEDING_LAUNCH = `
select count(*)::int as count from contexts c
join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
where ${VISIBLE} and (c.parked_type = any (:types::text[]) or (
  exists (select from score_queue q where q.context = c.id and q.hold is distinct from 'unknown')
  and not ${hasKeyFor('assignment_and_grades', 'c')}))`;

const KEY_TYPES = Object.keys(failures).filter((type) => isFailureType(type) && 'keyRelated' in failures[type]);

export function createOperations(db: Database): Operations {
  const list = <Row>(sql: string, platforms: readonly string[] | null, more = {}): Promise<Row[]> =>
    queryRows<Row>(db, sql, { platforms: platforms && [...platforms], ...more });
  let answeredAt = Number.NEGATIVE_INFINITY;
  db.on('query-response', () => (answeredAt = performance.now()));
  return {
    lastAnswerAt: () => answeredAt,
    async checkReady() {
      const [table] = await queryRows<{ present: boolean }>(
        db,
        `select to_regclass('migrations') is not null as present`,
      );
      if (!table?.present) return { migrated: false };
      const applied = await queryRows<{ name: string }>(db, 'select name from migrations');
      const names = new Set(applied.map(({ name }) => name));
      return { migrated: MIGRATIONS.every(({ name }) => names.has(name)) };
    },
    listBacklog: (platforms) => list(BACKLOG, platforms),
    listParked: (platforms) => list(PARKED, platforms),
    async countNeedingLaunch(platforms) {
      const [row] = await list<{ count: number }>(NEEDING_LAUNCH, platforms, { types: KEY_TYPES });
      return row?.count ?? 0;
    },
    listTroubledBreakers: (platforms) =>
      list(
        `select p.platform_id as "platformId", d.deployment_id as "deploymentId", d.id as deployment,
           f.breaker as state, f.breaker_type as type, f.breaker_opened_at as "openedAt"
         from gates f join deployments d on d.gate = f.id join platforms p on p.id = d.platform
         where f.breaker <> 'closed' and ${VISIBLE} order by f.breaker_opened_at`,
        platforms,
      ),
    listOpenDecisions: (platforms) => listOpenDecisions(db, platforms),
    listRejected: (platforms) =>
      list(
        `select s.failure_type as type, count(*)::int as count from score_troubles s ${PLACES}
         where s.state = 'rejected' and s.since > now() - interval '1 day' and ${VISIBLE}
         group by s.failure_type order by count desc, type`,
        platforms,
      ),
  };
}
