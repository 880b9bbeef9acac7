import type { Family, LmsReply, ScorePost } from './family.js';
import { ensureCell, recordPost, scaled, setComment, toRows } from './gradebook.js';
import { uuidFrom } from './ids.js';

/**
 * Open edX (openedx/xblock-lti-consumer 11.4.4). Its launch names no product family, unknown users end in a 500 with a
 * web page every time, and staff or people who left are graded like anyone else.
 */
export const openedx: Family = {
  name: 'openedx',
  pages: {
    memberships: { byDefault: 100, links: true },
    lineItems: { links: true },
    results: { links: false },
  },
  userId: (number) => uuidFrom(`openedx user ${number}`),
  contextId: (number) => `course-v1:Sandbox+C${number}+2026`,
  lineItemsUrl: (context) => `${consumer(context)}/lti-ags`,
  lineItemUrl: (context, number) => `${consumer(context)}/lti-ags/${number}`,
  membershipsUrl: (context) => `${consumer(context)}/memberships`,
  refuseCourse: (context) => (context.concluded ? reply(404, 'Not found.') : undefined),
  refuseRoster(context, members) {
    const limit = context.platform.settings.rosterLimit;
    if (limit === null || members <= limit) return undefined;
    return { status: 403, body: { error: 'above_response_limit' } };
  },
  missingLineItem: () => reply(404, 'Not found.'),
  // One course's key works on another tool's column too.
  refuseLineItem: () => undefined,
  refuseNewLineItem(_context, fields) {
    if (!Number.isInteger(fields.scoreMaximum)) {
      return { status: 400, body: { scoreMaximum: ['A valid integer is required.'] } };
    }
    if (fields.resourceId !== undefined || fields.resourceLinkId !== undefined) return undefined;
    return { status: 400, body: { non_field_errors: ['resourceId or resourceLinkId is required.'] } };
  },
  refuseDelete: () => reply(403, 'You do not have permission to perform this action.'),
  postScore: (post) => refuse(post) ?? apply(post),
  isListed: (member) => member.status === 'Active',
  // Newest first; the user filter is ignored, and rows without a score are hidden.
  results: (lineItem) =>
    toRows(lineItem, { userId: undefined }, { hideEmpty: true }).sort((a, b) => b.timestamp.localeCompare(a.timestamp)),
  throttled: () => reply(429, 'Request was throttled.'),
};

function consumer(context: { platform: { url: string }; number: number }): string {
  return `${context.platform.url}/api/lti_consumer/v1/lti/${context.number}`;
}

function reply(status: number, detail: string): LmsReply {
  return { status, body: { detail } };
}

function refuse(post: ScorePost): LmsReply | undefined {
  if (!post.lineItem.context.members.has(post.userId)) {
    return {
      status: 500,
      body: '<!doctype html><html lang="en"><title>Server Error (500)</title><h1>Server Error (500)</h1>',
    };
  }
  const stored = post.lineItem.cells.get(post.userId)?.changedAtMs;
  if (stored === undefined || stored < post.nowMs) return undefined;
  if (stored === post.nowMs) return timestampRefusal('Score already exists for the provided timestamp.');
  return timestampRefusal('Score can only be updated to a later point in time.');
}

function timestampRefusal(text: string): LmsReply {
  return { status: 400, body: { timestamp: [text] } };
}

function apply(post: ScorePost): undefined {
  const cell = ensureCell(post.lineItem, post.userId);
  recordPost(cell, post);
  cell.submissions += 1;
  const score = scaled(post);
  if (post.gradingProgress === 'FullyGraded') {
    cell.resultScore = score === null ? null : Math.min(score, post.lineItem.scoreMaximum);
  }
  // Against AGS 3.4 an absent comment keeps the former one; an empty one clears it.
  if (post.comment !== undefined) setComment(cell, post.comment === '' ? null : post.comment);
  return undefined;
}
