/** The queue of unfinished scores, asked for whole gates and courses. Its rows are kept by a trigger on `scores`. */
import { areColumnsResting, isParked, isSetAside, wantsProbe } from '../courses/parking.js';
import { isPaused, pauseOfGate, waitMs } from '../platforms/pausing.js';
import { queryRows, type Database } from '../server/knex.js';

/** What a sender needs to know before it rests. */
export interface GateOutlook {
  /** Something can be claimed, or read back, now. */
  isReady: boolean;
  /** The earliest moment at which more becomes ready by time alone, in milliseconds from now; null: none. */
  nextInMs: number | null;
  /** How long the platform allows no calls, in milliseconds, and why; null: it does. */
  blockedForMs: number | null;
  blockedBy: string | null;
  breaker: 'closed' | 'open' | 'halfOpen';
  /** Calls at once: how many the platform gets now, and at most. */
  inFlight: number;
  inFlightMax: number;
}

export interface ReadyGate {
  gate: string;
  /** The newest run that waits for one of its courses. */
  run: string | null;
  /** Its sender was told minutes ago, and has not looked. */
  isOverdue: boolean;
}

export interface WantingCourse extends CourseOfQueue {
  /** Scores have waited for minutes, and nobody has looked. */
  isOverdue: boolean;
}

export interface CourseOfQueue {
  context: string;
  deployment: string;
  gate: string;
}

export interface Queue {
  /** Whose calls share what: the platform behind a gate. Undefined: there is no such gate. */
  findGate(gate: string): Promise<{ platform: string; family: string } | undefined>;
  lookAhead(gate: string): Promise<GateOutlook>;
  /** Gates after `after`, in the order of their ids, with something ready that no sender tends. */
  listUntended(input: { after: string | null; limit: number }): Promise<ReadyGate[]>;
  /**
   * Lets one score go for each course or column whose time to be tried again has come, unless one of it is under way.
   * Repeating it changes nothing.
   */
  releaseProbes(limit: number): Promise<number>;
  findCourses(contexts: readonly string[]): Promise<CourseOfQueue[]>;
  /**
   * Courses with scores for a column without an id in the LMS, of which nobody has looked for columns lately, among the
   * next `limit` that have such scores; and where the next page begins: null after the last one.
   */
  listWantingColumns(input: { after: string | null; limit: number }): Promise<{
    courses: WantingCourse[];
    after: string | null;
  }>;
}

export function createQueue(db: Database): Queue {
  return {
    async findGate(gate) {
      const [row] = await queryRows<{ platform: string; family: string }>(
        db,
        'select g.platform, p.family from gates g join platforms p on p.id = g.platform where g.id = ?',
        [gate],
      );
      return row;
    },
    async lookAhead(gate) {
      const [row] = await queryRows<GateOutlook>(db, LOOK_AHEAD, { gate });
      if (!row) throw new Error(`There is no gate ${gate}.`);
      return row;
    },
    listUntended: ({ after, limit }) => queryRows<ReadyGate>(db, LIST_UNTENDED, { after, limit }),
    async releaseProbes(limit) {
      const rows = await queryRows(db, RELEASE_PROBES, { limit });
      return rows.length;
    },
    findCourses: (contexts) =>
      queryRows<CourseOfQueue>(
        db,
        `select c.id as context, c.deployment, d.gate from contexts c join deployments d on d.id = c.deployment
         where c.id = any (?::uuid[])`,
        [[...contexts]],
      ),
    async listWantingColumns({ after, limit }) {
      const page = await queryRows<WantingCourse & { isNeglected: boolean }>(db, LIST_WANTING_COLUMNS, {
        after,
        limit,
      });
      const courses = page
        .filter(({ isNeglected }) => isNeglected)
        .map(({ context, deployment, gate, isOverdue }) => ({ context, deployment, gate, isOverdue }));
      return { courses, after: page.length === limit ? (page.at(-1)?.context ?? null) : null };
    },
  };
}

/** Longer than any that works goes without a look. */
const OVERDUE = `interval '2 minutes'`;

