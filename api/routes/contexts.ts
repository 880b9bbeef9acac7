import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import type { ContextRecord } from '../../db/courses/context-reader.js';
import { toParked } from '../courses/to-parked.js';
import { notFound } from '../problems.js';
import { IdParamsSchema, LtiIdSchema, pageQueryProperties, pageSchema } from '../schemas/building-blocks.js';
import { ContextSchema, CountedContextSchema, LineItemSchema } from '../schemas/context.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import { toLineItem } from './line-items.js';
import type { Api, RouteOptions } from '../route.js';

const PageQuerySchema = Type.Object(pageQueryProperties);
const problems = { ...commonProblems, ...notFoundProblem };

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List contexts',
    description: 'Courses from which a launch was recorded.',
    querystring: Type.Object({
      platformId: Type.Optional(LtiIdSchema),
      deploymentId: Type.Optional(LtiIdSchema),
      contextId: Type.Optional(LtiIdSchema),
      parked: Type.Optional(Type.Boolean({ description: 'Only those set aside, or only the others.' })),
      paused: Type.Optional(
        Type.Boolean({
          description: 'Only those that somebody paused, with platform or deployment too, or only the others.',
        }),
      ),
      launchNeeded: Type.Optional(
        Type.Boolean({
          description: 'Only those whose scores wait for somebody to launch an activity, or the others.',
        }),
      ),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ contexts: Type.Array(ContextSchema) }), ...commonProblems },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'Look at one context',
    description:
      'With the workflow that tends it, the number of its scores in each state, and how whole its roster is.',
    params: IdParamsSchema,
    response: { 200: CountedContextSchema, ...problems },
  },
} as const;

const LIST_LINE_ITEMS = {
  config: { scope: 'read' },
  schema: {
    tags: ['contexts'],
    summary: 'List line items',
    description: 'Gradebook columns that are known, and those that scores asked for.',
    params: IdParamsSchema,
    querystring: PageQuerySchema,
    response: { 200: pageSchema({ lineItems: Type.Array(LineItemSchema) }), ...problems },
  },
} as const;

export async function contextRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps } = options;
  const { contexts, lineItems, memberships } = deps.store;

  app.get('/contexts', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms } = callerOf(request);
    const after = decodeCursor(cursor, 'uuid');
    const records = await contexts.list({ ...filter, platforms, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ id }) => id);
    return { contexts: rows.map((row) => toContext(row, deps.workflows)), nextCursor };
  });

  app.get('/contexts/:id', LOOK_AT_ONE, async (request) => {
    const context = await getContext(request, options, request.params.id);
    const scores = await lineItems.countScores({ context: context.id });
    const roster = context.rosterReadAt === null ? null : await memberships.count(context.id);
    return { ...toContext(context, deps.workflows), scores, roster };
  });

  app.get('/contexts/:id/line-items', LIST_LINE_ITEMS, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor } = request.query;
    const { id } = await getContext(request, options, request.params.id);
    const after = decodeCursor(cursor, 'uuid');
    const { platforms } = callerOf(request);
    const records = await lineItems.list({ platforms, context: id, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, (row) => row.id);
    return { lineItems: rows.map(toLineItem), nextCursor };
  });
}

/** @throws {ProblemError} 404 for one that is not there, or that the key may not see */
export async function getContext(
  request: FastifyRequest,
  { deps }: Pick<RouteOptions, 'deps'>,
  id: string,
): Promise<ContextRecord> {
  const found = await deps.store.contexts.find({ id, platforms: callerOf(request).platforms });
  if (!found) throw notFound('context');
  return found;
}

export function toContext(
  { parked, ...record }: ContextRecord,
  workflows: Pick<RouteOptions['deps']['workflows'], 'linkOfSender'>,
): Static<typeof ContextSchema> {
  return { ...record, parked: toParked(parked), workflow: workflows.linkOfSender(record.gate) };
}
