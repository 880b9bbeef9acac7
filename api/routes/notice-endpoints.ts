import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { NoticeEndpoint } from '../../db/notices/notice-endpoints.js';
import { checkNoticeFilter, checkNoticeUrl } from '../notices/check-endpoint.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound } from '../problems.js';
import type { Api, RouteOptions } from '../route.js';
import {
  IdParamsSchema,
  pageQueryProperties,
  pageSchema,
  ReasonOnlySchema,
  ReasonSchema,
} from '../schemas/building-blocks.js';
import { NoticeEndpointSchema, wishProperties } from '../schemas/notice.js';
import { commonProblems, notFoundProblem, unprocessableProblem } from '../schemas/problem.js';

const strict = { additionalProperties: false };
const tags = ['notices'];
const problems = { ...commonProblems, ...notFoundProblem };
const { url, format, kinds, platformId, contextId, digestMinutes, description } = wishProperties;
const WithSecret = Type.Object({ ...NoticeEndpointSchema.properties, secret: Type.String({ examples: ['whsec_…'] }) });

const MAKE = {
  config: { scope: 'admin', answersSecret: true },
  schema: {
    tags,
    summary: 'Make an endpoint for notices',
    description:
      'It hears of what needs attention, of what recovered, and of what became of scores. The secret that signs is in ' +
      'this answer only. What is open by now is told at once.',
    body: Type.Object(
      {
        ...{ url, format, kinds },
        platformId: Type.Optional(platformId),
        contextId: Type.Optional(contextId),
        digestMinutes: Type.Optional(digestMinutes),
        description: Type.Optional(description),
        reason: ReasonSchema,
      },
      strict,
    ),
    response: { 201: WithSecret, ...commonProblems, ...unprocessableProblem },
  },
} as const;

const LIST = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'List endpoints for notices',
    description: 'Oldest first; never their addresses as a whole, and never their secrets.',
    querystring: Type.Object({ ...pageQueryProperties }),
    response: { 200: pageSchema({ noticeEndpoints: Type.Array(NoticeEndpointSchema) }), ...commonProblems },
  },
} as const;

const LOOK = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'Look at an endpoint for notices',
    description: 'What it hears of, and whether it takes it.',
    params: IdParamsSchema,
    response: { 200: NoticeEndpointSchema, ...problems },
  },
} as const;

const CHANGE = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'Change an endpoint for notices',
    description:
      'What is not given stays. With another filter, what is open under it is told anew. `disabled: false` lets one go ' +
      'on that was switched off, whoever did it: first goes what was found before and not given up. What came up meanwhile ' +
      'is not made up for.',
    params: IdParamsSchema,
    body: Type.Object(
      {
        ...Type.Partial(Type.Object(wishProperties)).properties,
        disabled: Type.Optional(Type.Boolean()),
        reason: ReasonSchema,
      },
      strict,
    ),
    response: { 200: NoticeEndpointSchema, ...problems, ...unprocessableProblem },
  },
} as const;

const DELETE = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'Delete an endpoint for notices',
    description: 'With the log of what it was told.',
    params: IdParamsSchema,
    querystring: ReasonOnlySchema,
    response: { 204: Type.Null(), ...problems },
  },
} as const;

const ROTATE = {
  config: { scope: 'admin', answersSecret: true },
  schema: {
    tags,
    summary: 'Make a new secret',
    description:
      'In this answer only. The one before signs beside it for another day, so that the receiver can change over.',
    params: IdParamsSchema,
    body: ReasonOnlySchema,
    response: { 200: WithSecret, ...problems, ...unprocessableProblem },
  },
} as const;

export async function noticeEndpointRoutes(app: Api, { deps, settings }: RouteOptions): Promise<void> {
  const { transact } = deps.store;
  const { endpoints } = deps.store.notices;
  const mayBePrivate = settings.noticesMayBePrivate ?? false;

  app.post('/notices', MAKE, async (request, reply) => {
    const { reason, ...body } = request.body;
    const { platforms } = callerOf(request);
    const wishes = { platformId: null, contextId: null, digestMinutes: 1_440, description: null, ...body };
    checkNoticeUrl(wishes.url, { mayBePrivate });
    checkNoticeFilter(wishes, platforms);
    const secret = makeSigningSecret();
    const made = await transact(async ({ notices, audit }) => {
      const endpoint = await notices.endpoints.insert({ ...wishes, secret, platforms });
      await audit.insert(entryOf(request, { subject: endpoint.id, reason }));
      return endpoint;
    });
    return reply.code(201).send({ ...made, secret });
  });

  app.get('/notices', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor } = request.query;
    const after = decodeCursor(cursor, 'number');
    const found = await endpoints.list({ platforms: callerOf(request).platforms, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ seq }) => seq);
    return { noticeEndpoints: [...rows], nextCursor };
  });

  app.get('/notices/:id', LOOK, async (request) => get(request, request.params.id));

  app.patch('/notices/:id', CHANGE, async (request) => {
    const { reason, disabled, url: address, ...body } = request.body;
    const endpoint = await get(request, request.params.id);
    const changed = { ...endpoint, ...body, url: address, disabled: disabled ?? endpoint.disabledAt !== null };
    if (address !== undefined) checkNoticeUrl(address, { mayBePrivate });
    checkNoticeFilter(changed, endpoint.platforms);
    const parts = Object.keys(request.body).filter((part) => part !== 'reason');
    await transact(async ({ notices, audit }) => {
      await notices.endpoints.change(changed);
      await audit.insert(entryOf(request, { subject: endpoint.id, reason, details: { parts } }));
    });
    return get(request, endpoint.id);
  });

  app.delete('/notices/:id', DELETE, async (request, reply) => {
    const { id } = await get(request, request.params.id);
    await transact(async ({ notices, audit }) => {
      await notices.endpoints.delete(id);
      await audit.insert(entryOf(request, { subject: id, reason: request.query.reason }));
    });
    return reply.code(204).send(null);
  });

  app.post('/notices/:id/rotate-secret', ROTATE, async (request) => {
    const { id } = await get(request, request.params.id);
    const secret = makeSigningSecret();
    await transact(async ({ notices, audit }) => {
      await notices.endpoints.rotateSecret(id, secret);
      await audit.insert(entryOf(request, { subject: id, reason: request.body.reason }));
    });
    return { ...(await get(request, id)), secret };
  });

  async function get(request: FastifyRequest, id: string): Promise<NoticeEndpoint> {
    const found = await endpoints.find({ id, platforms: callerOf(request).platforms });
    if (!found) throw notFound('endpoint for notices');
    return found;
  }
}

/** As Standard Webhooks writes it. */
function makeSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
