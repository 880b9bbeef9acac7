/**
 * Scores in the order of their changes. `updated_at` is the time at which a transaction began: one that began early and
 * ends late shows its changes late, behind what was read already. So a page ends before the oldest transaction that is open.
 */
import { exactInstantText } from '../server/instant-text.js';
import { queryRows, type Database } from '../server/knex.js';
import {
  listBindings,
  SCORE_COLUMNS,
  SCORE_JOINS,
  scoreListFilterFor,
  type ScoreListFilter,
  type ScoreRecord,
} from './score-reader.js';

/** Behind the last change that was read: an instant to the microsecond, and the `seq` of a score that changed then. */
export interface ChangePosition {
  at: string;
  seq: string;
}

export interface ChangePage extends ScoreListFilter {
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
  after: ChangePosition;
  limit: number;
}

/** A transaction that begins says so a moment after it has looked at the clock. */
const ANNOUNCED_WITHIN = `interval '2 seconds'`;
/** Of a session of another role nobody may see how old its transaction is: longer than any of ours lasts. */
const LONGEST_UNSEEN = `interval '10 minutes'`;

/**
 * Until where changes can be read, all of them. Whatever began before has ended, so that a statement that begins later sees
 * what it did: this must not be asked in the same statement.
 */
const HORIZON = `
select ${exactInstantText('h.until')} as until, h.until > :after::timestamptz as "isAhead"
from (select least(now(), min(case
    when a.query = '<insufficient privilege>' or a.state = 'disabled' then now() - ${LONGEST_UNSEEN}
    else a.xact_start end)) - ${ANNOUNCED_WITHIN} as until
  from pg_stat_activity a
  where a.datname = current_database() and a.pid <> pg_backend_pid()
    and (a.backend_type = 'client backend' or a.backend_type is null)) h`;

export interface ScoreChanges {
  /**
   * A page of changes after a position, oldest first, and the position behind it: the last change of a full page, else until
   * where all has been read, also when there was nothing. A score that goes on changing moves on, and is met again.
   */
  list(page: ChangePage): Promise<{ scores: ScoreRecord[]; next: ChangePosition }>;
}

export const createScoreChanges = (db: Database): ScoreChanges => ({ list: (page) => listChanges(db, page) });

/** Until where changes can be read; undefined: no further than they were. To be asked before they are, not with them. */
export async function findHorizon(db: Database, after: ChangePosition): Promise<string | undefined> {
  const [horizon] = await queryRows<{ until: string; isAhead: boolean }>(db, HORIZON, { after: after.at });
  return horizon?.isAhead ? horizon.until : undefined;
}

async function listChanges(db: Database, { after, limit, ...filter }: ChangePage): ReturnType<ScoreChanges['list']> {
  const until = await findHorizon(db, after);
  if (until === undefined) return { scores: [], next: after };
  const rows = await queryRows<ScoreRecord & { exactly: string }>(
    db,
    `select ${SCORE_COLUMNS}, ${exactInstantText('s.updated_at')} as exactly ${SCORE_JOINS}
     where ${scoreListFilterFor(filter)} and s.updated_at >= :after::timestamptz and s.updated_at < :until::timestamptz
       and (s.updated_at, s.seq) > (:after::timestamptz, :seq::bigint)
     order by s.updated_at, s.seq limit :limit`,
    { ...listBindings(filter), after: after.at, seq: after.seq, until, limit },
  );
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { scores: rows, next: last ? { at: last.exactly, seq: last.seq } : { at: until, seq: '0' } };
}
