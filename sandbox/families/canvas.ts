import type { LineItem } from '../state/model.js';
import type { Family, LmsReply, ScorePost } from './family.js';
import { ensureCell, recordPost, scaled, toRows } from './gradebook.js';
import { digestFrom, uuidFrom } from './ids.js';
import { hasRole, isGradable, role } from './roles.js';

/**
 * Canvas, as instructure/canvas-lms app/controllers/lti/ims/scores_controller.rb reads and as ubc/webwork2
 * lib/LTI1p3/Service/AGSResponse.pm has seen it answer. Bodies are matched by callers, so they are kept to the letter.
 */
export const canvas: Family = {
  name: 'canvas',
  productFamilyCode: 'canvas',
  version: 'cloud',
  pages: {
    // Rosters: 50 at most, whatever `limit` says (providers/memberships_provider.rb).
    memberships: { byDefault: 50, most: 50, links: true },
    lineItems: { byDefault: 10, most: 100, links: true },
    results: { byDefault: 10, most: 100, links: true },
  },
  userId: (number) => uuidFrom(`canvas user ${number}`),
  contextId: (number) => digestFrom(`canvas course ${number}`),
  lineItemsUrl: (context) => `${context.platform.url}/api/lti/courses/${context.number}/line_items`,
  lineItemUrl: (context, number) => `${context.platform.url}/api/lti/courses/${context.number}/line_items/${number}`,
  membershipsUrl: (context) => `${context.platform.url}/api/lti/courses/${context.number}/names_and_roles`,
  refuseCourse(context) {
    if (!context.concluded) return undefined;
    if (context.platform.settings.concludedStatus === 404) return notFound();
    return failure(422, 'This course has concluded. AGS requests will no longer be accepted for this course.');
  },
  refuseRoster: (context) => (context.concluded ? notFound() : undefined),
  // A deleted assignment shows up as a 404 without any body.
  missingLineItem: () => ({ status: 404, body: '' }),
  refuseLineItem: (lineItem) =>
    lineItem.owned ? undefined : failure(412, 'Tool does not have permission to view line_item'),
  refuseNewLineItem: (context, fields) =>
    fields.resourceLinkId === undefined || context.resourceLinks.has(fields.resourceLinkId) ? undefined : notFound(),
  refuseDelete: () => undefined,
  postScore: (post) => refuse(post) ?? apply(post),
  // The Names and Roles list has active enrolments only.
  isListed: (member) => member.status === 'Active',
  results: (lineItem, filter) => toRows(lineItem, filter),
  throttled: () => ({ status: 403, body: '403 Forbidden (Rate Limit Exceeded)\n' }),
};

function failure(status: number, message: string): LmsReply {
  const type = status === 412 ? 'precondition_failed' : status === 400 ? 'bad_request' : 'unprocessable_entity';
  return { status, body: { errors: { type, message } } };
}

function notFound(): LmsReply {
  return { status: 404, body: { errors: [{ message: 'The specified resource does not exist.' }] } };
}

/** The `https://canvas.instructure.com/lti/submission` extension; a post without one counts as a new submission. */
function readExtension(post: ScorePost): {
  isNewSubmission: boolean;
  preservesScore: boolean;
  yieldsToPeople: boolean;
} {
  const value = post.body['https://canvas.instructure.com/lti/submission'];
  const extension: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  return {
    isNewSubmission: extension['new_submission'] !== false && extension['submission_type'] !== 'none',
    preservesScore: extension['preserve_score'] === true,
    yieldsToPeople: extension['prioritize_non_tool_grade'] === true,
  };
}

function isStudent(lineItem: LineItem, userId: string): boolean {
  const { context } = lineItem;
  const member = context.members.get(userId);
  // In an unpublished course nobody counts as a student yet (PrairieLearn issue 11292).
  if (member === undefined || !context.published || member.status !== 'Active') return false;
  return isGradable(member) && !hasRole(member, role.testUser);
}

function ignoresScore(post: ScorePost): boolean {
  const isGraded = post.gradingProgress === 'FullyGraded' || post.gradingProgress === 'PendingManual';
  return !isGraded || post.scoreGiven === undefined;
}

function refuse(post: ScorePost): LmsReply | undefined {
  const { lineItem } = post;
  const cell = lineItem.cells.get(post.userId);
  if (!isStudent(lineItem, post.userId)) return failure(422, 'User not found in course or is not a student');
  // Later only: a time equal to the stored one is taken.
  if (cell !== undefined && cell.changedAtMs > post.nowMs) {
    return failure(
      400,
      `Provided timestamp of ${iso(post.nowMs)} before last updated timestamp of ${iso(cell.changedAtMs)}`,
    );
  }
  if (!ignoresScore(post) && post.scoreMaximum === undefined) {
    return failure(422, 'ScoreMaximum not supplied when ScoreGiven present.');
  }
  if (submittedTooLate(post)) return failure(400, 'Provided submitted_at timestamp in the future');
  if (readExtension(post).isNewSubmission && (cell?.submissions ?? 0) >= (lineItem.allowedAttempts ?? Infinity)) {
    return failure(422, 'The maximum number of allowed attempts has been reached for this submission');
  }
  if (lineItem.published) return undefined;
  const message = 'cannot be changed at this time: This assignment is still unpublished';
  return { status: 422, body: { errors: [{ field: 'grade', message, error_code: null }] } };
}

/** More than a minute ahead of Canvas's clock; `submission.submittedAt` is read before the extension's own. */
function submittedTooLate(post: ScorePost): boolean {
  const submission = post.body['submission'];
  if (typeof submission !== 'object' || submission === null || !('submittedAt' in submission)) return false;
  return typeof submission.submittedAt === 'string' && Date.parse(submission.submittedAt) > post.nowMs + 60_000;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function apply(post: ScorePost): undefined {
  const cell = ensureCell(post.lineItem, post.userId);
  const extension = readExtension(post);
  const keepsTeacher = extension.yieldsToPeople && cell.changedBy === 'teacher' && cell.resultScore !== null;
  const changedBy = keepsTeacher ? 'teacher' : 'tool';
  recordPost(cell, post);
  cell.changedBy = changedBy;
  if (extension.isNewSubmission) cell.submissions += 1;
  if (!keepsTeacher) {
    if (!ignoresScore(post)) cell.resultScore = scaled(post);
    else if (!extension.preservesScore) cell.resultScore = null;
  }
  // Appended at every post: a repeated call shows the student the comment twice.
  if (post.comment !== undefined && post.comment !== '') {
    cell.comment = post.comment;
    cell.comments.push(post.comment);
  }
  return undefined;
}
