/** What a run does to each context: picked, woken, settled, and then counted from the scores themselves. */
import type { Knex } from 'knex';
import type { PassKind } from '../../domain/run.js';
import { queryRows, type Database } from '../server/knex.js';
import { isFreeOf, isReachableWithin, restsBeyond, WAIT_NAME } from '../scores/readiness.js';
import { failNext, pickContexts, type PickInput } from './pick-contexts.js';
import { passOverNext, PATIENCE, planContexts, type PlanInput } from './plan-contexts.js';
import { halveRefused } from '../server/halve-refused.js';
import { retryDeadlock } from '../server/retry-deadlock.js';

export interface AskedContext {
  context: string;
  deployment: string;
  gate: string;
}

export interface RunContexts {
  /** Scores that become due after this moment are not the night's. Repeating it changes nothing. */
  fixDue(runId: string): Promise<void>;
  /**
   * Puts the contexts of the next page in line; says whether all are. Those on which nothing can move are picked at once,
   * and not woken. A course that PostgreSQL refuses is passed over, with that for its failure, and takes no other with
   * it: its scores wait for the next run, or go out by themselves.
   */
  plan(input: PlanInput): Promise<boolean>;
  /**
   * Picks the next contexts of the line, least recently attempted first, at most `limit` and never more of one gate than
   * may be under way; lets go what waited there for the night. A course where PostgreSQL refuses that is settled as failed.
   */
  pick(input: PickInput): Promise<number>;
  /** Picked and not yet woken, also by an attempt that was cut off. */
  listUnwoken(runId: string): Promise<AskedContext[]>;
  markWoken(runId: string, contexts: readonly string[]): Promise<void>;
  /** Settles contexts where nothing moves within `patienceMs`, counts their scores, and says how many they are. */
  countDue(input: { runId: string; patienceMs: number }): Promise<number>;
  /**
   * Leaves contexts where nothing moved for `stallMs`, so that others have their places and the run its end, counts their
   * scores as they stand, and says how many they are. Where scores of the run come to an end something moves, and where
   * scores are only in line while calls are made for other courses of the gate. What is sent there goes on by itself.
   */
  leaveStuck(input: { runId: string; kind: PassKind; stallMs: number }): Promise<number>;
  /** Says of one context that it was served, as long as the run lasts. */
  countOne(input: { runId: string; context: string; failure: string | null }): Promise<void>;
  /** Those that were picked and are neither settled nor left, and whether there are more in line. */
  countOpen(runId: string): Promise<{ open: number; hasMore: boolean }>;
  /** Counts what is not settled as it stands, when the run will not wait for it. */
  countUnsettled(runId: string): Promise<void>;
}

export function createRunContexts(db: Knex): RunContexts {
  return {
    async fixDue(runId) {
      await db.raw('update runs set due_before = clock_timestamp() where id = ? and due_before is null', [runId]);
    },
    plan: (input) =>
      halveRefused(
        input.limit,
        (limit) => retryDeadlock(() => db.transaction((trx) => planContexts(trx, { ...input, limit }))),
        () => passOverNext(db, input),
      ),
    pick: (input) =>
      halveRefused(
        input.limit,
        (limit) => retryDeadlock(() => db.transaction((trx) => pickContexts(trx, { ...input, limit }))),
        () => failNext(db, input),
      ),
    listUnwoken: (runId) =>
      queryRows(
        db,
        `select rc.context, c.deployment, d.gate
         from run_contexts rc join contexts c on c.id = rc.context join deployments d on d.id = c.deployment
         where rc.run = ? and rc.asked_at is not null and rc.settled_at is null and rc.left_at is null and rc.is_poked
           and rc.poked_at is null`,
        [runId],
      ),
    async markWoken(runId, contexts) {
      await db.raw('update run_contexts set poked_at = now() where run = ? and context = any (?::uuid[])', [
        runId,
        [...contexts],
      ]);
    },
    async countDue({ runId, patienceMs }) {
      const rows = await queryRows<{ context: string }>(db, SETTLED, { runId, patienceMs });
      const contexts = rows.map(({ context }) => context);
      if (contexts.length > 0) await count(db, { runId, contexts, settles: true });
      return contexts.length;
    },
    async leaveStuck({ runId, kind, stallMs }) {
      const isCounted = kind === 'nightly';
      const rows = await queryRows<{ context: string; left: boolean }>(db, isCounted ? LEAVE_STUCK : LEAVE_SILENT, {
        ...{ runId, stallMs },
      });
      const contexts = rows.filter(({ left }) => left).map(({ context }) => context);
      if (isCounted && contexts.length > 0) await count(db, { runId, contexts, settles: false });
      return contexts.length;
    },
    async countOne({ runId, context, failure }) {
      await db.raw(
        `update run_contexts set settled_at = coalesce(settled_at, now()), failure = :failure
         where run = :runId and context = :context
           and exists (select from runs where runs.id = :runId and runs.ended_at is null)`,
        { runId, context, failure },
      );
    },
    countOpen: (runId) => countOpen(db, runId),
    countUnsettled: (runId) => count(db, { runId, contexts: null, settles: false }),
  };
}

async function countOpen(db: Database, runId: string): Promise<{ open: number; hasMore: boolean }> {
  const [row] = await queryRows<{ open: number; hasMore: boolean }>(
    db,
    `select (select count(*)::int from run_contexts rc where rc.run = r.id and rc.asked_at is not null
         and rc.settled_at is null and rc.left_at is null) as open,
       (r.planned_at is null and r.kind <> 'sync')
         or exists (select from run_contexts rc where rc.run = r.id and rc.asked_at is null) as "hasMore"
     from runs r where r.id = ?`,
    [runId],
  );
  return row ?? { open: 0, hasMore: false };
}

