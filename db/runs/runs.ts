/** Runs: one row for each pass, whatever started it; what it did is summed over its contexts (run-contexts.ts). */
import type { PassKind, RunCounts, RunKind, RunState, RunSummary, RunTrouble, SourceCounts } from '../../domain/run.js';
import { queryRows, type Database } from '../server/knex.js';
import { listRunContexts, type RunContextPage, type RunContextRecord } from './list-run-contexts.js';
import { LEFT_AT_END } from './run-contexts.js';
import { isReached, isWithinReach } from '../access/reach.js';

export interface RunRecord extends RunCounts {
  id: string;
  seq: string;
  kind: RunKind;
  trigger: 'schedule' | 'operator' | 'api' | 'webhook' | 'backfill';
  reason: string | null;
  workflowId: string | null;
  state: RunState;
  trouble: RunTrouble[];
  /** Null without a score source, and for callers that see some platforms only. */
  source: SourceCounts | null;
  startedAt: Date;
  endsBy: Date;
  endedAt: Date | null;
}

export interface RunPage {
  /** The platform ids that the caller may see; null: all. Runs count only those. */
  platforms: readonly string[] | null;
  kind?: RunKind | undefined;
  state?: RunState | undefined;
  /** Those with a course there, among others. */
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  /** The `seq` of the last one seen. */
  before: string | null;
  limit: number;
}

export interface NewPass {
  runId: string;
  kind: PassKind;
  scheduleId: string;
  workflowId: string;
  limitMs: number;
}

/** The newest pass of a kind, for whoever watches that it comes and ends; all null when none ever ran. */
export interface LastPass {
  kind: PassKind;
  id: string | null;
  state: RunState | null;
  trouble: RunTrouble[] | null;
  startedAt: Date | null;
  endsBy: Date | null;
  endedAt: Date | null;
  /** When the last one that ended well began. */
  lastGoodAt: Date | null;
  /** When an operator last changed or unpaused its schedule through the API. */
  scheduleTouchedAt: Date | null;
}

export interface RunReader {
  /**
   * Newest first. Callers that see some platforms only get passes, and requests that touched those or came from keys that
   * reach no further; the reason of the latter alone.
   */
  list(page: RunPage): Promise<RunRecord[]>;
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<RunRecord | undefined>;
  /** Courses of a run, by our ids, those after the cursor. */
  listContexts(page: RunContextPage): Promise<RunContextRecord[]>;
  listLastPasses(): Promise<LastPass[]>;
}

export interface Passes {
  /** The pass of that kind that has not ended, other than this one. */
  findLive(input: { runId: string; kind: PassKind }): Promise<{ id: string; workflowId: string } | undefined>;
  /**
   * Opens the run of a pass; one of its kind that never ended is closed as abandoned: look first that it is not alive.
   * Repeating it opens nothing more.
   */
  begin(pass: NewPass): Promise<void>;
  /** Closes it and gives its summary; repeating it gives the same. */
  close(input: { runId: string; trouble: readonly RunTrouble[]; source: SourceCounts | null }): Promise<RunSummary>;
}

const SUMS = `
cross join lateral (
  select count(*)::int as contexts, (count(*) filter (where rc.settled_at is not null))::int as settled,
    (count(*) filter (where rc.settled_at is null and rc.left_at is not null))::int as "notSettled",
    coalesce(sum(rc.submitted), 0)::int as submitted, coalesce(sum(rc.rejected), 0)::int as rejected,
    coalesce(sum(rc.waiting), 0)::int as waiting
  from run_contexts rc where rc.run = r.id and VISIBLE
) sums
cross join lateral (
  select coalesce(jsonb_object_agg(name, count), '{}') as "waitingFor" from (
    select w.key as name, sum(w.value::int) as count
    from run_contexts rc cross join lateral jsonb_each_text(rc.waiting_for) w
    where rc.run = r.id and rc.waiting > 0 and VISIBLE group by w.key
  ) as by_reason
) waits
cross join lateral (
  select coalesce(jsonb_object_agg(name, count), '{}') as failures from (
    select rc.failure as name, count(*) as count
    from run_contexts rc where rc.run = r.id and rc.failure is not null and VISIBLE group by rc.failure
  ) as by_failure
) fails`.replaceAll(
  'VISIBLE',
  `(:platforms::text[] is null or exists (select from contexts c join deployments d on d.id = c.deployment
     join platforms p on p.id = d.platform where c.id = rc.context and ${isReached()}))`,
);

/** The run of a request has the id of its operation, which knows how far the key reached. Passes are of all platforms. */
const IS_WITHIN_REACH = isWithinReach('o.platforms');

const SELECT = `
select r.id, r.seq, r.kind, r.trigger, case when ${IS_WITHIN_REACH} then r.reason end as reason,
  r.workflow_id as "workflowId", r.state, r.trouble,
  case when :platforms::text[] is null then r.source end as source, r.started_at as "startedAt",
  r.ends_by as "endsBy", r.ended_at as "endedAt",
  sums.contexts, sums.settled, sums."notSettled", sums.submitted, sums.rejected, sums.waiting, waits."waitingFor", fails.failures
from runs r left join bulk_operations o on o.id = r.id ${SUMS}
where (${IS_WITHIN_REACH} or r.kind <> 'sync' or sums.contexts > 0)`;

