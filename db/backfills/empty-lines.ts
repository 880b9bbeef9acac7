import type { Knex } from 'knex';
import type { CoursePerson, ErasedPeople } from '../privacy/erased-people.js';
import { queryRows, type Database } from '../server/knex.js';

/**
 * Takes out of lines whose student was erased what they say, and whose they are. What is not sent by then never will be;
 * what was, stays counted. Repeating it changes nothing.
 */
export async function emptyLines(trx: Database, backfill: string, lines: readonly number[]): Promise<void> {
  if (lines.length === 0) return;
  await queryRows(trx, EMPTY, { backfill, lines: [...lines] });
}

const IS_OPEN = `state in ('pending', 'released')`;

const EMPTY = `
with before as (
  select line, ${IS_OPEN} as is_open from backfill_items
  where backfill = :backfill and line = any (:lines::integer[]) order by line for update
), emptied as (
  update backfill_items i set user_id = gen_random_uuid()::text, score_given = null, score_maximum = null,
    before_given = null, before_maximum = null, seen_given = null, delta = null, more = null, was = null,
    reason = 'personErased', kind = case when b.is_open or i.state = 'staged' then 'refused' else i.kind end,
    state = case when b.is_open then 'unsent' when i.state = 'staged' then 'skipped' else i.state end,
    settled_at = case when b.is_open then now() else i.settled_at end
  from before b where i.backfill = :backfill and i.line = b.line
)
update backfills set rejected = rejected + open.n, unsent = unsent - open.n, updated_at = now()
from (select count(*) filter (where is_open)::int as n from before) as open
where id = :backfill and open.n > 0 and state not in ('receiving', 'queued', 'previewing')`;

/** Lines of a page that are not judged yet, and whose student was erased, say nothing any more. */
export async function emptyErasedLines(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  { backfill, ...page }: { backfill: string; after: number; upTo: number },
): Promise<void> {
  const doubtful = await queryRows<CoursePerson & { line: number }>(trx, DOUBTFUL, { backfill, ...page });
  const gone = await erased.find(trx, doubtful);
  await emptyLines(
    trx,
    backfill,
    doubtful.filter((_, place) => gone.has(place)).map(({ line }) => line),
  );
}

const DOUBTFUL = `
select i.line, i.user_id as "userId", t.context
from backfill_items i join backfill_targets t on t.backfill = i.backfill and t.target = i.target
join deployments d on d.id = t.deployment
where exists (select from person_tombstones) and i.backfill = :backfill and i.line > :after and i.line <= :upTo
  and i.state = 'staged' and t.context is not null
  and exists (select from person_tombstones p where p.platform = d.platform)`;
