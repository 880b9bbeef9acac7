import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { listOriginsOf } from '../scores/revisions-of-key.js';
import { ADD_RESTORED, CLEARED, pickRestored } from './restore-sql.js';

/** Lines of a backfill that nobody uploaded: what a filter finds, or what another backfill changed. */
export interface Collection {
  /** Takes the next page after a place; null when there is nothing more. Safe to repeat. */
  collectPage(backfill: string, after: string): Promise<string | null>;
}

const PAGE = 20_000;

export function createCollection(db: Knex): Collection {
  return {
    async collectPage(backfill, after) {
      return db.transaction(async (trx) => {
        const [row] = await queryRows<{ source: string; action: string }>(
          trx,
          `select source, action from backfills where id = :backfill and state = 'previewing' for share`,
          { backfill },
        );
        if (!row) return null;
        if (row.source === 'undo') return collectUndo(trx, backfill, after);
        if (row.action === 'restore') return collectRestored(trx, backfill, after);
        return collectFiltered(trx, backfill, after);
      });
    },
  };
}

/** Scores `s` of a filter, as far as the key of the backfill `b` sees them. */
const FILTERED = `
from backfills b
join api_keys k on k.id = b.api_key
cross join lateral (select b.parameters -> 'filter') as x(f)
join scores s on s.seq > :after::bigint and s.state not in ('superseded', 'erased')
  and (f ->> 'userId' is null or s.user_id = f ->> 'userId')
  and (f ->> 'state' is null or s.state = f ->> 'state')
  and (f ->> 'failureType' is null or s.failure_type = f ->> 'failureType')
  and (f ->> 'changedAfter' is null or s.changed_at >= (f ->> 'changedAfter')::timestamptz)
  and (f ->> 'changedBefore' is null or s.changed_at < (f ->> 'changedBefore')::timestamptz)
join contexts c on c.id = s.context and (f ->> 'contextId' is null or c.context_id = f ->> 'contextId')
join deployments d on d.id = c.deployment and (f ->> 'deploymentId' is null or d.deployment_id = f ->> 'deploymentId')
join platforms p on p.id = d.platform and (f ->> 'platformId' is null or p.platform_id = f ->> 'platformId')
  and is_reached(k.platforms, p.platform_id, d.deployment_id)
join line_items l on l.id = s.line_item
  and (f ->> 'lineItemId' is null or l.line_item_id = f ->> 'lineItemId')
  and (f ->> 'resourceLinkId' is null or l.resource_link_id = f ->> 'resourceLinkId')`;

/** The page's scores, in a table of this transaction. A limit inside the join would not be one on the scores. */
const PICK_FILTERED = `
create temporary table picked on commit drop as
select s.seq, s.id, s.line_item, s.context, s.user_id, s.value, s.revision, s.changed_at
${FILTERED}
where b.id = :backfill and s.changed_at <= b.created_at
order by s.seq
limit ${PAGE}`;

const ADD_TARGETS = `
insert into backfill_targets (backfill, target, name_hash, platform_id, deployment_id, context_id, line_item_id,
  resource_link_id, resource_id, tag, label, score_maximum, deployment, context, line_item)
select :backfill::uuid, row_number() over (order by l.created_at, l.id)
  + (select coalesce(max(target), 0) from backfill_targets where backfill = :backfill), decode(md5(l.id::text), 'hex'),
  p.platform_id, d.deployment_id, c.context_id, l.line_item_id, l.resource_link_id, l.resource_id, l.tag, l.label,
  l.score_maximum, d.id, c.id, l.id
from line_items l join contexts c on c.id = l.context
join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
where l.id in (select line_item from picked)
  and not exists (select from backfill_targets t where t.backfill = :backfill and t.line_item = l.id)`;

