import { queryRows, type Database } from '../server/knex.js';

/** What waits for a person to decide or to look, of one kind. */
export interface OpenDecision {
  kind: 'held' | 'drift' | 'backfillUnapproved' | 'backfillPaused';
  /** Held: the failure type. Drift: its kind. Otherwise null. */
  subject: string | null;
  count: number;
  /** Of them, the one that waits longest. */
  since: Date;
}

/** Counts what only people can settle. `platforms`: what the caller may see; null: all. */
export function listOpenDecisions(db: Database, platforms: readonly string[] | null): Promise<OpenDecision[]> {
  return queryRows<OpenDecision>(db, OPEN, { platforms: platforms && [...platforms] });
}

const PLACES = `join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;
const VISIBLE = `(:platforms::text[] is null or p.platform_id = any (:platforms::text[]))`;

/**
 * Each part is served by a partial index. What goes by itself is left out: students who left, drift that was sent again,
 * and grades that people won.
 */
const OPEN = `
select 'held' as kind, s.failure_type as subject, count(*)::int as count, min(s.since) as since
from score_troubles s join contexts c on c.id = s.context ${PLACES}
where s.state = 'held' and s.failure_type = 'HumanGradeUndecided' and ${VISIBLE} group by s.failure_type
union all
select 'drift', f.kind, count(*)::int, min(f.found_at)
from drifts f join contexts c on c.id = f.context ${PLACES}
where f.ended_at is null and f.kind in ('missing', 'changed', 'rescaled') and ${VISIBLE} group by f.kind
union all
select case b.state when 'paused' then 'backfillPaused' else 'backfillUnapproved' end, null, count(*)::int,
  min(b.updated_at)
from backfills b
where b.state in ('paused', 'awaitingApproval') and (:platforms::text[] is null or not exists (
  select from backfill_targets t where t.backfill = b.id and t.platform_id <> all (:platforms::text[])))
group by b.state
order by kind, count desc`;
