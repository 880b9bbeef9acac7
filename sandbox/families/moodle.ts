import type { Family, LmsReply, ScorePost } from './family.js';
import { ensureCell, recordPost, scaled, setComment, toRows } from './gradebook.js';
import { isGradable } from './roles.js';

/**
 * Moodle as platform (moodle/moodle mod/lti/service/gradebookservices/classes/local/resources/scores.php). One 400
 * covers a bad payload and a person who is not gradable; times are compared in whole seconds and equal ones refused.
 */
export const moodle: Family = {
  name: 'moodle',
  productFamilyCode: 'moodle',
  version: '2024100700',
  pages: {
    memberships: { links: true },
    lineItems: { links: true },
    // The results Link header has typographic quotes, which parsers cannot read: rows past `limit` are out of reach.
    results: { links: false },
  },
  userId: (number) => String(number + 2),
  contextId: (number) => String(number + 1),
  lineItemsUrl: (context) => `${service(context)}/lineitems?type_id=1`,
  lineItemUrl: (context, number) => `${service(context)}/lineitems/${number}/lineitem?type_id=1`,
  membershipsUrl: (context) =>
    `${context.platform.url}/mod/lti/services.php/CourseSection/${context.contextId}/bindings/1/memberships`,
  refuseCourse: (context) =>
    context.concluded ? reason(404, `Not Found: Course ${context.contextId} doesn't exist.`) : undefined,
  refuseRoster: (context) =>
    context.concluded ? reason(404, `Not Found: Course ${context.contextId} doesn't exist.`) : undefined,
  missingLineItem: (lineItemId) =>
    reason(404, `Not Found: Grade item ${/lineitems\/([^/?]*)/.exec(lineItemId)?.[1] ?? ''} doesn't exist.`),
  refuseLineItem: (lineItem) => (lineItem.owned ? undefined : reason(403, 'Line item does not exist.')),
  refuseNewLineItem: () => undefined,
  // A column that came with the activity itself has no service record of the tool and cannot be deleted.
  refuseDelete: (lineItem) =>
    lineItem.resourceLinkId !== undefined && lineItem.resourceId === undefined && lineItem.tag === undefined
      ? reason(403, 'Line item cannot be deleted.')
      : undefined,
  postScore: (post) => refuse(post) ?? apply(post),
  isListed: (member) => member.status !== 'Deleted',
  // Unenrolling takes the grades along into the history (lib/gradelib.php, grade_user_unenrol).
  results: (lineItem, filter) =>
    toRows(lineItem, filter).filter(({ userId }) => lineItem.context.members.get(userId)?.status !== 'Deleted'),
  throttled: () => reason(429, 'Too Many Requests'),
};

function service(context: { platform: { url: string }; contextId: string }): string {
  return `${context.platform.url}/mod/lti/services.php/${context.contextId}`;
}

function reason(status: number, text: string): LmsReply {
  return { status, body: { status, reason: text } };
}

function refuse(post: ScorePost): LmsReply | undefined {
  const member = post.lineItem.context.members.get(post.userId);
  // A suspended enrolment still counts as enrolled here.
  const isEnrolled = member !== undefined && member.status !== 'Deleted' && isGradable(member);
  const lacksMaximum = post.scoreGiven !== undefined && post.scoreMaximum === undefined;
  if (!isEnrolled || lacksMaximum) return reason(400, 'Incorrect score received');
  const stored = post.lineItem.cells.get(post.userId)?.changedAtMs;
  if (stored === undefined || Math.floor(stored / 1000) < Math.floor(post.nowMs / 1000)) return undefined;
  return reason(
    409,
    `Refusing score with an earlier timestamp for item ${post.lineItem.number} and user ${post.userId}`,
  );
}

function apply(post: ScorePost): undefined {
  const cell = ensureCell(post.lineItem, post.userId);
  const keepsTeacher = cell.overridden;
  recordPost(cell, post);
  cell.submissions += 1;
  if (keepsTeacher) {
    cell.changedBy = 'teacher';
    return undefined;
  }
  cell.resultScore = post.gradingProgress === 'FullyGraded' ? scaled(post, 1) : null;
  // Feedback is replaced every time, so a score without a comment takes the former one away.
  setComment(cell, post.comment ?? null);
  return undefined;
}
