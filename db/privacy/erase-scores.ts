import type { Knex } from 'knex';
import { changeScores } from '../scores/transitions.js';
import { queryRows } from '../server/knex.js';
import { emptyEvents } from '../webhooks/empty-events.js';
import type { ErasePage, PageToErase } from './erase-steps.js';
import { inScope } from './person.js';

const THEIRS = `s.user_id = :userId and ${inScope('s.context')}`;

/**
 * Scores at rest are emptied, and the columns kept that an LMS holds a grade in. What is on its way stays until its call, or
 * its read-back, is recorded under the lane. `givesUp`: what is still unknown then, and whose calls are all over, goes too.
 */
const ERASE = `
with picked as (
  select s.id, s.line_item, s.submitted_revision is not null as is_certain,
    case when s.state = 'unknown' then 'abandoned' else 'erased' end as event
  from scores s
  where ${THEIRS} and s.state <> 'sending' and (s.state <> 'unknown' or (:givesUp and s.not_before <= now()))
  order by s.id limit :limit for update of s
), changed as (
  ${changeScores(['erased', 'abandoned'], 'picked')}
  returning s.id, t.line_item, t.is_certain, t.event
), kept as (
  insert into person_request_columns as k (request, line_item, is_certain)
  select :request::uuid, line_item, bool_or(is_certain) from changed where is_certain or event = 'abandoned'
  group by line_item order by line_item
  on conflict (request, line_item) do update set is_certain = k.is_certain or excluded.is_certain
)
select coalesce(array_agg(id), '{}') as ids from changed`;

const IN_FLIGHT = `select count(*)::int as count from scores s where ${THEIRS} and s.state in ('sending', 'unknown')`;

export async function eraseScores(trx: Knex.Transaction, page: PageToErase): Promise<ErasePage> {
  const { platform, deployment, userId, request, limit, givesUp } = page;
  const of = { platform, deployment, userId };
  const [erased] = await queryRows<{ ids: string[] }>(trx, ERASE, { ...of, request, limit, givesUp });
  const ids = erased?.ids ?? [];
  const counts: Record<string, number> = { scores: ids.length };
  if (ids.length > 0) {
    await trx.raw('select erase_evidence(?::uuid[])', [ids]);
    const drifts = await queryRows(trx, 'delete from drifts where score = any (?::uuid[]) returning 1', [ids]);
    const events = await queryRows<{ id: string }>(
      trx,
      `select id from webhook_events where score = any (?::uuid[]) and reason is distinct from 'personErased'`,
      [ids],
    );
    await emptyEvents(
      trx,
      events.map(({ id }) => id),
    );
    Object.assign(counts, { drifts: drifts.length, webhook_events: events.length });
  }
  if (ids.length === limit) return { next: '0', counts };
  const [waiting] = await queryRows<{ count: number }>(trx, IN_FLIGHT, of);
  return { next: null, counts, inFlight: waiting?.count ?? 0 };
}

/** Gates and courses of what is waited for, so that their senders settle it. */
export function listInFlight(
  trx: Knex.Transaction,
  { platform, deployment, userId }: Pick<PageToErase, 'platform' | 'deployment' | 'userId'>,
): Promise<{ context: string; deployment: string; gate: string }[]> {
  return queryRows(
    trx,
    `select distinct on (n.gate) c.id as context, n.id as deployment, n.gate
     from scores s join contexts c on c.id = s.context join deployments n on n.id = c.deployment
     where ${THEIRS} and s.state in ('sending', 'unknown') order by n.gate, c.id`,
    { platform, deployment, userId },
  );
}
