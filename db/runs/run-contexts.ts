/** What a run does to each context: picked, woken, settled, and then counted from the scores themselves. */
import type { PassKind } from '../../domain/run.js';
import type { Knex } from 'knex';
import { changeScores } from '../scores/transitions.js';
import { queryRows, type Database } from '../server/knex.js';
import { PICK_DUE, PICK_FOR_RECONCILE, PICK_FOR_ROSTER, UNFINISHED_IN_RUN, WAITING_FOR } from './run-queries.js';
import { retryDeadlock } from '../server/retry-deadlock.js';

export interface AskedContext {
  contextId: string;
  deploymentId: string;
}

export interface PickInput {
  runId: string;
  kind: PassKind;
  limit: number;
  /** How long the run waits for what rests, in milliseconds. */
  patienceMs: number;
}

export interface RunContexts {
  /** Scores that become due after this moment are not the night's. Repeating it changes nothing. */
  fixDue(runId: string): Promise<void>;
  /**
   * Picks the next contexts, least recently attempted first, at most `limit` and never more of one deployment than may be
   * under way; lets go what waited there for the night. Those on which nothing can move are picked too, and not woken.
   */
  pick(input: PickInput): Promise<number>;
  /** Picked and not yet woken, also by an attempt that was cut off. */
  listUnpoked(runId: string): Promise<AskedContext[]>;
  markPoked(runId: string, contexts: readonly string[]): Promise<void>;
  /** Settles contexts where nothing moves within `patienceMs`, counts their scores, and says how many they are. */
  settleDue(input: { runId: string; patienceMs: number }): Promise<number>;
  /** Says of one context that it was served. */
  settleOne(input: { runId: string; contextId: string; failure: string | null }): Promise<void>;
  countOpen(runId: string): Promise<number>;
  /** Counts what is open as it stands, when the run will not wait for it. */
  countUnsettled(runId: string): Promise<void>;
}

export function createRunContexts(db: Knex): RunContexts {
  return {
    async fixDue(runId) {
      await db.raw('update runs set due_before = clock_timestamp() where id = ? and due_before is null', [runId]);
    },
    pick: (input) => retryDeadlock(() => db.transaction((trx) => pick(trx, input))),
    listUnpoked: (runId) =>
      queryRows(
        db,
        `select rc.context as "contextId", c.deployment as "deploymentId"
         from run_contexts rc join contexts c on c.id = rc.context
         where rc.run = ? and rc.settled_at is null and rc.is_poked and rc.poked_at is null`,
        [runId],
      ),
    async markPoked(runId, contexts) {
      await db.raw('update run_contexts set poked_at = now() where run = ? and context = any (?::uuid[])', [
        runId,
        [...contexts],
      ]);
    },
    async settleDue({ runId, patienceMs }) {
      const rows = await queryRows<{ context: string }>(db, SETTLED, { runId, patienceMs });
      const contexts = rows.map(({ context }) => context);
      if (contexts.length > 0) await count(db, { runId, contexts, settles: true });
      return contexts.length;
    },
    async settleOne({ runId, contextId, failure }) {
      await db.raw(
        `update run_contexts set settled_at = coalesce(settled_at, now()), failure = :failure
         where run = :runId and context = :contextId`,
        { runId, contextId, failure },
      );
    },
    countOpen: (runId) => countOpen(db, runId),
    countUnsettled: (runId) => count(db, { runId, contexts: null, settles: false }),
  };
}

const PICKS: Readonly<Record<PassKind, string>> = {
  nightly: PICK_DUE,
  rosters: PICK_FOR_ROSTER,
  reconcile: PICK_FOR_RECONCILE,
};

async function pick(trx: Database, { runId, kind, limit, patienceMs }: PickInput): Promise<number> {
  const bindings = kind === 'nightly' ? { runId, limit, patienceMs } : { runId, limit };
  const rows = await queryRows<{ context: string }>(trx, PICKS[kind], bindings);
  if (kind === 'nightly' && rows.length > 0) {
    // In the order of their ids, as every statement locks scores.
    await trx.raw(
      `with released as (
         select id from scores where context = any (?::uuid[]) and state = 'due' and awaits_nightly
         order by id for update
       )
       ${changeScores('called', 'released')}`,
      [rows.map(({ context }) => context)],
    );
  }
  return rows.length;
}

async function countOpen(db: Database, runId: string): Promise<number> {
  const [row] = await queryRows<{ open: number }>(
    db,
    'select count(*)::int as open from run_contexts where run = ? and settled_at is null',
    [runId],
  );
  return row?.open ?? 0;
}

async function count(
  db: Database,
  { runId, contexts, settles }: { runId: string; contexts: readonly string[] | null; settles: boolean },
): Promise<void> {
  await db.raw(COUNT, { runId, contexts: contexts && [...contexts], settles });
}

const SETTLED = `
select rc.context from run_contexts rc join runs r on r.id = rc.run
where rc.run = :runId and rc.settled_at is null and (rc.poked_at is not null or not rc.is_poked)
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
  where o.run = :runId and o.settled_at is null
    and (:contexts::uuid[] is null or o.context = any (:contexts::uuid[]))
  group by o.context
) n
where r.id = rc.run and rc.run = :runId and rc.context = n.context and rc.settled_at is null`;
