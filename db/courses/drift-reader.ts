import type { DriftKind } from '../../domain/drift.js';
import { queryRows, type Database } from '../server/knex.js';

export interface DriftRecord {
  id: string;
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
  /** Newest first, those before the cursor. `lineItemId`: the id in the LMS, or our uuid. */
  list(page: {
    context: string;
    kind?: DriftKind | undefined;
    lineItemId?: string | undefined;
    userId?: string | undefined;
    ended: boolean;
    before: string | null;
    limit: number;
  }): Promise<DriftRecord[]>;
}

export function createDriftReader(db: Database): DriftReader {
  return {
    list: ({ context, kind = null, lineItemId = null, userId = null, ended, before, limit }) =>
      queryRows(
        db,
        `select d.id, d.score, d.line_item as "lineItem", l.line_item_id as "lineItemId", l.label, d.user_id as "userId",
           d.kind, d.revision, d.score_given as "scoreGiven", d.score_maximum as "scoreMaximum",
           d.result_score as "resultScore", d.result_maximum as "resultMaximum", d.found_at as "foundAt",
           d.seen_at as "seenAt", d.resent_at as "resentAt", d.ended_at as "endedAt"
         from drifts d join line_items l on l.id = d.line_item
         where d.context = :context and (d.ended_at is not null) = :ended::boolean
           and (:before::bigint is null or d.id < :before::bigint)
           and (:kind::text is null or d.kind = :kind) and (:userId::text is null or d.user_id = :userId)
           and (:lineItemId::text is null or l.line_item_id = :lineItemId or l.id::text = :lineItemId)
         order by d.id desc limit :limit`,
        { context, kind, lineItemId, userId, ended, before, limit },
      ),
  };
}
