import type { LineItemFields } from '../families/family.js';
import type { LineItem } from '../state/model.js';
import type { SandboxState } from '../state/sandbox-state.js';
import { createLineItem as makeLineItem } from '../state/setup.js';
import { external, ok, type RelayAnswer } from './answer.js';
import { invalidBody, isLineItemBody, type LineItemBody } from './bodies.js';
import { cutPage, readPageUrl } from './paging.js';
import type { CallTarget } from './pipeline.js';
import { openLineItem } from './scores.js';

export interface LineItemsQuery {
  resourceLinkId?: string;
  resourceId?: string;
  tag?: string;
  limit?: number;
  url?: string;
}

interface Filters {
  resourceLinkId: string | undefined;
  resourceId: string | undefined;
  tag: string | undefined;
}

/** GET /api/lineitems: the tool's own columns of the course. */
export function listLineItems(target: CallTarget, query: LineItemsQuery): RelayAnswer {
  const { context } = target;
  const { family } = context.platform;
  const listUrl = family.lineItemsUrl(context);
  const refused = family.refuseCourse(context);
  if (refused !== undefined) return external(refused, listUrl);
  const given = query.url === undefined ? undefined : readPageUrl(query.url, listUrl);
  if (query.url !== undefined && given === undefined) return external({ status: 404, body: 'Not Found' }, query.url);
  const filters = given === undefined ? readFilters(target, query) : readUrlFilters(given);
  const rows = [...context.lineItems.values()].filter((item) => isWanted(item, filters)).map(toAnswer);
  if (context.platform.settings.olderDialect) return ok(rows);
  const page = cutPage(rows, family.pages.lineItems, listUrl, {
    url: query.url,
    limit: query.limit,
    filters: { resource_link_id: filters.resourceLinkId, resource_id: filters.resourceId, tag: filters.tag },
  });
  return ok({ lineItems: page.rows, ...page.links });
}

/** LTIAAS documents its link filter as "the launch's own link", whatever value is given. */
function readFilters(target: CallTarget, query: LineItemsQuery): Filters {
  const { lineItemFilter } = target.context.platform.settings;
  if (lineItemFilter === 'ignored') return { resourceLinkId: undefined, resourceId: undefined, tag: undefined };
  const link = lineItemFilter === 'own' ? target.launch.resourceLinkId : query.resourceLinkId;
  return {
    resourceLinkId: query.resourceLinkId === undefined ? undefined : link,
    resourceId: query.resourceId,
    tag: query.tag,
  };
}

function readUrlFilters(params: URLSearchParams): Filters {
  return {
    resourceLinkId: params.get('resource_link_id') ?? undefined,
    resourceId: params.get('resource_id') ?? undefined,
    tag: params.get('tag') ?? undefined,
  };
}

function isWanted(item: LineItem, filters: Filters): boolean {
  return (
    !item.deleted &&
    item.owned &&
    (filters.resourceLinkId === undefined || item.resourceLinkId === filters.resourceLinkId) &&
    (filters.resourceId === undefined || item.resourceId === filters.resourceId) &&
    (filters.tag === undefined || item.tag === filters.tag)
  );
}

/** Optional members are absent, never null: LTIAAS's own SDK would fail on them. */
function toAnswer(item: LineItem): Record<string, unknown> {
  return { ...item.extra, id: item.id, ...fieldsOf(item) };
}

function fieldsOf(source: LineItem | LineItemBody): LineItemFields {
  const { label, scoreMaximum, resourceLinkId, resourceId, tag } = source;
  return {
    label,
    scoreMaximum,
    ...(resourceLinkId === undefined ? {} : { resourceLinkId }),
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(tag === undefined ? {} : { tag }),
  };
}

/** Dates, `gradesReleased` and vendor extensions, which the LMS gives back unchanged. */
function extraOf(body: LineItemBody): Record<string, unknown> {
  const known = new Set(['id', 'label', 'scoreMaximum', 'resourceLinkId', 'resourceId', 'tag']);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !known.has(name) && value !== null));
}

/** POST /api/lineitems: 201 with the new column. AGS has no upsert: the same body twice makes two columns. */
export function createLineItem(state: SandboxState, target: CallTarget, body: unknown): RelayAnswer {
  if (!isLineItemBody(body)) return invalidBody('lineItem', body);
  const { context } = target;
  const { family } = context.platform;
  const fields = fieldsOf(body);
  const refused = family.refuseCourse(context) ?? family.refuseNewLineItem(context, fields);
  if (refused !== undefined) return external(refused, family.lineItemsUrl(context));
  const made = makeLineItem(state, context, fields, extraOf(body));
  return { status: 201, body: toAnswer(made), applied: true, lineItemId: made.id };
}

/** GET /api/lineitems/{id}. */
export function getLineItem(target: CallTarget, id: string): RelayAnswer {
  const opened = openLineItem(target, id);
  return 'refused' in opened ? opened.refused : ok(toAnswer(opened.lineItem));
}

/** PUT /api/lineitems/{id}: replaces, so optional members that are left out are gone; the link cannot change. */
export function updateLineItem(target: CallTarget, id: string, body: unknown): RelayAnswer {
  if (!isLineItemBody(body)) return invalidBody('lineItem', body);
  const opened = openLineItem(target, id);
  if ('refused' in opened) return opened.refused;
  const { lineItem } = opened;
  const { resourceLinkId } = lineItem;
  if (body.resourceLinkId !== undefined && body.resourceLinkId !== resourceLinkId) {
    return external({ status: 400, body: { message: 'resourceLinkId cannot be changed' } }, id);
  }
  delete lineItem.resourceId;
  delete lineItem.tag;
  Object.assign(lineItem, fieldsOf(body), { extra: extraOf(body) });
  return { status: 200, body: toAnswer(lineItem), applied: true };
}

/** DELETE /api/lineitems/{id}: 204; the column and its grades are gone. */
export function deleteLineItem(target: CallTarget, id: string): RelayAnswer {
  const opened = openLineItem(target, id);
  if ('refused' in opened) return opened.refused;
  const { lineItem } = opened;
  const refused = lineItem.context.platform.family.refuseDelete(lineItem);
  if (refused !== undefined) return external(refused, id);
  lineItem.deleted = true;
  return { status: 204, applied: true };
}
