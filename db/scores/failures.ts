/** Scores that were rejected of late: counted for all by kind, platform and window, and for one filter. */
import { FAILURE_WINDOWS, TAKEN_BACK } from '../../domain/failure.js';
import { queryRows, type Database } from '../server/knex.js';
import { filterBindings, SCORE_FILTER, type ScoreFilter } from './score-reader.js';

export interface FailureCount {
  type: string;
  platformId: string;
  /** One for each of `FAILURE_WINDOWS`, in their order. */
  counts: number[];
}

export interface FailureCounts {
  /** To the millisecond, as whoever lists the same names it: what failed at that time or later is not counted. */
  countedAt: Date;
  /** What failed before is not counted: where the longest window begins, or later where more failed than is looked at. */
  countedSince: Date;
  /** Most first. */
  failures: FailureCount[];
}

/** A filter by what stands in `score_troubles`: nothing of a column. */
export type FailureFilter = Pick<
  ScoreFilter,
  'platformId' | 'deploymentId' | 'contextId' | 'context' | 'failureType' | 'failedAfter' | 'failedBefore'
>;

export interface MatchingFailures {
  /** What a retry of the filter makes due, as far as it is counted. */
  count: number;
  /** Beside them, what it skips. */
  takenBack: number;
}

export interface FailureReader {
  /** Of all platforms. Looks at the newest failures, so many at most, whatever the database holds. */
  count(): Promise<FailureCounts>;
  /** Looks at `limit` of them at most. */
  countMatching(
    filter: FailureFilter & { platforms: readonly string[] | null; limit: number },
  ): Promise<MatchingFailures>;
}

/** So many are counted within the 0.3 s that a page may take. */
const MOST_FAILURES = 200_000;

export function createFailureReader(db: Database, { most = MOST_FAILURES } = {}): FailureReader {
  return {
    count: () => countFailures(db, most),
    countMatching: ({ limit, ...filter }) => countMatching(db, filter, limit),
  };
}

const HOUR_MS = 3_600_000;
const LONGEST_HOURS = Math.max(...FAILURE_WINDOWS);
const ofEachWindow = (toSql: (hours: number) => string): string => FAILURE_WINDOWS.map(toSql).join(', ');

/** By course first: an outage leaves many failures behind in few courses. */
const COUNTS = `
with newest as (
  select context, failure_type, since from score_troubles
  where state = 'rejected' and since >= :h${LONGEST_HOURS} and since < :countedAt order by since desc limit :most
), by_course as (
  select context, failure_type, min(since) as since, count(*) as looked,
    ${ofEachWindow((hours) => `count(*) filter (where since >= :h${hours}) as h${hours}`)}
  from newest group by context, failure_type
), by_platform as (
  select p.platform_id as "platformId", b.failure_type as type, array[${ofEachWindow((hours) => `sum(b.h${hours})::int`)}] as counts
  from by_course b join contexts c on c.id = b.context join deployments d on d.id = c.deployment
  join platforms p on p.id = d.platform group by p.platform_id, b.failure_type
)
select (select case when sum(looked) >= :most then min(since) end from by_course) as "cutAt",
  coalesce((select json_agg(f order by f.counts[${FAILURE_WINDOWS.length}] desc, f.type, f."platformId") from by_platform f), '[]') as failures`;

/** By the clock of the database, which says when scores failed. */
async function countFailures(db: Database, most: number): Promise<FailureCounts> {
  const [clock] = await queryRows<{ at: Date }>(db, `select date_trunc('milliseconds', now()) as at`);
  if (!clock) throw new Error('A clock gave no row.');
  const { at: countedAt } = clock;
  const agoOf = (hours: number): Date => new Date(countedAt.getTime() - hours * HOUR_MS);
  const windows = Object.fromEntries(FAILURE_WINDOWS.map((hours) => [`h${hours}`, agoOf(hours)]));
  const rows = await queryRows<{ cutAt: Date | null; failures: FailureCount[] }>(db, COUNTS, {
    ...windows,
    countedAt,
    most,
  });
  const [{ cutAt, failures } = { cutAt: null, failures: [] }] = rows;
  return { countedAt, countedSince: cutAt ?? agoOf(LONGEST_HOURS), failures };
}

/** `SCORE_FILTER` over what `score_troubles` keeps of a score: the scores themselves would be read one by one. */
const MATCHING = `
select count(*) filter (where not m.is_taken_back)::int as count, count(*) filter (where m.is_taken_back)::int as "takenBack"
from (
  select :failureType::text is null and s.failure_type = any (:takenBack::text[]) as is_taken_back
  from (select context, user_id, state, failure_type, since as updated_at from score_troubles where state = 'rejected') s
  join contexts c on c.id = s.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
  cross join (select null::text as line_item_id, null::text as resource_link_id, null::text as resource_id, null::text as tag) l
  where ${SCORE_FILTER} limit :limit
) m`;

async function countMatching(
  db: Database,
  filter: FailureFilter & { platforms: readonly string[] | null },
  limit: number,
): Promise<MatchingFailures> {
  const bindings = { ...filterBindings(filter), takenBack: [...TAKEN_BACK], limit };
  const [row] = await queryRows<MatchingFailures>(db, MATCHING, bindings);
  return row ?? { count: 0, takenBack: 0 };
}
