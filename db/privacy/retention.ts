import type { Knex } from 'knex';
import { RETENTION_CLASSES, RETENTION_DEFAULTS, type Retention, type RetentionClass } from '../../domain/retention.js';
import { queryRows } from '../server/knex.js';

/** Rows that one statement removes at most, so that none lasts long. */
const PAGE = 1_000;

export interface RetentionStore {
  readonly classes: readonly RetentionClass[];
  /** Removes a page of what a class no longer keeps. Repeating it is safe: it removes the next one. */
  removePage(name: RetentionClass): Promise<{ removed: number; isDone: boolean }>;
}

export function createRetention(db: Knex, kept: Retention = RETENTION_DEFAULTS): RetentionStore {
  return {
    classes: RETENTION_CLASSES,
    async removePage(name) {
      let removed = 0;
      let isDone = true;
      for (const sql of STATEMENTS[name]) {
        const [row] = await queryRows<{ count: number }>(db, sql, { keptMs: kept[name], limit: PAGE });
        const count = row?.count ?? 0;
        removed += count;
        isDone &&= count < PAGE;
      }
      return { removed, isDone };
    },
  };
}

const OLDEST = `now() - make_interval(secs => :keptMs / 1000.0)`;

const removeFrom = (table: string, which: string): string => `
with gone as (delete from ${table} where ctid = any (array(select ctid from ${table} x where ${which} limit :limit)) returning 1)
select count(*)::int as count from gone`;

/** What ended lately is still shown, however long ago it came. */
const EVENTS = `x.received_at < ${OLDEST} and x.state not in ('stored', 'unmatched') and x.state_since < now() - interval '7 days'`;
/** Who keeps a score back stays with it. */
const LEFT = `x.status <> 'Active' and x.updated_at < ${OLDEST} and not exists (select from score_troubles t
  where t.context = x.context and t.user_id = x.user_id and t.state = 'held')`;
const OF_OLD_BACKFILL = `exists (select from backfills b where b.id = x.backfill
  and b.state in ('finished', 'cancelled', 'failed') and b.finished_at < ${OLDEST})`;

const STATEMENTS: Readonly<Record<RetentionClass, readonly string[]>> = {
  events: [removeFrom('webhook_events', EVENTS), removeFrom('webhook_references', `x.expires_at < ${OLDEST}`)],
  members: [removeFrom('memberships', LEFT), removeFrom('membership_changes', `x.at < ${OLDEST}`)],
  drifts: [removeFrom('drifts', `x.ended_at < ${OLDEST}`)],
  lines: [removeFrom('backfill_items', OF_OLD_BACKFILL), removeFrom('backfill_problems', OF_OLD_BACKFILL)],
  runs: [
    removeFrom('run_contexts', `exists (select from runs r where r.id = x.run and r.ended_at < ${OLDEST})`),
    removeFrom('runs', `x.ended_at < ${OLDEST} and not exists (select from run_contexts c where c.run = x.id)`),
    removeFrom('bulk_operations', `x.ended_at < ${OLDEST}`),
  ],
  audit: [
    `select prune_audit_entries(${OLDEST}, :limit) as count`,
    removeFrom(
      'person_requests',
      `x.ended_at < ${OLDEST} and not exists (select from person_tombstones t where t.request = x.id)`,
    ),
  ],
};
