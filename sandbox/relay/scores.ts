import { underLineItem } from '../families/gradebook.js';
import type { LineItem } from '../state/model.js';
import type { SandboxState } from '../state/sandbox-state.js';
import { external, ok, type RelayAnswer } from './answer.js';
import { invalidBody, isScoreBody } from './bodies.js';
import { cutPage, readPageUrl } from './paging.js';
import type { CallTarget } from './pipeline.js';

/** The column that a call names, or the LMS's refusal: course gone, column gone, another tool's column. */
export function openLineItem(target: CallTarget, id: string): { lineItem: LineItem } | { refused: RelayAnswer } {
  const { context, lineItem } = target;
  const { family } = context.platform;
  const isMissing = lineItem === undefined || lineItem.deleted;
  const reply =
    family.refuseCourse(context) ?? (isMissing ? family.missingLineItem(id) : family.refuseLineItem(lineItem));
  if (reply !== undefined || isMissing) return { refused: external(reply ?? family.missingLineItem(id), id) };
  return { lineItem };
}

/** POST /api/lineitems/{id}/scores: 204 once the LMS has taken the score. The relay stamps the time; the tool's is dropped. */
export function submitScore(state: SandboxState, target: CallTarget, id: string, body: unknown): RelayAnswer {
  if (!isScoreBody(body)) return invalidBody('score', body);
  const opened = openLineItem(target, id);
  if ('refused' in opened) return opened.refused;
  const { lineItem } = opened;
  const reply = lineItem.context.platform.family.postScore({
    lineItem,
    userId: String(body.userId),
    activityProgress: body.activityProgress,
    gradingProgress: body.gradingProgress,
    scoreGiven: body.scoreGiven ?? undefined,
    scoreMaximum: body.scoreMaximum ?? undefined,
    comment: body.comment ?? undefined,
    body: { ...body },
    nowMs: state.now(),
  });
  if (reply !== undefined) return external(reply, underLineItem(id, 'scores'));
  return { status: target.context.platform.settings.olderDialect ? 201 : 204, applied: true };
}

export interface ResultsQuery {
  userId?: string;
  limit?: number;
  url?: string;
}

/** GET /api/lineitems/{id}/scores: the gradebook's values, teachers' changes included. */
export function listResults(target: CallTarget, id: string, query: ResultsQuery): RelayAnswer {
  const opened = openLineItem(target, id);
  if ('refused' in opened) return opened.refused;
  const { lineItem } = opened;
  const { family } = lineItem.context.platform;
  const listUrl = underLineItem(id, 'results');
  const given = query.url === undefined ? undefined : readPageUrl(query.url, listUrl);
  if (query.url !== undefined && given === undefined) return external({ status: 404, body: 'Not Found' }, query.url);
  const userId = given === undefined ? query.userId : (given.get('user_id') ?? undefined);
  const rows = family.results(lineItem, { userId });
  const page = cutPage(rows, family.pages.results, listUrl, {
    url: query.url,
    limit: query.limit,
    filters: { user_id: userId },
  });
  return ok({ scores: page.rows, ...page.links });
}
