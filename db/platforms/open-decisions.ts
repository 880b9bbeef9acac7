import { queryRows, type Database } from '../server/knex.js';

/** What waits for a person to decide or to look, of one kind. */
export interface OpenDecision {
  /** Whoever may see all of them may see it; null, of which nobody knows any: who sees everything. */
  platforms: readonly string[] | null;
  kind: 'held' | 'drift' | 'backfillUnapproved' | 'backfillPaused' | 'backfillFailed';
  /** Held: the failure type. Drift: its kind. Otherwise null. */
  subject: string | null;
  count: number;
  /** Of them, the one that waits longest. */
  since: Date;
}

/** Counts what only people can settle. */
export function listOpenDecisions(db: Database): Promise<OpenDecision[]> {
  return queryRows<OpenDecision>(db, OPEN);
}

const PLACES = `join contexts c on c.id = t.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;

/**
 * Each part is served by a partial index. What goes by itself is left out: students who left, drift that was sent again,
 * and grades that people won. A backfill that failed is told of for a day; there are few backfills.
 */
const OPEN = `
select array[p.platform_id] as platforms, 'held' as kind, t.failure_type as subject, count(*)::int as count,
  min(t.since) as since
from score_troubles t ${PLACES}
where t.state = 'held' and t.failure_type = 'HumanGradeUndecided' group by p.id, t.failure_type
union all
select array[p.platform_id], 'drift', t.kind, count(*)::int, min(t.found_at)
from drifts t ${PLACES}
where t.ended_at is null and t.kind in ('missing', 'changed', 'rescaled') group by p.id, t.kind
union all
select places.platforms, case b.state when 'paused' then 'backfillPaused' when 'failed' then 'backfillFailed'
  else 'backfillUnapproved' end, null, count(*)::int, min(b.updated_at)
from backfills b cross join lateral (
  select array_agg(distinct t.platform_id) as platforms from backfill_targets t where t.backfill = b.id) places
where b.state in ('paused', 'awaitingApproval')
  or (b.state = 'failed' and b.failure_type = 'RefusedByDatabase' and b.finished_at > now() - interval '1 day')
group by places.platforms, b.state
order by kind, count desc`;
