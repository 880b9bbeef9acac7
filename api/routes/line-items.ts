import Type, { type Static } from 'typebox';
import type { LineItemRecord } from '../../db/courses/line-item-reader.js';
import { toParked } from '../courses/to-parked.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { notFound } from '../problems.js';
import {
  IdParamsSchema,
  LtiIdSchema,
  pageQueryProperties,
  pageSchema,
  UuidSchema,
} from '../schemas/building-blocks.js';
import { CountedLineItemSchema, LineItemSchema } from '../schemas/context.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List line items of all courses',
    description:
      'Gradebook columns that are known, and those that scores asked for; with `parked=true` what is set aside.',
    querystring: Type.Object({
      platformId: Type.Optional(LtiIdSchema),
      context: Type.Optional(UuidSchema),
      parked: Type.Optional(Type.Boolean({ description: 'Only those set aside, or only the others.' })),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ lineItems: Type.Array(LineItemSchema) }), ...commonProblems },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'Look at one line item',
    description: 'By our uuid, with the number of its scores in each state.',
    params: IdParamsSchema,
    response: { 200: CountedLineItemSchema, ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function lineItemRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { lineItems } = deps.store;

  app.get('/line-items', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms } = callerOf(request);
    const after = decodeCursor(cursor, 'uuid');
    const records = await lineItems.list({ ...filter, platforms, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ id }) => id);
    return { lineItems: rows.map(toLineItem), nextCursor };
  });

  app.get('/line-items/:id', LOOK_AT_ONE, async (request) => {
    const { id } = request.params;
    const found = await lineItems.find({ id, platforms: callerOf(request).platforms });
    if (!found) throw notFound('line item');
    const scores = await lineItems.countScores({ context: found.context, lineItem: id });
    return { ...toLineItem(found), scores };
  });
}

export function toLineItem({ id, lineItemId, parked, ...record }: LineItemRecord): Static<typeof LineItemSchema> {
  return { uuid: id, id: lineItemId, ...record, parked: toParked(parked) };
}
