import Type from 'typebox';
import { beginBulk } from '../bulk/begin-bulk.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import {
  IdParamsSchema,
  pageQueryProperties,
  pageSchema,
  ReasonOnlySchema,
  ReasonSchema,
} from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { SourceNameSchema } from '../schemas/webhook.js';
import { eventFilterProperties, EventSchema, ReplayAnswerSchema } from '../schemas/webhook-event.js';
import { toEvent } from '../webhooks/to-event.js';
import { toInstant } from '../to-instant.js';
import type { Api, RouteOptions } from '../route.js';

const problems = { ...commonProblems, ...notFoundProblem };

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['webhooks'],
    summary: 'List events',
    description: 'Newest first, each with the reason for its state. All given filters must hold.',
    querystring: Type.Object({ ...eventFilterProperties, ...pageQueryProperties }),
    response: { 200: pageSchema({ webhookEvents: Type.Array(EventSchema) }), ...commonProblems },
  },
} as const;

const LOOK = {
  config: { scope: 'read' },
  schema: {
    tags: ['webhooks'],
    summary: 'Look at one event',
    description: 'Never its body.',
    params: IdParamsSchema,
    response: { 200: EventSchema, ...problems },
  },
} as const;

const REPLAY_ONE = {
  config: { scope: 'operate' },
  schema: {
    tags: ['webhooks'],
    summary: 'Replay one event',
    description: 'Looks at it again with the mapping of now, and answers what it became.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: { 200: EventSchema, ...conflictProblem, ...problems },
  },
} as const;

const REPLAY = {
  config: { scope: 'operate' },
  schema: {
    tags: ['webhooks'],
    summary: 'Replay events',
    description:
      'After a mapping was corrected: looks again at all events of the filter. Without a state, at all that did not ' +
      'become scores. Changing no grade twice is the rule as for any score: the time of the grade decides.',
    body: Type.Object({
      filter: Type.Object({ ...eventFilterProperties, source: SourceNameSchema }, { additionalProperties: false }),
      reason: ReasonSchema,
    }),
    response: { 202: ReplayAnswerSchema, ...problems },
  },
} as const;

export async function webhookEventRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps, webhooks } = options;
  const { events, sources } = deps.store.webhooks;

  app.get('/webhook-events', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms } = callerOf(request);
    const before = decodeCursor(cursor, 'number');
    const records = await events.list({ ...inUtc(filter, ''), platforms, before, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ seq }) => seq);
    return { webhookEvents: rows.map(toEvent), nextCursor };
  });

  app.get('/webhook-events/:id', LOOK, async (request) => get(request.params.id, callerOf(request).platforms));

  app.post('/webhook-events/:id/replay', REPLAY_ONE, async (request) => {
    const { id } = request.params;
    const { platforms } = callerOf(request);
    const { replayable } = await get(id, platforms);
    if (!replayable) throw new ProblemError('event-body-gone', 'Its body is no longer kept: have it sent again.');
    await deps.store.transact(async (store) => {
      await store.webhooks.events.replay({ id, platforms });
      await store.audit.insert(entryOf(request, { subject: id, reason: request.body.reason }));
    });
    await webhooks.carer.processNow([id]);
    return get(id, platforms);
  });

  app.post('/webhook-events/replay', REPLAY, async (request, reply) => {
    const { reason } = request.body;
    const filter = inUtc(request.body.filter, '/filter');
    const { platforms } = callerOf(request);
    const source = await sources.find({ name: filter.source, platforms });
    if (!source) throw notFound('webhook source');
    const { operation, view, links } = await beginBulk(request, options, {
      act: { kind: 'replayEvents', filter },
      reason,
      note: ({ id }) =>
        entryOf(request, {
          ...{ subject: source.name, platforms: source.platforms, reason },
          details: { operation: id, by: Object.keys(filter) },
        }),
    });
    webhooks.carer.look();
    const { acted: replayed, failed: withoutBody } = operation;
    return reply.code(202).send({ replayed, withoutBody, workflows: links, operation: view });
  });

  async function get(id: string, platforms: readonly string[] | null) {
    const found = await events.find({ id, platforms });
    if (!found) throw notFound('event');
    return toEvent(found);
  }
}

/** PostgreSQL takes fewer times than RFC 3339 has. */
function inUtc<F extends { receivedAfter?: string; receivedBefore?: string }>(filter: F, place: string): F {
  const { receivedAfter, receivedBefore } = filter;
  const toUtc = (text: string, name: string): string => toInstant(text, `${place}/${name}`).toISOString();
  return {
    ...filter,
    ...(receivedAfter !== undefined && { receivedAfter: toUtc(receivedAfter, 'receivedAfter') }),
    ...(receivedBefore !== undefined && { receivedBefore: toUtc(receivedBefore, 'receivedBefore') }),
  };
}