const LOOK_AHEAD = `
select exists (select from score_queue q where q.gate = g.id and q.hold is null and not q.is_claimed)
    or exists (select from score_queue q where q.gate = g.id and q.ready_at <= now()) as "isReady",
  ceil(extract(epoch from (select min(q.ready_at) from score_queue q
    where q.gate = g.id and q.ready_at > now() and q.ready_at < 'infinity') - now()) * 1000)::double precision as "nextInMs",
  case when z.until is not null then ${waitMs('z.until', 'now()')}
    when g.blocked_until > now() then ceil(extract(epoch from g.blocked_until - now()) * 1000)
    when g.breaker <> 'closed' and g.probe_until > now()
      then ceil(extract(epoch from g.probe_until - now()) * 1000) end::double precision as "blockedForMs",
  case when z.until is not null then z.reason
    when g.blocked_until > now() or g.breaker <> 'closed'
    then coalesce(g.breaker_type, 'PlatformRateLimited') end as "blockedBy",
  g.breaker, g.in_flight_cap as "inFlight", g.in_flight_max as "inFlightMax"
from gates g left join lateral (${pauseOfGate('g.id', 'now()')}) z on true where g.id = :gate`;

/**
 * One look into the index for each gate, however much waits. Five seconds of grace leave alone what was accepted a moment
 * ago, whose own signal is on its way. A call whose answer nobody awaits any more counts too: the next lane finds out.
 */
const LIST_UNTENDED = `
select g.id as gate, (select rc.run from run_contexts rc
  where rc.gate = g.id and rc.asked_at is not null and rc.settled_at is null and rc.left_at is null order by rc.asked_at desc limit 1) as run,
  coalesce(w.first_asked_at <= now() - ${OVERDUE}, false) as "isOverdue"
from gates g left join gate_wakes w on w.gate = g.id
where (:after::uuid is null or g.id > :after::uuid)
  and (g.lane_expires_at is null or g.lane_expires_at <= now())
  and (g.blocked_until is null or g.blocked_until <= now())
  and not exists (${pauseOfGate('g.id', 'now()')})
  and (exists (select from score_queue q
      where q.gate = g.id and q.hold is null and (q.is_claimed or q.due_at <= now() - interval '5 seconds'))
    or exists (select from score_queue q where q.gate = g.id and q.ready_at <= now() - interval '5 seconds'))
order by g.id limit :limit`;

/** What is claimed is on no hold either. */
const probeOf = (table: 'contexts' | 'line_items', hold: string, isOf: string): string => `
select p.score from ${table} t cross join lateral (
  select q.score from score_queue q
  where ${isOf} and q.hold = '${hold}' and not exists (
    select from score_queue q where ${isOf} and q.hold is null)
  order by q.priority, q.due_at limit 1) p
where ${wantsProbe('t')}`;

const RELEASE_PROBES = `
with probes as (
  (${probeOf('contexts', 'context', 'q.context = t.id')} limit :limit)
  union
  (${probeOf('line_items', 'lineItem', 'q.context = t.context and q.line_item = t.id')} limit :limit)
), locked as (
  select q.score from score_queue q join probes p on p.score = q.score order by q.score for update of q skip locked
)
update score_queue q set hold = null from locked where q.score = locked.score and q.hold in ('context', 'lineItem')
returning 1`;

/** From course to course through the index, however many scores want columns in each. */
const LIST_WANTING_COLUMNS = `
with recursive wanting as (
  (select q.context, 1 as step from score_queue q
    where q.hold = 'wanted' and (:after::uuid is null or q.context > :after::uuid) order by q.context limit 1)
  union all
  select (select q.context from score_queue q where q.hold = 'wanted' and q.context > w.context order by q.context limit 1),
    w.step + 1
  from wanting w where w.context is not null and w.step < :limit
)
select c.id as context, c.deployment, d.gate, not ${isParked('c')} and not ${isPaused('c')} and not ${areColumnsResting('c')}
  and (c.columns_sought_at is null or c.columns_sought_at <= now() - interval '1 minute')
  and exists (select from score_queue q join line_items l on l.id = q.line_item
    where q.context = c.id and q.hold = 'wanted' and not ${isSetAside('l')}) as "isNeglected",
  coalesce(c.columns_sought_at <= now() - ${OVERDUE}, true) and exists (select from score_queue q
    where q.context = c.id and q.hold = 'wanted' and q.due_at <= now() - ${OVERDUE}) as "isOverdue"
from wanting w join contexts c on c.id = w.context join deployments d on d.id = c.deployment
order by c.id`;
