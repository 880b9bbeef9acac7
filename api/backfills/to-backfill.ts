import type { Static } from 'typebox';
import { BACKFILL_FAILURES } from '../../domain/backfill.js';
import { BACKFILL_REASONS } from '../../domain/backfill-reasons.js';
import type { Workflows } from '../temporal/workflow-client.js';
import type {
  BackfillColumnRecord,
  BackfillProblemRecord,
  BackfillRecord,
  ChangeRecord,
} from '../../db/backfills/reader.js';
import type {
  BackfillColumnSchema,
  BackfillProblemSchema,
  BackfillSchema,
  ProgressSchema,
} from '../schemas/backfill.js';
import type { ChangeSchema } from '../schemas/backfill-preview.js';

/** A backfill as the API shows it. */
export function toBackfill(
  record: BackfillRecord,
  workflows: Pick<Workflows, 'linkOfBackfill'>,
  samples: readonly ChangeRecord[] = [],
): Static<typeof BackfillSchema> {
  const { id, source, action, state, author, reason, parameters, undoOf, dryRun, lines, upload, preview } = record;
  return {
    ...{ id, source, action, state, author, reason, parameters, undoOf, dryRun, lines, upload },
    apiKeyId: record.apiKey,
    preview: preview && { ...preview, samples: samples.map(toChange) },
    progress: toProgress(record),
    approval: {
      needed: preview === null ? null : record.toSend > 0 && !dryRun,
      byAnother: record.needsApproval,
      approvedBy: record.approvedBy,
      approvedAt: record.approvedAt,
    },
    paused: record.paused,
    perSecond: record.perSecond,
    failure: toFailure(record),
    behind: state === 'queued' ? record.blockedBy : null,
    createdAt: record.createdAt,
    releasedAt: record.releasedAt,
    endedAt: record.endedAt,
    workflow: workflows.linkOfBackfill(id),
  };
}

function toFailure({ failureType, failureDetail, blockedBy }: BackfillRecord) {
  if (failureType === null) return null;
  const words = Object.entries(BACKFILL_FAILURES).find(([type]) => type === failureType)?.[1];
  return { type: failureType, detail: failureDetail ?? words ?? failureType, backfill: blockedBy };
}

export function toProgress(record: BackfillRecord): Static<typeof ProgressSchema> {
  const { toSend, sent, rejected, overtaken, unsent, state } = record;
  const isMoving = state === 'releasing' || state === 'cancelling';
  const ratePerSecond = isMoving ? Math.round(record.ratePerSecond * 10) / 10 : 0;
  const secondsLeft = ratePerSecond > 0 ? Math.ceil(unsent / ratePerSecond) : null;
  return { toSend, sent, rejected, overtaken, unsent, ratePerSecond, secondsLeft: unsent === 0 ? 0 : secondsLeft };
}

export function toChange(record: ChangeRecord): Static<typeof ChangeSchema> {
  const { line, platformId, contextId, userId, score, kind, outcome, reason, otherLine, seenInGradebook, at } = record;
  const { lineItemId, resourceLinkId, resourceId, tag } = record;
  return {
    ...{ line, platformId, contextId, userId, scoreId: score, kind, outcome, reason, otherLine, seenInGradebook, at },
    lineItem: { id: lineItemId, resourceLinkId, resourceId, tag },
    before: toPoints(record.beforeGiven, record.beforeMaximum),
    after: toPoints(record.afterGiven, record.afterMaximum),
  };
}

function toPoints(scoreGiven: number | null, scoreMaximum: number | null) {
  return scoreGiven === null && scoreMaximum === null ? null : { scoreGiven, scoreMaximum };
}

export function toColumn(record: BackfillColumnRecord): Static<typeof BackfillColumnSchema> {
  const { platformId, contextId, problem, blocked, counts } = record;
  const { lineItemId, resourceLinkId, resourceId, tag, label } = record;
  return {
    ...{ platformId, contextId, problem, blocked, counts: counts ?? {} },
    lineItem: { id: lineItemId, resourceLinkId, resourceId, tag, label },
  };
}

export function toLineProblem({
  line,
  type,
  detail,
  otherLine,
}: BackfillProblemRecord): Static<typeof BackfillProblemSchema> {
  const other = otherLine === null ? '' : ` It is line ${otherLine}.`;
  return { line, type, detail: `${detail ?? BACKFILL_REASONS[type] ?? type}${other}`, otherLine };
}