/** A course there that the caller may see. Said only where it is asked for: behind an `or` it would be looked up run by run. */
const HAS_COURSE = `exists (select from run_contexts rc
  join contexts c on c.id = rc.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
  where rc.run = r.id and ${isReached()}
    and (:platformId::text is null or p.platform_id = :platformId)
    and (:deploymentId::text is null or d.deployment_id = :deploymentId))`;

export function createRunReader(db: Database): RunReader {
  return {
    list: ({ platforms, kind, state, platformId, deploymentId, before, limit }) =>
      queryRows<RunRecord>(
        db,
        `${SELECT}
           and ${(platformId ?? deploymentId) === undefined ? 'true' : HAS_COURSE}
           and (:kind::text is null or r.kind = :kind) and (:state::text is null or r.state = :state)
           and (:before::bigint is null or r.seq < :before::bigint)
         order by r.seq desc limit :limit`,
        {
          ...{ platforms: platforms && [...platforms], kind: kind ?? null, state: state ?? null, before, limit },
          ...{ platformId: platformId ?? null, deploymentId: deploymentId ?? null },
        },
      ),
    find: ({ id, platforms }) => findRun(db, id, platforms),
    listContexts: (page) => listRunContexts(db, page),
    listLastPasses: () => queryRows<LastPass>(db, LAST_PASSES),
  };
}

async function findRun(db: Database, id: string, platforms: readonly string[] | null): Promise<RunRecord | undefined> {
  const bindings = { id, platforms: platforms && [...platforms] };
  return (await queryRows<RunRecord>(db, `${SELECT} and r.id = :id`, bindings))[0];
}

export function createPasses(db: Database): Passes {
  return {
    async findLive({ runId, kind }) {
      const rows = await queryRows<{ id: string; workflowId: string }>(
        db,
        `select id, workflow_id as "workflowId" from runs
         where kind = :kind and ended_at is null and id <> :runId and workflow_id is not null`,
        { kind, runId },
      );
      return rows[0];
    },
    async begin({ runId, ...pass }) {
      await db.transaction(async (trx) => {
        await trx.raw(
          `with ended as (
             update runs set state = 'failed', trouble = array_append(trouble, 'abandoned'), ended_at = now()
             where kind = :kind and ended_at is null and id <> :runId returning id
           ), ${LEFT_AT_END} select 1`,
          { kind: pass.kind, runId },
        );
        await trx.raw(OPEN, { runId, ...pass });
      });
    },
    async close({ runId, trouble, source }) {
      const isBad = trouble.some((name) => name === 'canceled' || name === 'workflowFailed');
      await db.raw(CLOSE, { runId, trouble: [...trouble], source: source && JSON.stringify(source), isBad });
      const run = await findRun(db, runId, null);
      if (!run) throw new Error(`There is no run ${runId}.`);
      const { contexts, settled, notSettled, submitted, rejected, waiting, waitingFor, failures } = run;
      return {
        ...{ runId, state: run.state, trouble: run.trouble, source: run.source },
        ...{ contexts, settled, notSettled, submitted, rejected, waiting, waitingFor, failures },
        unchanged: run.source?.unchanged ?? 0,
        durationMs: (run.endedAt ?? run.startedAt).getTime() - run.startedAt.getTime(),
      };
    },
  };
}

/** In one statement, so that repeating it takes nobody for stuck whom only the end left behind. */
const CLOSE = `
with told as (
  select :trouble::text[] || case when exists (
    select from run_contexts rc where rc.run = :runId and rc.settled_at is null and rc.left_at is not null
  ) then array['notSettled'] else '{}' end as trouble
), ended as (
  update runs set trouble = told.trouble, source = :source::jsonb, ended_at = clock_timestamp(),
    state = case when :isBad then 'failed' when cardinality(told.trouble) > 0 then 'incomplete' else 'completed' end
  from told where id = :runId and ended_at is null returning id
), ${LEFT_AT_END} select 1`;

/** A trigger through the API leaves its audit row a moment before: the first run after it is the operator's. */
const OPEN = `
insert into runs (id, kind, trigger, reason, workflow_id, ends_by)
select :runId, :kind, case when asked.at is null then 'schedule' else 'operator' end, asked.reason, :workflowId,
  now() + make_interval(secs => :limitMs / 1000.0)
from (values (1)) as one
left join lateral (
  select a.at, a.reason from audit_entries a
  where a.action = 'schedules.trigger' and a.answers is null and a.subject = :scheduleId and a.at > now() - interval '5 minutes'
    and not exists (select from runs r where r.kind = :kind and r.started_at >= a.at)
  order by a.id desc limit 1
) asked on true
on conflict (id) do nothing`;

const LAST_PASSES = `
select k.kind, r.id, r.state, r.trouble, r.started_at as "startedAt", r.ends_by as "endsBy", r.ended_at as "endedAt",
  (select max(g.started_at) from runs g where g.kind = k.kind and g.state = 'completed') as "lastGoodAt",
  (select max(a.at) from audit_entries a where a.subject = k.schedule
     and a.action in ('schedules.unpause', 'schedules.change')) as "scheduleTouchedAt"
from (values ('nightly', 'nightly-sync'), ('rosters', 'roster-refresh'), ('reconcile', 'reconcile')) as k(kind, schedule)
left join lateral (select * from runs r where r.kind = k.kind order by r.started_at desc limit 1) r on true`;
