/** Runs of single requests: the contexts that one call woke. They have no workflow that waits; the sweep ends them. */
import type { Knex } from 'knex';
import type { ContextToWake } from '../bulk/page.js';
import { queryRows, type Database } from '../server/knex.js';
import { filterBindings, SCORE_FILTER, type ScoreFilter } from '../scores/score-reader.js';
import { FROM_QUEUE, IS_READY, type Visible } from '../scores/resumptions.js';
import { createRunContexts, LEFT_AT_END } from './run-contexts.js';

/** All contexts of a scope with something ready, or one context in any case. */
export type SyncScope = (ScoreFilter & Visible) | { context: string };

export interface SyncRuns {
  hasOpen(): Promise<boolean>;
  /** Counts the open ones, and ends those where nothing moves any more. Says how many ended. Repeating is safe. */
  closeDone(): Promise<number>;
}

/** What rests for longer is told as waiting, in milliseconds. */
const PATIENCE_MS = 60_000;
/** Runs looked at by one sweep. */
const MOST = 50;

/** Opens the run of a request. Its id is that of the operation that fills it, before whose end it does not end. */
export async function openSyncRun(
  trx: Database,
  { runId, reason }: { runId: string; reason: string | null },
): Promise<void> {
  await trx.raw(
    `insert into runs (id, kind, trigger, reason, due_before, ends_by)
     values (:runId, 'sync', 'api', :reason, now(), now() + interval '1 hour')`,
    { runId, reason },
  );
}

/** Takes the contexts of a scope into the run, and gives one of each gate, to wake its sender. */
export async function fillSyncRun(
  trx: Database,
  { runId, scope }: { runId: string; scope: SyncScope },
): Promise<ContextToWake[]> {
  const contexts =
    'context' in scope && !('platforms' in scope)
      ? { sql: 'select :context::uuid as context', bindings: { context: scope.context } }
      : {
          sql: `select distinct s.context ${FROM_QUEUE} where ${SCORE_FILTER} and ${IS_READY}`,
          bindings: filterBindings({ ...scope, state: undefined }),
        };
  return queryRows(
    trx,
    `with filled as (
       insert into run_contexts (run, context, gate, is_poked, poked_at)
       select :runId, x.context, d.gate, true, now() from (${contexts.sql}) x
       join contexts c on c.id = x.context join deployments d on d.id = c.deployment
       returning context, gate
     )
     select distinct on (f.gate) f.context, c.deployment, f.gate from filled f join contexts c on c.id = f.context
     order by f.gate, f.context`,
    { runId, ...contexts.bindings },
  );
}

export function createSyncRuns(db: Knex): SyncRuns {
  return {
    async hasOpen() {
      const rows = await queryRows(db, `select 1 from runs where kind = 'sync' and ended_at is null limit 1`);
      return rows.length > 0;
    },
    async closeDone() {
      const open = await queryRows<{ id: string }>(
        db,
        `select id from runs where kind = 'sync' and ended_at is null order by seq limit ${MOST}`,
      );
      const runContexts = createRunContexts(db);
      for (const { id: runId } of open) {
        await runContexts.countDue({ runId, patienceMs: PATIENCE_MS });
        await runContexts.countUnsettled(runId);
      }
      const ended = await queryRows(
        db,
        `with ended as (update runs r set ended_at = now(),
           state = case when o.open = 0 then 'completed' else 'incomplete' end,
           trouble = case when o.open = 0 then trouble else array['limitReached'] end
         from (select id, (select count(*) from run_contexts rc where rc.run = runs.id and rc.settled_at is null) as open
           from runs where kind = 'sync' and ended_at is null
             and not exists (select from bulk_operations b where b.id = runs.id and b.ended_at is null)) o
         where r.id = o.id and (o.open = 0 or r.ends_by <= now()) returning r.id
         ), ${LEFT_AT_END} select id from ended`,
      );
      return ended.length;
    },
  };
}
