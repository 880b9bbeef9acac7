import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { LineItemRecord } from '../../db/courses/line-item-reader.js';
import { toParked } from '../courses/to-parked.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound } from '../problems.js';
import {
  IdParamsSchema,
  LtiIdSchema,
  pageQueryProperties,
  pageSchema,
  ReasonOnlySchema,
  UuidSchema,
  WorkflowLinkSchema,
} from '../schemas/building-blocks.js';
import { CountedLineItemSchema, lineItemProperties, LineItemSchema } from '../schemas/context.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List line items of all courses',
    description:
      'Gradebook columns that are known, and those that scores asked for; with `parked=true` what is set aside.',
    querystring: Type.Object({
      platformId: Type.Optional(LtiIdSchema),
      deploymentId: Type.Optional(LtiIdSchema),
      contextId: Type.Optional(LtiIdSchema),
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

const RESUME = {
  config: { scope: 'operate' },
  schema: {
    tags: ['contexts'],
    summary: 'Resume a line item',
    description: 'By our uuid: ends the setting aside of the column, and the rests of its scores.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: {
      202: Type.Object({
        ...lineItemProperties,
        resumed: Type.Integer({ description: 'Scores that wait in the column.' }),
        workflows: Type.Array(WorkflowLinkSchema),
      }),
      ...commonProblems,
      ...notFoundProblem,
    },
  },
} as const;

export async function lineItemRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { contexts, lineItems, transact } = options.deps.store;

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
    const found = await getLineItem(request, id);
    const scores = await lineItems.countScores({ context: found.context, lineItem: id });
    return { ...toLineItem(found), scores };
  });

  app.post('/line-items/:id/resume', RESUME, async (request, reply) => {
    const { id: lineItem, context } = await getLineItem(request, request.params.id);
    const { platforms } = callerOf(request);
    const course = await contexts.find({ id: context, platforms });
    if (!course) throw notFound('line item');
    const { reason } = request.body;
    const resumed = await transact(async ({ resumptions, audit }) => {
      const waiting = await resumptions.resumeLineItem({ context, lineItem });
      await audit.insert(entryOf(request, { subject: lineItem, reason }));
      return waiting;
    });
    const waker = wakerOf(request, options);
    const { deployment, gate } = course;
    await waker.wake([{ context, deployment, gate, trigger: 'operator', lineItems: true }]);
    const now = toLineItem(await getLineItem(request, lineItem));
    return reply.code(202).send({ ...now, resumed, workflows: waker.links() });
  });

  async function getLineItem(request: FastifyRequest, id: string): Promise<LineItemRecord> {
    const found = await lineItems.find({ id, platforms: callerOf(request).platforms });
    if (!found) throw notFound('line item');
    return found;
  }
}

export function toLineItem({ id, lineItemId, parked, ...record }: LineItemRecord): Static<typeof LineItemSchema> {
  return { uuid: id, id: lineItemId, ...record, parked: toParked(parked) };
}
