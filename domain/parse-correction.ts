import { createFields, type Fields } from './fields.js';
import { ItemFault } from './item-fault.js';
import { COLUMN_MEMBERS } from './parse-column.js';
import { COMMENT_LENGTH, SCORE_MEMBERS } from './parse-score.js';
import { ACTIVITY_PROGRESS, GRADING_PROGRESS, type ScoreValue } from './score.js';

/** A column as a correction names it; a label and a maximum are needed only where no such column is known. */
export interface CorrectedColumn {
  platformId: string;
  deploymentId?: string;
  contextId: string;
  lineItemId?: string;
  resourceLinkId?: string;
  resourceId?: string;
  tag?: string;
  label?: string;
  scoreMaximum?: number;
}

/** One line of a backfill: what it does not name stays as it is held. */
export interface Correction {
  column: CorrectedColumn;
  userId: string;
  scoreGiven: number | null;
  scoreMaximum: number | null;
  /** When the score changed in the tool; null: when the backfill came in. */
  changedAt: Date | null;
  /** Members of the value that are set besides the figures. */
  more: Partial<ScoreValue> | null;
}

const LABEL_LENGTH = 1_024;
const MOST_AHEAD_MS = 86_400_000;

/** Reads one corrected score. @throws {ItemFault} that points to the member. */
export function parseCorrection(item: unknown, now: Date): Correction {
  const fields = createFields(item, '');
  fields.noneMisspelt(SCORE_MEMBERS);
  const scoreGiven = fields.optionalNumber('scoreGiven');
  const clears = fields.flag('clear');
  if (scoreGiven === undefined && !clears) {
    const detail = 'scoreGiven is missing. To take a grade away, set clear to true.';
    throw new ItemFault('score-given-missing', detail, '/scoreGiven');
  }
  if (scoreGiven !== undefined && (clears || scoreGiven < 0)) {
    const detail = clears
      ? 'clear takes the grade away, so it takes no scoreGiven.'
      : 'scoreGiven must not be negative.';
    throw new ItemFault('invalid-score', detail, clears ? '/clear' : '/scoreGiven');
  }
  const scoreMaximum = fields.optionalNumber('scoreMaximum');
  if (scoreMaximum !== undefined && scoreMaximum <= 0) {
    throw new ItemFault('invalid-score', 'scoreMaximum must be greater than 0.', '/scoreMaximum');
  }
  return {
    column: readColumn(fields),
    userId: fields.id('userId'),
    scoreGiven: scoreGiven ?? null,
    scoreMaximum: scoreMaximum ?? null,
    changedAt: readChangedAt(fields, now),
    more: readMore(fields, clears),
  };
}

function readColumn(fields: Fields): CorrectedColumn {
  const place = {
    platformId: fields.id('platformId'),
    ...given('deploymentId', fields.optionalId('deploymentId')),
    contextId: fields.id('contextId'),
  };
  const column = fields.record('lineItem');
  column.noneMisspelt(COLUMN_MEMBERS);
  const lineItemId = column.optionalId('id');
  if (lineItemId !== undefined) return { ...place, lineItemId };
  const resourceId = column.optionalId('resourceId');
  if (resourceId !== undefined) {
    return {
      ...place,
      resourceId,
      ...given('tag', column.optionalId('tag', { mayBeEmpty: true }) || undefined),
      ...given('label', column.optionalText('label', LABEL_LENGTH)),
      ...given('scoreMaximum', column.optionalNumber('scoreMaximum')),
    };
  }
  const resourceLinkId = column.optionalId('resourceLinkId');
  if (resourceLinkId !== undefined) return { ...place, resourceLinkId };
  const detail = 'The column needs a line item id, a resourceLinkId or a resourceId.';
  throw new ItemFault('invalid-score', detail, '/lineItem');
}

function readMore(fields: Fields, clears: boolean): Partial<ScoreValue> | null {
  const comment = fields.optionalText('comment', COMMENT_LENGTH, { mayBeEmpty: true });
  const activity = fields.optionalText('activityProgress', LABEL_LENGTH);
  const grading = fields.optionalText('gradingProgress', LABEL_LENGTH);
  const more: Partial<ScoreValue> = {
    ...given('comment', comment || undefined),
    ...(activity !== undefined && {
      activityProgress: fields.choice('activityProgress', ACTIVITY_PROGRESS, 'Completed'),
    }),
    ...(grading !== undefined && {
      gradingProgress: fields.choice('gradingProgress', GRADING_PROGRESS, 'FullyGraded'),
    }),
    ...(clears && { clears, scoreGiven: null }),
  };
  return Object.keys(more).length > 0 ? more : null;
}

function readChangedAt(fields: Fields, now: Date): Date | null {
  const changedAt = fields.optionalInstant('changedAt');
  if (changedAt && changedAt.getTime() > now.getTime() + MOST_AHEAD_MS) {
    throw new ItemFault('invalid-score', 'changedAt lies more than a day in the future.', '/changedAt');
  }
  return changedAt ?? null;
}

function given<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  const entry: Partial<Record<K, T>> = {};
  if (value !== undefined) entry[name] = value;
  return entry;
}
