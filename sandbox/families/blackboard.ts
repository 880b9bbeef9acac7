import type { Family, LmsReply, ScorePost } from './family.js';
import { ensureCell, recordPost, scaled, setComment, toRows } from './gradebook.js';
import { uuidFrom } from './ids.js';
import { isGradable } from './roles.js';

/**
 * Blackboard Learn, as hypothesis/lms lms/services/lti_grading/_v13.py and its issue 5685 describe it. One registration
 * serves many institutions, told apart by deploymentId.
 */
export const blackboard: Family = {
  name: 'blackboard',
  productFamilyCode: 'BlackboardLearn',
  version: '3900.100.0',
  pages: {
    memberships: { byDefault: 1000, most: 1000, links: true },
    lineItems: { byDefault: 1000, most: 1000, links: true },
    results: { byDefault: 1000, most: 1000, links: true },
  },
  userId: (number) => uuidFrom(`blackboard user ${number}`),
  contextId: (number) => uuidFrom(`blackboard course ${number}`),
  lineItemsUrl: (context) => `${course(context)}/lineItems`,
  lineItemUrl: (context, number) => `${course(context)}/lineItems/_${number}_1`,
  membershipsUrl: (context) => `${course(context)}/users`,
  refuseCourse: (context) => (context.concluded ? reply(404, 'The specified course was not found.') : undefined),
  refuseRoster: (context) => (context.concluded ? reply(404, 'The specified course was not found.') : undefined),
  missingLineItem: () => reply(404, 'The specified line item was not found.'),
  refuseLineItem: (lineItem) => (lineItem.owned ? undefined : reply(403, 'The tool does not own this line item.')),
  refuseNewLineItem: () => undefined,
  refuseDelete: () => undefined,
  postScore: (post) => refuse(post) ?? apply(post),
  isListed: (member) => member.status !== 'Deleted',
  // Asked for one user, Blackboard leaves the comment out.
  results: (lineItem, filter) =>
    toRows(lineItem, filter).map((row) => {
      const { comment, ...rest } = row;
      return filter.userId === undefined && comment !== undefined ? row : rest;
    }),
  throttled: () => reply(429, 'Rate limit exceeded'),
};

function course(context: { platform: { url: string }; contextId: string }): string {
  return `${context.platform.url}/learn/api/v1/lti/courses/${context.contextId}`;
}

function reply(status: number, message: string): LmsReply {
  return { status, body: { status, message } };
}

function refuse(post: ScorePost): LmsReply | undefined {
  const member = post.lineItem.context.members.get(post.userId);
  if (member === undefined || member.status === 'Deleted' || !isGradable(member)) {
    return reply(400, `User could not be found: ${post.userId}`);
  }
  return undefined;
}

function apply(post: ScorePost): undefined {
  const cell = ensureCell(post.lineItem, post.userId);
  recordPost(cell, post);
  cell.submissions += 1;
  cell.resultScore = post.gradingProgress === 'FullyGraded' ? scaled(post) : null;
  // A score without a comment clears even what a teacher wrote.
  setComment(cell, post.comment ?? null);
  return undefined;
}
