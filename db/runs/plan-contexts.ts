/** The line of a pass: its courses, looked at once, page by page in the order of their ids. */
import type { Knex } from 'knex';
import type { PassKind } from '../../domain/run.js';
import { hasKeyFor, isSetAside } from '../courses/parking.js';
import { isPaused } from '../platforms/pausing.js';
import { isFreeOf, isReachableWithin } from '../scores/readiness.js';
import { queryRows, type Database } from '../server/knex.js';
import { isRefusalOfData, refusalCode } from '../server/refusal-code.js';
import { releaseForNight } from './release-for-night.js';

export interface PlanInput {
  runId: string;
  kind: PassKind;
  /** Courses looked at by one page. */
  limit: number;
  /** How long the run waits for what rests, in milliseconds. */
  patienceMs: number;
}

export const PATIENCE = `make_interval(secs => :patienceMs / 1000.0)`;

/** As a scalar: whatever the statistics say, it looks into an index once for each course, and stops at the first. */
const isThere = (from: string): string => `coalesce((select true from ${from} limit 1), false)`;

/**
 * Courses with something in the queue, from one to the next through the index, however much waits in each. What cannot
 * move has its row at once, and no place in line.
 */
const PLAN_DUE = `
with recursive steps as (
  (select q.context, 1 as step from score_queue q where q.context > :after::uuid order by q.context limit 1)
  union all
  select (select q.context from score_queue q where q.context > p.context order by q.context limit 1), p.step + 1
  from steps p where p.context is not null and p.step < :limit
), page as materialized (
  select context from steps where context is not null
), judged as materialized (
  select c.id, d.gate, c.last_attempted_at, r.id as run,
    ${isThere(`score_queue q where q.context = c.id and (q.due_at <= r.due_before or q.is_claimed or q.hold = 'unknown')`)}
      as is_due,
    ${isFreeOf('contextParked')} and ${isReachableWithin(PATIENCE)} and ${isThere(
      `score_queue q join scores s on s.id = q.score join line_items l on l.id = s.line_item
       where q.context = c.id and (q.due_at <= r.due_before or s.state <> 'due') and ${isFreeOf('rest', 'lineItemParked')}`,
    )} as can_move
  from page p join contexts c on c.id = p.context join deployments d on d.id = c.deployment join gates f on f.id = d.gate
  join runs r on r.id = :runId
), inserted as (
  insert into run_contexts (run, context, gate, attempted_at, is_poked, asked_at)
  select run, id, gate, last_attempted_at, can_move, case when not can_move then now() end from judged where is_due
  on conflict do nothing returning context, is_poked
)
select (select context from page order by context desc limit 1) as last, (select count(*)::int from page) as seen,
  array(select context from inserted where not is_poked) as idle`;

/** Every course that can be read from, is neither set aside nor paused, and fits. */
const planForReading = (attemptedAt: string, fits: string): string => `
with page as materialized (
  select c.* from contexts c where c.id > :after::uuid order by c.id limit :limit
), inserted as (
  insert into run_contexts (run, context, gate, attempted_at, is_poked, asked_at)
  select r.id, c.id, d.gate, ${attemptedAt}, true, null
  from page c join deployments d on d.id = c.deployment join runs r on r.id = :runId
  where c.created_at <= r.started_at and not ${isSetAside('c')} and not ${isPaused('c')} and ${fits}
  on conflict do nothing returning context
)
select (select id from page order by id desc limit 1) as last, (select count(*)::int from page) as seen, '{}'::uuid[] as idle
from (select count(*) from inserted) done`;

const PLANS: Readonly<Record<PassKind, string>> = {
  nightly: PLAN_DUE,
  rosters: planForReading('c.roster_read_at', hasKeyFor('names_and_roles', 'c')),
  reconcile: planForReading(
    'c.last_attempted_at',
    `${hasKeyFor('assignment_and_grades', 'c')} and ${isThere('scores s where s.context = c.id and s.submitted_revision is not null')}`,
  ),
};

const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * Puts the courses of the next page in line; says whether that was the last one. What waits for the night in courses on
 * which nothing can move is let go at once. Repeating it is safe: where it is, is kept with the run.
 */
export async function planContexts(trx: Database, { runId, kind, limit, patienceMs }: PlanInput): Promise<boolean> {
  const [run] = await queryRows<{ plannedTo: string | null }>(
    trx,
    'select planned_to as "plannedTo" from runs where id = ? and planned_at is null for no key update',
    [runId],
  );
  if (!run) return true;
  const bindings = { runId, limit, after: run.plannedTo ?? NOBODY, ...(kind === 'nightly' && { patienceMs }) };
  const [page] = await queryRows<{ last: string | null; seen: number; idle: string[] }>(trx, PLANS[kind], bindings);
  const isLast = !page || page.seen < limit;
  if (page && page.idle.length > 0) await releaseForNight(trx, page.idle);
  await trx.raw(
    'update runs set planned_to = coalesce(?, planned_to), planned_at = case when ? then now() end where id = ?',
    [page?.last ?? null, isLast, runId],
  );
  return isLast;
}

/**
 * Passes over the course that comes next, since PostgreSQL refuses what planning it writes: the others have their night.
 * The run says so of it, unless its row is what is refused. Undefined: none comes next.
 */
export async function passOverNext(db: Knex, { runId, kind }: PlanInput): Promise<boolean | undefined> {
  const next =
    kind === 'nightly'
      ? 'select q.context as id from score_queue q where q.context > coalesce(r.planned_to, :nobody::uuid)'
      : 'select c.id from contexts c where c.id > coalesce(r.planned_to, :nobody::uuid)';
  return db.transaction(async (trx) => {
    const [passed] = await queryRows<{ context: string }>(
      trx,
      `update runs set planned_to = n.id
       from runs r cross join lateral (${next} order by 1 limit 1) n
       where runs.id = r.id and r.id = :runId and r.planned_at is null returning n.id as context`,
      { runId, nobody: NOBODY },
    );
    if (!passed) return undefined;
    try {
      await trx.transaction((inner) => inner.raw(PASSED_OVER, { runId, ...passed }));
    } catch (error) {
      const code = refusalCode(error);
      if (code === undefined || !isRefusalOfData(code)) throw error;
    }
    return false;
  });
}

const PASSED_OVER = `
insert into run_contexts (run, context, gate, is_poked, asked_at, settled_at, failure)
select :runId, c.id, d.gate, false, now(), now(), 'RefusedByDatabase'
from contexts c join deployments d on d.id = c.deployment where c.id = :context
on conflict do nothing`;
