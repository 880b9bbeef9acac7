import type { Family, LmsReply, ScorePost } from './family.js';
import { ensureCell, recordPost, scaled, setComment, toRows } from './gradebook.js';
import { uuidFrom } from './ids.js';
import { isGradable } from './roles.js';

/**
 * D2L Brightspace. Refusals as hypothesis/lms lms/services/lti_grading/_v13.py matches them; the cap at the column's
 * maximum and roles that are not gradable as D2L's community pages describe them (23752).
 */
export const d2l: Family = {
  name: 'd2l',
  productFamilyCode: 'desire2learn',
  version: '10.8.0',
  pages: {
    memberships: { byDefault: 100, most: 100, links: true },
    lineItems: { byDefault: 100, most: 100, links: true },
    results: { byDefault: 100, most: 100, links: true },
  },
  userId: (number) => uuidFrom(`d2l user ${number}`),
  contextId: (number) => String(6600 + number),
  lineItemsUrl: (context) => `${orgUnit(context)}/lineitems`,
  lineItemUrl: (context, number) => `${orgUnit(context)}/lineitems/${uuidFrom(`d2l column ${number}`)}`,
  membershipsUrl: (context) =>
    `${context.platform.url}/d2l/api/lti/nrps/2.0/deployment/${context.platform.deploymentId}/orgunit/${context.contextId}/memberships`,
  refuseCourse: (context) => (context.concluded ? reply(404, 'Org unit does not exist') : undefined),
  refuseRoster: (context) => (context.concluded ? reply(404, 'Org unit does not exist') : undefined),
  missingLineItem: () => reply(404, 'Line item does not exist'),
  refuseLineItem: (lineItem) => (lineItem.owned ? undefined : reply(403, 'Line item is not managed by this tool')),
  refuseNewLineItem: () => undefined,
  refuseDelete: () => undefined,
  postScore: (post) => refuse(post) ?? apply(post),
  isListed: (member) => member.status !== 'Deleted',
  results: (lineItem, filter) => toRows(lineItem, filter),
  throttled: () => reply(429, 'Too Many Requests'),
};

function orgUnit(context: { platform: { url: string; deploymentId: string }; contextId: string }): string {
  const { url, deploymentId } = context.platform;
  return `${url}/d2l/api/lti/ags/2.0/deployment/${deploymentId}/orgunit/${context.contextId}`;
}

function reply(status: number, detail: string): LmsReply {
  return { status, body: { type: 'about:blank', title: detail, status, detail } };
}

function refuse(post: ScorePost): LmsReply | undefined {
  const member = post.lineItem.context.members.get(post.userId);
  if (member === undefined) return reply(404, 'User in requested score does not exist');
  if (member.status !== 'Active') return reply(403, 'User in requested score is not enrolled in the org unit');
  // The status of this one is not documented; its cause is: the role lacks "Can be graded in Grades".
  if (!isGradable(member)) return reply(403, 'User in requested score does not have a gradable role');
  return undefined;
}

function apply(post: ScorePost): undefined {
  const { lineItem } = post;
  const cell = ensureCell(lineItem, post.userId);
  recordPost(cell, post);
  cell.submissions += 1;
  const score = post.gradingProgress === 'FullyGraded' ? scaled(post) : null;
  cell.resultScore = score === null || lineItem.canExceed ? score : Math.min(score, lineItem.scoreMaximum);
  setComment(cell, post.comment ?? null);
  return undefined;
}
