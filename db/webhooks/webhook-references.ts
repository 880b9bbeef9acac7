import type { Knex } from 'knex';
import { queryRows } from '../server/knex.js';
import { retryDeadlock } from '../server/retry-deadlock.js';
import type { NamedLineItem } from '../scores/score-reader.js';
import { resolveTargets, type NamedCourse, type ScoreTarget, type TargetProblem } from '../scores/score-targets.js';
import { isReached } from '../access/reach.js';

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
  /** What the caller may see. */
  platforms: readonly string[] | null;
}

export interface WebhookReferences {
  /**
   * Ties a reference to a student and a column, which is stored as wanted if nobody has named it before, or ties it anew;
   * `waiting` events are looked at again at once. `referenceInUse`: it is tied to a platform that the caller may not see.
   * One transaction; repeating is safe.
   */
  put(
    tie: Named & { target: NamedCourse & ScoreTarget; userId: string; expiresAt: Date },
  ): Promise<{ isNew: boolean; waiting: number } | { problem: TargetProblem | 'referenceInUse' }>;
  find(named: Named): Promise<WebhookReference | undefined>;
  /** Those of all sources that have this name; each source has one at most. */
  list(named: Omit<Named, 'source'>): Promise<WebhookReference[]>;
  delete(named: Named): Promise<boolean>;
}

const PLACES = `
join contexts c on c.id = r.context join deployments d on d.id = c.deployment join platforms p on p.id = d.platform`;
const VISIBLE = isReached();

const SELECT = `
select o.name as source, r.reference, p.platform_id as "platformId", d.deployment_id as "deploymentId",
  c.context_id as "contextId", c.id as context, json_build_object('id', l.id, 'lineItemId', l.line_item_id,
    'resourceLinkId', l.resource_link_id, 'resourceId', l.resource_id, 'tag', l.tag, 'label', l.label) as "lineItem",
  r.user_id as "userId", r.expires_at as "expiresAt", r.created_at as "createdAt", r.updated_at as "updatedAt"
from webhook_sources o join webhook_references r on r.source = o.id and r.reference = :reference
join line_items l on l.id = r.line_item ${PLACES}
where ${VISIBLE}`;

/** Of so many sources: there are few. */
const MOST_LISTED = 100;

export function createWebhookReferences(db: Knex): WebhookReferences {
  return {
    put: (tie) => retryDeadlock(() => db.transaction((trx) => tieReference(trx, tie))),
    async find({ platforms, ...named }) {
      const bindings = { ...named, platforms: platforms && [...platforms] };
      return (await queryRows<WebhookReference>(db, `${SELECT} and o.id = :source`, bindings))[0];
    },
    list: ({ reference, platforms }) =>
      queryRows(db, `${SELECT} order by o.name limit :most`, {
        ...{ reference, platforms: platforms && [...platforms], most: MOST_LISTED },
      }),
    async delete({ platforms, ...named }) {
      const deleted = await queryRows(
        db,
        `delete from webhook_references r using contexts c, deployments d, platforms p
         where r.source = :source and r.reference = :reference and c.id = r.context and d.id = c.deployment
           and p.id = d.platform and ${VISIBLE} returning r.reference`,
        { ...named, platforms: platforms && [...platforms] },
      );
      return deleted.length > 0;
    },
  };
}

async function tieReference(
  trx: Knex.Transaction,
  { platforms, target, ...tie }: Parameters<WebhookReferences['put']>[0],
): ReturnType<WebhookReferences['put']> {
  const [place] = await resolveTargets(trx, [target]);
  if (!place) throw new Error('A target got no answer.');
  if ('problem' in place) return place;
  const { context, lineItem } = place;
  const [row] = await queryRows<{ isNew: boolean }>(
    trx,
    `insert into webhook_references as r (source, reference, context, line_item, user_id, expires_at)
     values (:source, :reference, :context, :lineItem, :userId, :expiresAt)
     on conflict (source, reference) do update set context = excluded.context, line_item = excluded.line_item,
       user_id = excluded.user_id, expires_at = excluded.expires_at, updated_at = now()
     where :platforms::text[] is null or exists (
       select from contexts c join deployments d on d.id = c.deployment join platforms p on p.id = d.platform
       where c.id = r.context and ${VISIBLE})
     returning xmax = 0 as "isNew"`,
    { ...tie, context, lineItem, platforms: platforms && [...platforms] },
  );
  if (!row) return { problem: 'referenceInUse' };
  const waiting = await queryRows(
    trx,
    `update webhook_events set look_at = now()
     where source = :source and reference = :reference and state = 'unmatched' returning 1`,
    { source: tie.source, reference: tie.reference },
  );
  return { ...row, waiting: waiting.length };
}