/** Sent again as it is, or computed anew from the grade that is held; what has no grade has nothing to compute. */
const ADD_FILTERED = `
insert into backfill_items (backfill, line, target, user_id, score_given, score_maximum, expected_revision, more)
select b.id, (select coalesce(max(line), 0) from backfill_items where backfill = :backfill)
    + row_number() over (order by k.seq), t.target, k.user_id,
  case when b.action = 'resend' then (k.value ->> 'scoreGiven')::double precision
    else greatest(0, least(
      round(((k.value ->> 'scoreGiven')::numeric * (r ->> 'factor')::numeric + (r ->> 'offset')::numeric), 4),
      case when r ->> 'cap' = 'maximum' then (k.value ->> 'scoreMaximum')::numeric else (r ->> 'cap')::numeric end)) end,
  (k.value ->> 'scoreMaximum')::double precision, k.revision,
  case when b.action = 'resend' then k.value - 'scoreGiven' - 'scoreMaximum' end
from picked k
join backfills b on b.id = :backfill
cross join lateral (select b.parameters -> 'recompute') as x(r)
join backfill_targets t on t.backfill = b.id and t.line_item = k.line_item
where b.action = 'resend' or backfill_is_final(k.value)`;

async function collectFiltered(trx: Knex.Transaction, backfill: string, after: string): Promise<string | null> {
  await queryRows(trx, PICK_FILTERED, { backfill, after });
  return collectPicked(trx, backfill, ADD_FILTERED);
}

async function collectRestored(trx: Knex.Transaction, backfill: string, after: string): Promise<string | null> {
  const [key] = await queryRows<{ apiKeyId: string }>(
    trx,
    `select parameters #>> '{restore,apiKeyId}' as "apiKeyId" from backfills where id = :backfill`,
    { backfill },
  );
  const origins = key ? await listOriginsOf(trx, key.apiKeyId) : [];
  await queryRows(trx, pickRestored(FILTERED, PAGE), { backfill, after, origins });
  return collectPicked(trx, backfill, ADD_RESTORED);
}

async function collectPicked(trx: Knex.Transaction, backfill: string, add: string): Promise<string | null> {
  const [reached] = await queryRows<{ seq: string | null }>(trx, 'select max(seq)::text as seq from picked');
  if (!reached || reached.seq === null) return null;
  await queryRows(trx, ADD_TARGETS, { backfill });
  await queryRows(trx, add, { backfill });
  await noteReached(trx, backfill, reached.seq);
  return reached.seq;
}

/** In the transaction of the page, so that a page is never taken twice. */
async function noteReached(trx: Knex.Transaction, backfill: string, after: string): Promise<void> {
  await queryRows(
    trx,
    `update backfills set preview_step = jsonb_build_object('name', 'collect', 'after', :after::text) where id = :backfill`,
    { backfill, after },
  );
}

const COPY_TARGETS = `
insert into backfill_targets (backfill, target, name_hash, platform_id, deployment_id, context_id, line_item_id,
  resource_link_id, resource_id, tag, label, score_maximum, deployment, context, line_item)
select :backfill::uuid, target, name_hash, platform_id, deployment_id, context_id, line_item_id, resource_link_id,
  resource_id, tag, label, score_maximum, deployment, context, line_item
from backfill_targets
where backfill = (select undo_of from backfills where id = :backfill)
on conflict do nothing`;

/** What was before, whole; a score that was newly given is taken away again. Only where it was sent. */
const COPY_SENT = `
insert into backfill_items (backfill, line, target, user_id, score_given, score_maximum, expected_revision,
  changed_at, more)
select :backfill::uuid, o.line, o.target, o.user_id, (v ->> 'scoreGiven')::double precision,
  (v ->> 'scoreMaximum')::double precision, o.released_revision, o.released_changed_at, v
from backfill_items o
left join scores s on s.id = o.score
cross join lateral (select case when o.was is not null then o.was -> 'value'
  else ${CLEARED} end) as x(v)
where o.backfill = (select undo_of from backfills where id = :backfill) and o.line > :after::integer
  and o.line <= :after::integer + ${PAGE} and o.state = 'sent' and v is not null
  and o.reason is distinct from 'personErased'`;

async function collectUndo(trx: Knex.Transaction, backfill: string, after: string): Promise<string | null> {
  if (after === '0') await queryRows(trx, COPY_TARGETS, { backfill });
  const [last] = await queryRows<{ line: number }>(
    trx,
    `select coalesce(max(line), 0) as line from backfill_items
     where backfill = (select undo_of from backfills where id = :backfill)`,
    { backfill },
  );
  if (!last || Number(after) >= last.line) return null;
  await queryRows(trx, COPY_SENT, { backfill, after });
  const reached = String(Number(after) + PAGE);
  await noteReached(trx, backfill, reached);
  return reached;
}
