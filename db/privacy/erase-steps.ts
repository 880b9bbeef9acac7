/** What an erasure does, a page at a time, each within the caller's transaction. Repeating any of it is safe. */
import type { Knex } from 'knex';
import type { PersonStep } from '../../domain/person-request.js';
import { emptyLines } from '../backfills/empty-lines.js';
import { queryRows } from '../server/knex.js';
import { emptyEvents } from '../webhooks/empty-events.js';
import { eraseScores } from './erase-scores.js';
import { IN_DEPLOYMENT, inScope, type Person } from './person.js';

export interface ErasePage {
  /** Where the next page begins; null: the step is over. */
  next: string | null;
  counts: Record<string, number>;
  /** Scores that have to be waited for. */
  inFlight?: number;
}

export interface PageToErase extends Person {
  request: string;
  after: string;
  limit: number;
  /** Scores of which nobody can find out whether they arrived are given up. */
  givesUp: boolean;
}

export type EraseStep = Exclude<PersonStep, 'settle' | 'collect'>;

/** In this order: what is found by a score, or a reference, comes before it. */
export const ERASE_STEPS: Readonly<
  Record<EraseStep, (trx: Knex.Transaction, page: PageToErase) => Promise<ErasePage>>
> = {
  events: erasePageOfEvents,
  references: eraseAll('webhook_references'),
  memberships: async (trx, page) => {
    const parts = ['membership_drafts', 'memberships', 'membership_changes'] as const;
    const counts: Record<string, number> = {};
    for (const table of parts) Object.assign(counts, (await eraseAll(table)(trx, page)).counts);
    return { next: null, counts };
  },
  backfills: erasePageOfBackfills,
  filters: eraseFilters,
  scores: eraseScores,
};

/** One person has few of these: all at once. */
function eraseAll(table: string) {
  return async (trx: Knex.Transaction, { platform, deployment, userId }: PageToErase): Promise<ErasePage> => {
    const sql = `delete from ${table} r where r.user_id = :userId and ${inScope('r.context')} returning 1`;
    const rows = await queryRows(trx, sql, { platform, deployment, userId });
    return { next: null, counts: { [table]: rows.length } };
  };
}

/** Where an event names no platform, whatever its source may write to is meant. */
const EVENTS = `
with page as (
  select e.id, e.seq, e.source, e.facts, e.reference, e.platform_id, e.deployment_id, e.reason from webhook_events e
  where e.seq > :after::bigint and (e.platform_id = :platformId or e.platform_id is null)
  order by e.seq limit :limit
), theirs as (
  select p.id from page p join webhook_sources o on o.id = p.source
  where p.reason is distinct from 'personErased'
    and (p.platform_id is not null or o.platforms is null or :platformId = any (platforms_of_reach(o.platforms)))
    and (:deployment::uuid is null or p.deployment_id is null
      or p.deployment_id = (select deployment_id from deployments where id = :deployment::uuid))
    and (p.facts ->> 'userId' = :userId or exists (select from webhook_references r
      where r.source = p.source and r.reference = p.reference and r.user_id = :userId and ${inScope('r.context')}))
)
select (select count(*) from page)::int as seen, (select max(seq) from page)::text as last,
  coalesce((select array_agg(id) from theirs), '{}') as ids`;

async function erasePageOfEvents(trx: Knex.Transaction, page: PageToErase): Promise<ErasePage> {
  const { platform, deployment, platformId, userId, after, limit } = page;
  const [found] = await queryRows<{ seen: number; last: string | null; ids: string[] }>(trx, EVENTS, {
    ...{ platform, deployment, platformId, userId, after, limit },
  });
  const { seen, last, ids } = found ?? { seen: 0, last: null, ids: [] };
  await emptyEvents(trx, ids);
  return { next: seen < limit ? null : last, counts: { webhook_events: ids.length } };
}

/** So many backfills are looked through at once, each of which may have a million lines. */
const BACKFILLS_AT_ONCE = 10;

const LINES = `
select i.backfill, array_agg(i.line) as lines
from backfill_items i join backfill_targets t on t.backfill = i.backfill and t.target = i.target
left join deployments d on d.platform = :platform::uuid and d.deployment_id = t.deployment_id
where i.backfill = any (:backfills::uuid[]) and i.user_id = :userId and t.platform_id = :platformId
  and ${IN_DEPLOYMENT('coalesce(t.deployment, d.id)')}
group by i.backfill`;

async function erasePageOfBackfills(trx: Knex.Transaction, page: PageToErase): Promise<ErasePage> {
  const { platform, deployment, platformId, userId, after } = page;
  // A release locks the backfill before its lines, too.
  const backfills = await queryRows<{ seq: string; id: string }>(
    trx,
    `select seq, id from backfills b where seq > :after::bigint
       and exists (select from backfill_targets t where t.platform_id = :platformId and t.backfill = b.id)
     order by seq limit ${BACKFILLS_AT_ONCE} for no key update`,
    { platformId, after },
  );
  const found = await queryRows<{ backfill: string; lines: number[] }>(trx, LINES, {
    ...{ platform, deployment, platformId, userId },
    backfills: backfills.map(({ id }) => id),
  });
  let emptied = 0;
  for (const { backfill, lines } of found) {
    await emptyLines(trx, backfill, lines);
    emptied += lines.length;
  }
  const last = backfills.at(-1);
  return {
    next: last === undefined || backfills.length < BACKFILLS_AT_ONCE ? null : last.seq,
    counts: { backfill_items: emptied },
  };
}

/** What an operator looked for by the person's id. Nobody is found by a filter that is carried on after this. */
const FILTERS: readonly [table: string, column: string][] = [
  ['backfills', 'parameters'],
  ['bulk_operations', 'act'],
];

async function eraseFilters(trx: Knex.Transaction, { platformId, userId }: PageToErase): Promise<ErasePage> {
  const counts: Record<string, number> = {};
  for (const [table, column] of FILTERS) {
    const rows = await queryRows(
      trx,
      `update ${table} set ${column} = jsonb_set(${column}, '{filter,userId}', to_jsonb(gen_random_uuid()::text))
       where ${column} #>> '{filter,userId}' = :userId
         and coalesce(${column} #>> '{filter,platformId}', :platformId) = :platformId returning 1`,
      { platformId, userId },
    );
    counts[table] = rows.length;
  }
  return { next: null, counts };
}
