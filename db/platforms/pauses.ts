import type { Knex } from 'knex';
import { insertAuditEntry, type AuditEntry } from '../access/audit-entries.js';
import type { WaitReason } from '../../domain/wait.js';
import type { ContextToWake } from '../bulk/page.js';
import { queryRows, type Database } from '../server/knex.js';
import { closeBreakers } from './platforms.js';
import { PAUSABLE, pauseOfCourse, type Pausable } from './pausing.js';

/** Something to pause or to resume, by our uuid. */
export interface PauseTarget {
  kind: Pausable;
  id: string;
  /** Kept in the transaction of the deed. */
  audit: AuditEntry;
}

/** What is paused of one kind, on one platform. */
export interface PausedCount {
  kind: Pausable;
  /** Our uuid. */
  platform: string;
  platformId: string;
  count: number;
  /** Of them, the one paused longest ago, and why. */
  since: Date;
  reason: string;
}

/** What somebody paused by hand: nothing is sent to it or read from it; what is under way ends as it does. */
export interface Pauses {
  /**
   * From its commit on nothing of it is claimed, and no reader gets a turn; a sender gives back within a second what it had
   * claimed. Once more: another reason, another end, the same beginning. `until` null: until somebody resumes it. Gives a
   * course of each gate with something to do, whose sender shows it when it is woken.
   */
  pause(target: PauseTarget & { reason: string; until: Date | null }): Promise<ContextToWake[]>;
  /** Ends it, of a platform its breakers too, and gives a course of each gate with something to do, whose sender is to be woken. Repeating it is safe. */
  resume(target: PauseTarget): Promise<ContextToWake[]>;
  /** Lets go what was on hold for pauses that are over, and forgets these. Repeating it is safe. */
  tidyUp(): Promise<void>;
  /** What keeps a course from being called: the longest of its own pause and those above it. */
  findOf(context: string): Promise<{ reason: WaitReason; until: Date | null } | undefined>;
  count(): Promise<PausedCount[]>;
}

export function createPauses(db: Knex): Pauses {
  return {
    async pause({ kind, id, audit, reason, until }) {
      await db.transaction(async (trx) => {
        await lockGates(trx, kind, id);
        await trx.raw(
          `insert into pauses as z (${kind}, reason, until) values (:id, :reason, coalesce(:until::timestamptz, 'infinity'))
           on conflict (${kind}) do update set reason = excluded.reason, until = excluded.until,
             paused_at = case when z.until > now() then z.paused_at else now() end`,
          { id, reason, until },
        );
        await trx.raw(`update gates set pauses = pauses + 1 where id in (${GATES[kind]})`, { id });
        await insertAuditEntry(trx, audit);
      });
      // What was on hold until the end that stood before is judged anew.
      await letGo(db, kind, id);
      return queryRows<ContextToWake>(db, toWake(kind), { id });
    },
    async resume({ kind, id, audit }) {
      await db.transaction(async (trx) => {
        await lockGates(trx, kind, id);
        await trx.raw(`update pauses set until = now() where ${kind} = :id and until > now()`, { id });
        if (kind === 'platform') await closeBreakers(trx, id);
        await insertAuditEntry(trx, audit);
      });
      await letGo(db, kind, id);
      return queryRows<ContextToWake>(db, toWake(kind), { id });
    },
    async tidyUp() {
      const ended = await queryRows<{ id: string } & Record<Pausable, string | null>>(
        db,
        'select id, platform, deployment, context from pauses where until <= now()',
      );
      for (const { id, ...names } of ended) {
        for (const kind of PAUSABLE) {
          const subject = names[kind];
          if (subject !== null) await letGo(db, kind, subject);
        }
        await db.raw('delete from pauses where id = ? and until <= now()', [id]);
      }
    },
    async findOf(context) {
      const [row] = await queryRows<{ reason: WaitReason; until: Date | null }>(db, PAUSE_OF, { context });
      return row;
    },
    count: () => queryRows(db, COUNT),
  };
}

/** The gates behind which it lies. */
const GATES: Readonly<Record<Pausable, string>> = {
  platform: 'select d.gate from deployments d where d.platform = :id',
  deployment: 'select d.gate from deployments d where d.id = :id',
  context: 'select d.gate from contexts c join deployments d on d.id = c.deployment where c.id = :id',
};

/** Its courses. */
const COURSES: Readonly<Record<Pausable, string>> = {
  platform: 'select c.id from contexts c join deployments d on d.id = c.deployment where d.platform = :id',
  deployment: 'select c.id from contexts c where c.deployment = :id',
  context: 'select :id::uuid',
};

/** Whoever claims shares the gate's row to the end of its transaction: each claim is over by now, or sees what is done here. */
async function lockGates(trx: Database, kind: Pausable, id: string): Promise<void> {
  await trx.raw(`select 1 from gates where id in (${GATES[kind]}) order by id for no key update`, { id });
}

/** Rows changed by one statement, so that none lasts long. */
const STEP = 5_000;

/**
 * Scores that a pause put on hold are judged by the next claim again, and unknown ones are read back when their own rest is
 * over. Begun when the pause is committed to be over: what a claim that began before put on hold since ends by its time.
 */
async function letGo(db: Database, kind: Pausable, id: string): Promise<void> {
  for (let changed = STEP; changed === STEP;) {
    const rows = await queryRows(
      db,
      `with held as (
         select q.score from score_queue q join scores s on s.id = q.score
         where q.context in (${COURSES[kind]})
           and (q.hold = 'paused' or (q.hold = 'unknown' and q.ready_at > s.not_before))
         order by q.score limit ${STEP} for update of q
       )
       update score_queue q set hold = case when q.hold = 'unknown' then q.hold end,
         ready_at = case when q.hold = 'unknown' then s.not_before end
       from held h join scores s on s.id = h.score where q.score = h.score and q.hold in ('paused', 'unknown') returning 1`,
      { id },
    );
    changed = rows.length;
  }
}

/** Gates that one resume wakes; the sweep finds the others within a minute. */
const MOST_WOKEN = 200;

const toWake = (kind: Pausable): string => `
select g.id as gate, c.id as context, c.deployment
from gates g cross join lateral (
  (select q.context from score_queue q where q.gate = g.id and q.hold is null limit 1)
  union all
  (select q.context from score_queue q where q.gate = g.id and q.ready_at is not null limit 1)
  limit 1) q
join contexts c on c.id = q.context
where g.id in (${GATES[kind]}) limit ${MOST_WOKEN}`;

const PAUSE_OF = `select reason, nullif(until, 'infinity') as until from (${pauseOfCourse(':context', 'now()')}) longest`;

const COUNT = `
select kind, p.id as platform, p.platform_id as "platformId", count(*)::int as count, min(z.paused_at) as since,
  (array_agg(z.reason order by z.paused_at))[1] as reason
from pauses z
left join contexts c on c.id = z.context
left join deployments d on d.id = coalesce(z.deployment, c.deployment)
join platforms p on p.id = coalesce(z.platform, d.platform)
cross join lateral (select case when z.platform is not null then 'platform'
  when z.deployment is not null then 'deployment' else 'context' end as kind) k
where z.until > now()
group by kind, p.id order by kind desc, p.platform_id`;
