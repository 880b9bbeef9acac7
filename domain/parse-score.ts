import {
  ACTIVITY_PROGRESS,
  GRADING_PROGRESS,
  PRIORITY,
  type ActivityProgress,
  type GradingProgress,
  type Priority,
  type ScoreValue,
} from './score.js';
import { createFields, type Fields } from './fields.js';
import { ItemFault } from './item-fault.js';
import { parseColumn, type ColumnName } from './parse-column.js';

/** Where a score shall go, in the LTI ids that the tool knows from a launch. */
export interface ScoreTarget {
  platformId: string;
  /** May be left out where the platform has one deployment. */
  deploymentId?: string;
  contextId: string;
  lineItem: ColumnName;
}

/** A score as a caller sent it, found to be usable. */
export interface ParsedScore {
  target: ScoreTarget;
  /** The LTI user id. */
  userId: string;
  value: ScoreValue;
  changedAt: Date;
  priority: Priority;
  /** Rests until the next nightly run, or until somebody asks for a sync. */
  awaitsNightly: boolean;
  /** Send even where the gradebook holds this value. */
  force: boolean;
}

export type ParsedItem = { ok: true; score: ParsedScore } | { ok: false; fault: ItemFault };

export const SCORE_MEMBERS = [
  ...['platformId', 'deploymentId', 'contextId', 'lineItem', 'userId', 'scoreGiven', 'scoreMaximum', 'clear'],
  ...['activityProgress', 'gradingProgress', 'comment', 'submission', 'changedAt', 'submit', 'force'],
];
const SUBMISSION_MEMBERS = ['startedAt', 'submittedAt'];

export const COMMENT_LENGTH = 10_000;
/** Clocks differ; a whole day does not come from that, and would keep out true scores until then. */
const MOST_AHEAD_MS = 86_400_000;

/**
 * Reads one item. Members of another kind are let pass, since AGS lets tools extend its scores; one that is ours but for a
 * slip is refused, or a mistyped `changedAt` would let an older score win. A score above its maximum is one that AGS allows.
 * https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service
 */
export function parseScore(item: unknown, now: Date): ParsedItem {
  try {
    return { ok: true, score: readScore(createFields(item, ''), now) };
  } catch (error) {
    if (error instanceof ItemFault) return { ok: false, fault: error };
    throw error;
  }
}

function readScore(fields: Fields, now: Date): ParsedScore {
  fields.noneMisspelt(SCORE_MEMBERS);
  const deploymentId = fields.optionalId('deploymentId');
  const submit = fields.choice('submit', ['now', 'nightly'], 'now');
  return {
    target: {
      platformId: fields.id('platformId'),
      ...(deploymentId !== undefined && { deploymentId }),
      contextId: fields.id('contextId'),
      lineItem: parseColumn(fields.record('lineItem')),
    },
    userId: fields.id('userId'),
    value: readValue(fields),
    changedAt: readChangedAt(fields, now),
    priority: submit === 'now' ? PRIORITY.interactive : PRIORITY.nightly,
    awaitsNightly: submit === 'nightly',
    force: fields.flag('force'),
  };
}

function readValue(fields: Fields): ScoreValue {
  const comment = fields.optionalText('comment', COMMENT_LENGTH, { mayBeEmpty: true });
  const submission = readSubmission(fields);
  return {
    ...readScoreGiven(fields),
    scoreMaximum: fields.positiveNumber('scoreMaximum'),
    activityProgress: fields.choice<ActivityProgress>('activityProgress', ACTIVITY_PROGRESS, 'Completed'),
    gradingProgress: fields.choice<GradingProgress>('gradingProgress', GRADING_PROGRESS, 'FullyGraded'),
    ...(comment !== undefined && comment !== '' && { comment }),
    ...(submission && { submission }),
  };
}

/** Zero, no score and not started are three things: what is not there is never taken for a wish to clear a grade. */
function readScoreGiven(fields: Fields): Pick<ScoreValue, 'scoreGiven' | 'clears'> {
  const clears = fields.flag('clear');
  const given = fields.optionalNumber('scoreGiven');
  const isProgressOnly =
    fields.choice<GradingProgress>('gradingProgress', GRADING_PROGRESS, 'FullyGraded') !== 'FullyGraded';
  if (given === undefined && !clears && !isProgressOnly) {
    throw new ItemFault(
      'score-given-missing',
      'scoreGiven is missing. To take a grade away, send "clear": true; to tell progress only, a gradingProgress that is ' +
        'not FullyGraded.',
      '/scoreGiven',
    );
  }
  if (given !== undefined && clears) {
    throw new ItemFault('invalid-score', '"clear": true takes the grade away, so it takes no scoreGiven.', '/clear');
  }
  if (given !== undefined && given < 0) {
    throw new ItemFault('invalid-score', 'scoreGiven must not be negative.', '/scoreGiven');
  }
  return { scoreGiven: given ?? null, ...(clears && { clears }) };
}

/** The student's own times, which are not the time when the score changed. https://www.imsglobal.org/spec/lti-ags/v2p0#submission-optional */
function readSubmission(fields: Fields): ScoreValue['submission'] {
  const record = fields.optionalRecord('submission');
  record?.noneMisspelt(SUBMISSION_MEMBERS);
  const startedAt = record?.optionalInstant('startedAt')?.toISOString();
  const submittedAt = record?.optionalInstant('submittedAt')?.toISOString();
  if (startedAt === undefined && submittedAt === undefined) return undefined;
  return { ...(startedAt !== undefined && { startedAt }), ...(submittedAt !== undefined && { submittedAt }) };
}

function readChangedAt(fields: Fields, now: Date): Date {
  const changedAt = fields.optionalInstant('changedAt') ?? now;
  if (changedAt.getTime() > now.getTime() + MOST_AHEAD_MS) {
    throw new ItemFault('invalid-score', 'changedAt lies more than a day in the future.', '/changedAt');
  }
  return changedAt;
}
