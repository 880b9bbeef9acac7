import type { LmsFamily } from '../domain/platform.js';
import type { ScoreValue } from '../domain/score.js';

/** A score for one person, as the gradebook is to hold it. */
export interface ScoreToSend extends ScoreValue {
  readonly userId: string;
}

export interface ScoreStyle {
  readonly family?: LmsFamily | undefined;
  /** The student did not hand in anything new: must not cost an attempt. */
  readonly reGrade?: boolean | undefined;
}

/** A column to be made. `scoreMaximum` is above 0. https://www.imsglobal.org/spec/lti-ags/v2p0, 3.2 */
export interface NewLineItem {
  readonly label: string;
  readonly scoreMaximum: number;
  readonly resourceLinkId?: string;
  readonly resourceId?: string;
  readonly tag?: string;
  readonly startDateTime?: string;
  readonly endDateTime?: string;
  readonly gradesReleased?: boolean;
}

/** Makes Canvas count a submission as new, which is its default and uses up an attempt, or not. */
const CANVAS_SUBMISSION = 'https://canvas.instructure.com/lti/submission';

/**
 * The body of a score call, exactly as the specification has it: no nulls, and a maximum only with a score.
 * There is no timestamp: LTIAAS stamps its own. https://www.imsglobal.org/spec/lti-ags/v2p0#score-publish-service
 */
export function toScorePayload(score: ScoreToSend, { family, reGrade }: ScoreStyle): Record<string, unknown> {
  const { userId, activityProgress, gradingProgress, scoreGiven, scoreMaximum, submission } = score;
  const comment = toComment(score.comment, family);
  const payload: Record<string, unknown> = { userId, activityProgress, gradingProgress };
  if (scoreGiven !== null) {
    payload['scoreGiven'] = scoreGiven;
    payload['scoreMaximum'] = scoreMaximum;
  }
  if (comment !== undefined) payload['comment'] = comment;
  if (submission && Object.keys(submission).length > 0) payload['submission'] = submission;
  if (family === 'canvas' && reGrade) payload[CANVAS_SUBMISSION] = { new_submission: false };
  return payload;
}

/**
 * The body of a call that makes a column. Open edX takes whole maxima only (a fraction is a 400): rounded up, which
 * changes no grade since every score carries its own maximum.
 */
export function toLineItemPayload(lineItem: NewLineItem, family?: LmsFamily): Record<string, unknown> {
  const { label, scoreMaximum, resourceLinkId, resourceId, tag, startDateTime, endDateTime, gradesReleased } = lineItem;
  return {
    label,
    scoreMaximum: family === 'openedx' ? Math.ceil(scoreMaximum) : scoreMaximum,
    ...(resourceLinkId !== undefined && { resourceLinkId }),
    ...(resourceId !== undefined && { resourceId }),
    ...(tag !== undefined && { tag }),
    ...(startDateTime !== undefined && { startDateTime }),
    ...(endDateTime !== undefined && { endDateTime }),
    ...(gradesReleased !== undefined && { gradesReleased }),
  };
}

/** Blackboard shows line breaks only as markup; Open edX keeps the former comment unless an empty one comes. */
function toComment(comment: string | undefined, family: LmsFamily | undefined): string | undefined {
  if (family === 'blackboard') return comment?.replaceAll(/\r?\n/g, '<br/>');
  return family === 'openedx' ? (comment ?? '') : comment;
}
