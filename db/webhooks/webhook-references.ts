import type { Knex } from 'knex';
import type { ErasedPeople } from '../privacy/erased-people.js';
import { queryRows } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import type { NamedLineItem } from '../scores/score-reader.js';
import { SOURCE_VISIBLE } from './webhook-sources.js';
import { resolveTargets, type NamedCourse, type ScoreTarget, type TargetProblem } from '../scores/score-targets.js';

/** An outside id that was tied to a student and a column. */
export interface WebhookReference {
  source: string;
  reference: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** Our uuid. */
  context: string;
  lineItem: NamedLineItem;
  userId: string;
  expiresAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

interface Named {
  /** Our uuid of the source. */
  source: string;
  reference: string;
}

/** Whose request ties it. */
export interface TieOrigin {
  apiKey: string;
  requestId: string;
}

export interface WebhookReferences {
  /**
   * Ties a reference to a student and a column, which is stored as wanted if nobody has named it before, or ties it anew;
   * `waiting` events are looked at again at once. One transaction; repeating is safe.
   */
  put(
    tie: Named & { target: NamedCourse & ScoreTarget; userId: string; expiresAt: Date; origin?: TieOrigin | undefined },
  ): Promise<{ isNew: boolean; waiting: number } | { problem: TargetProblem | 'personErased' }>;
  find(named: Named): Promise<WebhookReference | undefined>;
  /** Those of this name, of all sources that reach no further than `platforms` (null: all); each source has one at most. */
  list(named: Omit<Named, 'source'> & { platforms: readonly string[] | null }): Promise<WebhookReference[]>;
  /** Our uuid of the column that it was tied to; undefined: there is none. */
  delete(named: Named): Promise<{ lineItem: string } | undefined>;
}

const PLACES = `
join contexts c on c.id = r.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;

const SELECT = `
select o.name as source, r.reference, p.platform_id as "platformId", d.deployment_id as "deploymentId",
  c.context_id as "contextId", c.id as context, json_build_object('id', l.id, 'lineItemId', l.line_item_id,
    'resourceLinkId', l.resource_link_id, 'resourceId', l.resource_id, 'tag', l.tag, 'label', l.label) as "lineItem",
  r.user_id as "userId", r.expires_at as "expiresAt", r.created_at as "createdAt", r.updated_at as "updatedAt"
from webhook_sources o join webhook_references r on r.source = o.id and r.reference = :reference
join line_items l on l.id = r.line_item ${PLACES}`;

/** Of so many sources: there are few. */
const MOST_LISTED = 100;

export function createWebhookReferences(db: Knex, erased: ErasedPeople): WebhookReferences {
  return {
    put: (tie) => retryDeadlock(() => db.transaction((trx) => tieReference(trx, erased, tie))),
    async find(named) {
      return (await queryRows<WebhookReference>(db, `${SELECT} where o.id = :source`, { ...named }))[0];
    },
    list: ({ reference, platforms }) =>
      queryRows(db, `${SELECT} where ${SOURCE_VISIBLE} order by o.name limit :most`, {
        ...{ reference, platforms: platforms && [...platforms], most: MOST_LISTED },
      }),
    async delete(named) {
      const [deleted] = await queryRows<{ lineItem: string }>(
        db,
        'delete from webhook_references where source = :source and reference = :reference returning line_item as "lineItem"',
        { ...named },
      );
      return deleted;
    },
  };
}

async function tieReference(
  trx: Knex.Transaction,
  erased: ErasedPeople,
  { target, origin, ...tie }: Parameters<WebhookReferences['put']>[0],
): ReturnType<WebhookReferences['put']> {
  const [place] = await resolveTargets(trx, [target]);
  if (!place) throw new Error('A target got no answer.');
  if ('problem' in place) return place;
  const { context, lineItem } = place;
  if ((await erased.find(trx, [{ context, userId: tie.userId }])).size > 0) return { problem: 'personErased' };
  const [row] = await queryRows<{ isNew: boolean }>(
    trx,
    `insert into webhook_references as r (source, reference, context, line_item, user_id, expires_at, tied_by, tied_request)
     values (:source, :reference, :context, :lineItem, :userId, :expiresAt, :apiKey, :requestId)
     on conflict (source, reference) do update set context = excluded.context, line_item = excluded.line_item,
       user_id = excluded.user_id, expires_at = excluded.expires_at, updated_at = now(),
       tied_by = excluded.tied_by, tied_request = excluded.tied_request
     returning xmax = 0 as "isNew"`,
    { ...tie, context, lineItem, apiKey: origin?.apiKey ?? null, requestId: origin?.requestId ?? null },
  );
  if (!row) throw new Error('A reference was not stored.');
  const waiting = await queryRows(
    trx,
    `update webhook_events set look_at = now()
     where source = :source and reference = :reference and state = 'unmatched' returning 1`,
    { source: tie.source, reference: tie.reference },
  );
  return { ...row, waiting: waiting.length };
}
