import type { GradePolicy } from '../../domain/grade-policy.js';
import type { ScoreState } from '../../domain/score.js';
import type { NamedLineItem } from '../scores/score-reader.js';
import { queryRows, type Database } from '../server/knex.js';
import { isParked, parkingOf, type Parked } from './parking.js';
import { isReached } from '../access/reach.js';

/** A column with its course, in LTI ids and our uuid. */
export interface LineItemRecord extends NamedLineItem {
  platformId: string;
  deploymentId: string;
  contextId: string;
  context: string;
  scoreMaximum: number | null;
  verifiedAt: Date | null;
  mergedInto: string | null;
  /** Null: as in its course. */
  gradePolicy: GradePolicy | null;
  parked: Parked | null;
}

export interface LineItemFilter {
  /** The platform ids that the caller may see; null: all. */
  platforms: readonly string[] | null;
  platformId?: string | undefined;
  deploymentId?: string | undefined;
  contextId?: string | undefined;
  /** Our uuid of the course. */
  context?: string | undefined;
  parked?: boolean | undefined;
}

/** Scores by state; those that were superseded by a merge of columns are not among them. */
export type ScoreCounts = Partial<Record<ScoreState, number>>;

export interface LineItemReader {
  /** By our ids, those after the cursor. */
  list(page: LineItemFilter & { after: string | null; limit: number }): Promise<LineItemRecord[]>;
  find(visible: { id: string; platforms: readonly string[] | null }): Promise<LineItemRecord | undefined>;
  /** Of a course by our uuid, or of one column of it. Reads each of its scores. */
  countScores(of: { context: string; lineItem?: string }): Promise<ScoreCounts>;
}

export function createLineItemReader(db: Database): LineItemReader {
  return {
    async list({ platforms, platformId, deploymentId, contextId, context, parked, after, limit }) {
      return queryRows(
        db,
        `${SELECT} and (:platformId::text is null or p.platform_id = :platformId)
         and (:deploymentId::text is null or d.deployment_id = :deploymentId)
         and (:contextId::text is null or c.context_id = :contextId)
         and (:context::uuid is null or l.context = :context)
         and (:parked::boolean is null or ${isParked('l')} = :parked::boolean)
         and (:after::uuid is null or l.id > :after::uuid)
         order by l.id limit :limit`,
        {
          ...{ platforms: platforms && [...platforms], platformId: platformId ?? null, context: context ?? null },
          ...{ deploymentId: deploymentId ?? null, contextId: contextId ?? null, parked: parked ?? null, after, limit },
        },
      );
    },
    async find({ id, platforms }) {
      const bindings = { id, platforms: platforms && [...platforms] };
      return (await queryRows<LineItemRecord>(db, `${SELECT} and l.id = :id`, bindings))[0];
    },
    async countScores({ context, lineItem }) {
      const rows = await queryRows<{ state: ScoreState; count: number }>(
        db,
        `select s.state, count(*)::int as count from line_items l join scores s on s.line_item = l.id
         where l.context = :context and (:lineItem::uuid is null or l.id = :lineItem) and s.superseded_by is null
         group by s.state`,
        { context, lineItem: lineItem ?? null },
      );
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
  };
}

const SELECT = `
select l.id, l.line_item_id as "lineItemId", l.resource_link_id as "resourceLinkId", l.resource_id as "resourceId", l.tag,
  l.label, l.score_maximum as "scoreMaximum", l.verified_at as "verifiedAt", l.merged_into as "mergedInto",
  l.grade_policy as "gradePolicy", ${parkingOf('l')} as parked, c.id as context, c.context_id as "contextId",
  d.deployment_id as "deploymentId", p.platform_id as "platformId"
from line_items l
join contexts c on c.id = l.context
join deployments d on d.id = c.deployment
join platforms p on p.id = d.platform
where ${isReached()}`;
