import Type from 'typebox';
import { hashSecret, hintOf, makeSecret } from '../callers.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { notFound, ProblemError } from '../problems.js';
import { ApiKeySchema, MadeApiKeySchema, NewApiKeySchema } from '../schemas/api-key.js';
import { IdParamsSchema, pageQueryProperties, pageSchema, ReasonOnlySchema } from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const tags = ['API keys'];

const MAKE = {
  config: { scope: 'admin', answersSecret: true },
  schema: {
    tags,
    summary: 'Make an API key',
    description:
      'The key is in this answer only: we keep no more than its hash. A repetition under an Idempotency-Key makes no ' +
      'second one, and is answered 409.',
    body: NewApiKeySchema,
    response: { 201: MadeApiKeySchema, ...commonProblems },
  },
} as const;

const LIST = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'List API keys',
    description: 'Newest first, revoked ones too unless told otherwise.',
    querystring: Type.Object({
      revoked: Type.Optional(Type.Boolean({ description: 'Only those that are revoked, or only those that are not.' })),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ apiKeys: Type.Array(ApiKeySchema) }), ...commonProblems },
  },
} as const;

const REVOKE = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'Revoke an API key',
    description: 'At once here; other API processes may take it for up to ten more seconds.',
    params: IdParamsSchema,
    querystring: ReasonOnlySchema,
    response: { 204: Type.Null(), ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function apiKeyRoutes(app: Api, { deps, callers }: RouteOptions): Promise<void> {
  const { apiKeys, audit } = deps.store;

  app.post('/api-keys', MAKE, async (request, reply) => {
    const { name, scopes, platforms = null, reason } = request.body;
    const caller = callerOf(request);
    const wanted = platforms ?? caller.platforms;
    if (caller.platforms && wanted && !wanted.every((platform) => caller.platforms?.includes(platform))) {
      throw new ProblemError('forbidden', 'A key that is limited to some platforms makes no key that reaches further.');
    }
    const key = makeSecret();
    const made = await apiKeys.insert({
      ...{ name, scopes, platforms: wanted, createdBy: caller.apiKeyId },
      ...{ hash: hashSecret(key), hint: hintOf(key) },
    });
    await audit.insert({
      apiKey: caller.apiKeyId,
      action: 'api-keys.create',
      subject: made.id,
      reason,
      details: { scopes },
    });
    return reply.code(201).send({ ...made, key });
  });

  app.get('/api-keys', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, revoked } = request.query;
    const { platforms } = callerOf(request);
    const found = await apiKeys.list({ platforms, revoked, after: decodeCursor(cursor, 'uuid'), limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
    return { apiKeys: [...rows], nextCursor };
  });

  app.delete('/api-keys/:id', REVOKE, async (request, reply) => {
    const { id } = request.params;
    const { apiKeyId, platforms } = callerOf(request);
    if (!(await apiKeys.revoke(id, platforms))) throw notFound('API key');
    callers.forget(id);
    await audit.insert({ apiKey: apiKeyId, action: 'api-keys.revoke', subject: id, reason: request.query.reason });
    return reply.code(204).send(null);
  });
}