async function count(
  db: Database,
  { runId, contexts, settles }: { runId: string; contexts: readonly string[] | null; settles: boolean },
): Promise<void> {
  await db.raw(COUNT, { runId, contexts: contexts && [...contexts], settles });
}

/** Part of a statement whose `ended` has the ids of runs that it ends: nothing of them is under way any more. */
export const LEFT_AT_END = `left_at_end as (
  update run_contexts rc set left_at = clock_timestamp() from ended
  where rc.run = ended.id and rc.settled_at is null and rc.left_at is null
)`;

const PLACES = `
join contexts c on c.id = s.context join line_items l on l.id = s.line_item
join deployments d on d.id = c.deployment join gates f on f.id = d.gate`;

/** Unfinished scores of `rc.context` that count for run `r`. `can_move`: it may still be sent within the patience. */
const UNFINISHED_IN_RUN = `
select from (
  select s.state = 'sending' or (
    ${isFreeOf('night', 'contextParked', 'lineItemParked')} and not ${restsBeyond(`now() + ${PATIENCE}`)}
    and ${isReachableWithin(PATIENCE)}
  ) as can_move
  from score_queue q join scores s on s.id = q.score ${PLACES}
  where q.context = rc.context
    and (s.due_at <= r.due_before or s.state <> 'due')
) as unfinished where true`;

const IS_STALLED = `rc.run = :runId and rc.asked_at is not null and rc.settled_at is null and rc.left_at is null
  and rc.moved_at <= now() - make_interval(secs => :stallMs / 1000.0)`;

/** One of the run's scores came to an end since the run last saw one. */
const HAS_MOVED = `exists (select from scores s where s.context = rc.context and s.due_at <= r.due_before
  and s.state in ('submitted', 'rejected', 'held', 'superseded') and s.updated_at > rc.moved_at)`;

/** Nothing but its turn is missing: it can be claimed, and calls are made for other courses of the gate. */
const IS_IN_LINE = `(coalesce(c.last_attempted_at <= rc.moved_at, true)
  and exists (select from score_queue q where q.context = rc.context and q.hold is null and not q.is_claimed)
  and exists (select from deployments d join contexts o on o.deployment = d.id
    where d.gate = rc.gate and o.last_attempted_at > rc.moved_at))`;

const LEAVE_STUCK = `
with stalled as (
  select rc.context, ${HAS_MOVED} or ${IS_IN_LINE} as moves
  from run_contexts rc join runs r on r.id = rc.run join contexts c on c.id = rc.context where ${IS_STALLED}
)
update run_contexts rc set moved_at = case when moves then now() else rc.moved_at end,
  left_at = case when not moves then now() end
from stalled where rc.run = :runId and rc.context = stalled.context returning rc.context, not moves as left`;

/** A reading shows nothing until it is over. */
const LEAVE_SILENT = `
update run_contexts rc set left_at = now() where ${IS_STALLED} returning rc.context, true as left`;

/** What became of the scores of `o.context` since run `runs` asked: counted by `what`, and `why` it waits. */
const WAITING_FOR = `
select what, why, count(*) as count from (
  select case s.state when 'submitted' then 'submitted' when 'rejected' then 'rejected' else 'waiting' end as what,
    case when s.state in ('submitted', 'rejected') then '' else ${WAIT_NAME} end as why
  from scores s ${PLACES}
  where s.context = o.context and (
    (s.state = 'submitted' and s.submitted_at >= o.asked_at)
    or (s.state in ('rejected', 'held') and s.updated_at >= o.asked_at)
    or s.state in ('sending', 'unknown')
    or (s.state = 'due' and ${isFreeOf('night')}))
) as seen group by what, why`;

const SETTLED = `
select rc.context from run_contexts rc join runs r on r.id = rc.run
where rc.run = :runId and rc.asked_at is not null and rc.settled_at is null and (rc.poked_at is not null or not rc.is_poked)
  and not exists (${UNFINISHED_IN_RUN} and can_move)`;

/**
 * From the scores' own rows, since they are the truth: nothing is added up while the run goes on, so that a repeated,
 * cut-off or overtaken step can count nothing twice.
 */
const COUNT = `
update run_contexts rc set settled_at = case when :settles then clock_timestamp() end,
  submitted = n.submitted, rejected = n.rejected, waiting = n.waiting, waiting_for = n.waiting_for
from runs r, (
  select o.context, coalesce(sum(t.count) filter (where t.what = 'submitted'), 0)::int as submitted,
    coalesce(sum(t.count) filter (where t.what = 'rejected'), 0)::int as rejected,
    coalesce(sum(t.count) filter (where t.what = 'waiting'), 0)::int as waiting,
    coalesce(jsonb_object_agg(t.why, t.count) filter (where t.what = 'waiting'), '{}') as waiting_for
  from run_contexts o join runs on runs.id = o.run
  left join lateral (${WAITING_FOR}) t on true
  where o.run = :runId and o.asked_at is not null and o.settled_at is null
    and (:contexts::uuid[] is null or o.context = any (:contexts::uuid[]))
  group by o.context
) n
where r.id = rc.run and rc.run = :runId and rc.context = n.context and rc.settled_at is null`;
