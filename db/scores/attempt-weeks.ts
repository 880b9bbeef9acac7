/**
 * Evidence, which is attempts, where revisions came from and what was tried again, lies in partitions of a week each, from Monday to Monday in UTC;
 * this makes the coming ones and drops the old.
 */
import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';

/** Made so far ahead, so that nobody need hurry when the schedule does not run; also what the migration makes. */
const WEEKS_AHEAD = 8;
/** Any number that no other lock of ours uses. */
const UPKEEP_LOCK = 7_228_626;
/**
 * Who records stands behind whoever waits for a whole table, so this waits for a moment only: a backup that reads the
 * table for hours makes an upkeep fail, which is tried again, and stops no score. Longer than PostgreSQL's
 * `deadlock_timeout` of a second, after which it ends an autovacuum that stands in the way.
 */
const LONGEST_WAIT = '2s';

interface WeeklyTable {
  table: string;
  /** Its column by which a row belongs to a week. */
  moment: string;
}

const TABLES: readonly WeeklyTable[] = [
  { table: 'attempts', moment: 'started_at' },
  { table: 'score_revisions', moment: 'at' },
  { table: 'score_retries', moment: 'at' },
];

/** Of all these tables together. */
export interface KeptAttempts {
  /** Weeks that were made. */
  made: number;
  /** Rows that lay in the default partition, and have come to their week. */
  moved: number;
  /** Weeks that were dropped. */
  dropped: number;
}

export interface AttemptWeeks {
  /**
   * Makes the coming weeks, brings home what lies in the default partition, and drops the weeks that are wholly older than
   * `keptMs`. Each step is a transaction of its own, and none is taken twice at once; repeating it is safe.
   */
  keep(input: { keptMs: number }): Promise<KeptAttempts>;
  /** `astray`: rows in the default partitions, of which no more than a thousand each are counted. */
  look(): Promise<{ hasNextWeek: boolean; astray: number }>;
}

export function createAttemptWeeks(db: Knex): AttemptWeeks {
  return {
    async keep({ keptMs }) {
      const kept: KeptAttempts = { made: 0, moved: 0, dropped: 0 };
      for (const weekly of TABLES) await keep(db, weekly, keptMs, kept);
      return kept;
    },
    async look() {
      const looks = await Promise.all(
        TABLES.map(async (weekly) => {
          const [row] = await queryRows<{ hasNextWeek: boolean; astray: number }>(db, look(weekly));
          if (!row) throw new Error('A look gave no row.');
          return row;
        }),
      );
      return {
        hasNextWeek: looks.every(({ hasNextWeek }) => hasNextWeek),
        astray: looks.reduce((sum, { astray }) => sum + astray, 0),
      };
    },
  };
}

async function keep(db: Knex, weekly: WeeklyTable, keptMs: number, kept: KeptAttempts): Promise<void> {
  const old = { ...weekly, keptMs };
  await alone(db, (trx) => queryRows(trx, DELETE_OLD, old));
  for (const { at } of await queryRows<{ at: Date }>(db, weeksToMake(weekly))) {
    const [row] = await alone(db, (trx) => queryRows<{ moved: number | null }>(trx, MAKE, { ...weekly, at }));
    if (typeof row?.moved !== 'number') continue;
    kept.made += 1;
    kept.moved += row.moved;
  }
  for (;;) {
    const [row] = await alone(db, (trx) => queryRows<{ week: string | null }>(trx, DROP_OLD, old));
    if (typeof row?.week !== 'string') return;
    kept.dropped += 1;
  }
}

async function alone<T>(db: Knex, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return db.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [UPKEEP_LOCK]);
    await trx.raw(`set local lock_timeout = '${LONGEST_WAIT}'`);
    return work(trx);
  });
}

/** The weeks that there are, by their first instants. */
const weeksOf = ({ table }: WeeklyTable): string => `
weeks as (
  select c.relname as week,
    substring(pg_get_expr(c.relpartbound, c.oid) from $$FROM \\('([^']+)'\\)$$)::timestamptz as first
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = '${table}'::regclass and pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
)`;

const DELETE_OLD = 'select delete_old_astray(:table, :moment, make_interval(secs => :keptMs / 1000.0))';
/** One at a time. Null: there is none. */
const DROP_OLD = 'select drop_old_week(:table, :moment, make_interval(secs => :keptMs / 1000.0)) as week';

const weeksToMake = (weekly: WeeklyTable): string => `
with ${weeksOf(weekly)}
select at from (
  select date_trunc('week', now() + n * interval '168 hours', 'UTC') as at from generate_series(0, ${WEEKS_AHEAD}) as n
  union
  select date_trunc('week', ${weekly.moment}, 'UTC') from ${weekly.table}_default
) as wanted
where not exists (select from weeks where first = at) order by at`;

/** Null: another one has made it meanwhile. */
const MAKE = 'select make_week(:table, :moment, :at) as moved';

const look = (weekly: WeeklyTable): string => `
with ${weeksOf(weekly)}
select
  exists (select from weeks where first = date_trunc('week', now() + interval '168 hours', 'UTC')) as "hasNextWeek",
  (select count(*) from (select from ${weekly.table}_default limit 1000) as few)::int as astray`;
