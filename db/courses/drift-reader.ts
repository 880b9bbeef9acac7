import type { DriftKind } from '../../domain/drift.js';
import { queryRows, type Database } from '../server/knex.js';
import { isReached } from '../access/reach.js';

export interface DriftRecord {
  id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  /** Our uuid of the course. */
  context: string;
  /** Our uuids of the score and the column. */
  score: string;
  lineItem: string;
  lineItemId: string | null;
  label: string | null;
  userId: string;
  kind: DriftKind;
  /** What was sent, and with which revision. */
  revision: number;
  scoreGiven: number | null;
  scoreMaximum: number;
  /** What the gradebook shows. */
  resultScore: number | null;
  resultMaximum: number | null;
  foundAt: Date;
  seenAt: Date;
  resentAt: Date | null;
  endedAt: Date | null;
}

export interface DriftReader {
  /** Newest first, those before the cursor. */
  list(page: {
    /** The platform ids that the caller may see; null: all. */
    platforms: readonly string[] | null;
    /** Our uuid of the one course; without, of all. */
    context?: string | undefined;
    platformId?: string | undefined;
    deploymentId?: string | undefined;
    kind?: DriftKind | undefined;
    lineItem?: string | undefined;
    lineItemId?: string | undefined;
    userId?: string | undefined;
    ended: boolean;
    before: string | null;
    limit: number;
  }): Promise<DriftRecord[]>;
}

export function createDriftReader(db: Database): DriftReader {
  return {
    list: ({
      platforms,
      context = null,
      platformId = null,
      deploymentId = null,
      kind = null,
      lineItem = null,
      lineItemId = null,
      userId = null,
      ended,
      before,
      limit,
    }) =>
      queryRows(
        db,
        `select d.id, p.platform_id as "platformId", y.deployment_id as "deploymentId", c.context_id as "contextId",
           d.context, d.score, d.line_item as "lineItem", l.line_item_id as "lineItemId", l.label, d.user_id as "userId",
           d.kind, d.revision, d.score_given as "scoreGiven", d.score_maximum as "scoreMaximum",
           d.result_score as "resultScore", d.result_maximum as "resultMaximum", d.found_at as "foundAt",
           d.seen_at as "seenAt", d.resent_at as "resentAt", d.ended_at as "endedAt"
         from drifts d join line_items l on l.id = d.line_item
         join contexts c on c.id = d.context join deployments y on y.id = c.deployment join platforms p on p.id = y.platform
         where (:context::uuid is null or d.context = :context) and (d.ended_at is not null) = :ended::boolean
           and ${isReached('p.platform_id', 'y.deployment_id')}
           and (:platformId::text is null or p.platform_id = :platformId)
           and (:deploymentId::text is null or y.deployment_id = :deploymentId)
           and (:before::bigint is null or d.id < :before::bigint)
           and (:kind::text is null or d.kind = :kind) and (:userId::text is null or d.user_id = :userId)
           and (:lineItem::uuid is null or l.id = :lineItem::uuid) and (:lineItemId::text is null or l.line_item_id = :lineItemId)
         order by d.id desc limit :limit`,
        {
          ...{ platforms: platforms && [...platforms], context, platformId, deploymentId },
          ...{ kind, lineItem, lineItemId, userId, ended, before, limit },
        },
      ),
  };
}
