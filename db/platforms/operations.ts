/** What operators must see at a glance: how much waits, for how long, and what is set aside. */
import { MIGRATIONS } from '../migrations/index.js';
import { isParked, KEY_TYPES, needsLaunch } from '../courses/parking.js';
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

/** What is set aside at one platform for one reason. */
export interface ParkedCount {
  platformId: string;
  kind: 'context' | 'lineItem';
  type: string;
  count: number;
  /** Of them, the one set aside longest ago. */
  since: Date;
  /** Scores that wait there. */
  waiting: number;
}

export interface TroubledBreaker {
  /** Our uuid. */
  platform: string;
  platformId: string;
  deploymentId: string;
  deployment: string;
  state: 'open' | 'halfOpen';
  type: string | null;
  openedAt: Date | null;
}

export interface RejectedCount {
  platformId: string;
  type: string;
  count: number;
  /** Of them, the first. */
  since: Date;
}

export interface LaunchesNeeded {
  platformId: string;
  count: number;
}

/** One row for each platform and kind: whoever shows them leaves out what the viewer may not see. */
export interface Operations {
  /** Answers when the database can be reached and has the migrations of this release. */
  checkReady(): Promise<{ migrated: boolean }>;
  /** When the database last answered any statement, by `performance.now()`; minus infinity before the first. */
  lastAnswerAt(): number;
  listBacklog(): Promise<Backlog[]>;
  listParked(): Promise<ParkedCount[]>;
  /** Contexts whose scores wait for somebody to launch an activity: no key, or none that is accepted. */
  countNeedingLaunch(): Promise<LaunchesNeeded[]>;
  listTroubledBreakers(): Promise<TroubledBreaker[]>;
  /** Rejected scores by reason, those updated in the last day. */
  listRejected(): Promise<RejectedCount[]>;
  listOpenDecisions(): Promise<OpenDecision[]>;
}

const PLACES = `join contexts c on c.id = s.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;

/**
 * From the queue alone, by column first: in an outage all of it is read. What is probed has waited long, and is not late
 * for it; a rest that is over is none, though nobody has come by since.
 */
const BACKLOG = `
with q as (
  select context, line_item, (count(*) filter (where hold is distinct from 'night' and hold is distinct from 'unknown'
      and not (hold is null and is_claimed)))::int as due,
    (count(*) filter (where hold = 'night'))::int as night, (count(*) filter (where hold = 'unknown'))::int as unknown,
    (count(*) filter (where hold is null and is_claimed))::int as sending,
    min(due_at) filter (where (hold is null and not is_claimed) or (hold = 'rest' and ready_at <= now())) as oldest
  from score_queue group by context, line_item
)
select p.platform_id as "platformId", d.deployment_id as "deploymentId", d.id as deployment,
  sum(s.due)::int as due, sum(s.night)::int as "awaitsNightly", sum(s.sending)::int as sending, sum(s.unknown)::int as unknown,
  extract(epoch from now() - min(s.oldest) filter (where not ${isParked('c')} and not ${isParked('l')}
    and not ${isPaused('c')}))::double precision as "oldestReadySeconds"
from q s join line_items l on l.id = s.line_item ${PLACES}
group by p.id, d.id order by p.platform_id, d.deployment_id`;

const PARKED = `
select p.platform_id as "platformId", 'context' as kind, c.parked_type as type, count(*)::int as count, min(c.parked_at) as since,
  coalesce(sum(w.waiting), 0)::int as waiting
from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
cross join lateral (select count(*) as waiting from score_queue q where q.context = c.id and q.hold is distinct from 'unknown') w
where ${isParked('c')} group by p.id, c.parked_type
union all
select p.platform_id, 'lineItem', l.parked_type, count(*)::int, min(l.parked_at), coalesce(sum(w.waiting), 0)::int
from line_items l join contexts c on c.id = l.context
join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
cross join lateral (select count(*) as waiting from score_queue q
  where q.context = l.context and q.line_item = l.id and q.hold is distinct from 'unknown') w
where ${isParked('l')} and l.merged_into is null group by p.id, l.parked_type
order by kind, count desc, type, "platformId"`;

const NEEDING_LAUNCH = `
select p.platform_id as "platformId", count(*)::int as count from contexts c
join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
where ${needsLaunch('c')}
group by p.id order by p.platform_id`;

const BREAKERS = `
select p.id as platform, p.platform_id as "platformId", d.deployment_id as "deploymentId", d.id as deployment,
  f.breaker as state, f.breaker_type as type, f.breaker_opened_at as "openedAt"
from gates f join deployments d on d.gate = f.id join platforms p on p.id = d.platform
where f.breaker <> 'closed' order by f.breaker_opened_at`;

/** Counted by course first: an outage leaves many scores behind in few courses. */
const REJECTED = `
select p.platform_id as "platformId", s.failure_type as type, sum(s.count)::int as count, min(s.since) as since
from (select context, failure_type, count(*) as count, min(since) as since from score_troubles
  where state = 'rejected' and since > now() - interval '1 day' group by context, failure_type) s ${PLACES}
group by p.id, s.failure_type order by count desc, type, p.platform_id`;

export function createOperations(db: Database): Operations {
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
    listBacklog: () => queryRows(db, BACKLOG),
    listParked: () => queryRows(db, PARKED),
    countNeedingLaunch: () => queryRows(db, NEEDING_LAUNCH, { types: [...KEY_TYPES] }),
    listTroubledBreakers: () => queryRows(db, BREAKERS),
    listOpenDecisions: () => listOpenDecisions(db),
    listRejected: () => queryRows(db, REJECTED),
  };
}
