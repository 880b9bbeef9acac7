import Type from 'typebox';
import { hashSecret, hintOf, makeSecret, SCOPES } from '../callers.js';
import { callerOf } from '../plugins/auth.js';
import { notFound, ProblemError } from '../problems.js';
import {
  IdParamsSchema,
  InstantSchema,
  LtiIdSchema,
  NullableInstantSchema,
  ReasonOnlySchema,
  ReasonSchema,
  textSchema,
  UuidSchema,
} from '../schemas/building-blocks.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const NullablePlatforms = Type.Unsafe<string[] | null>({
  type: ['array', 'null'],
  items: { type: 'string' },
  description: 'Platform ids that the key is limited to; null: all.',
});

const ApiKeySchema = Type.Object({
  id: UuidSchema,
  name: Type.String(),
  hint: Type.String({ description: 'The last characters of the key.' }),
  scopes: Type.Array(Type.String()),
  platforms: NullablePlatforms,
  createdAt: InstantSchema,
  lastUsedAt: NullableInstantSchema,
  revokedAt: NullableInstantSchema,
});

const NewApiKeySchema = Type.Object(
  {
    name: textSchema(200),
    scopes: Type.Array(Type.Enum([...SCOPES]), { minItems: 1, uniqueItems: true }),
    platforms: Type.Optional(Type.Array(LtiIdSchema, { minItems: 1, maxItems: 1_000 })),
    reason: ReasonSchema,
  },
  { additionalProperties: false },
);

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
    response: { 201: Type.Object({ ...ApiKeySchema.properties, key: Type.String() }), ...commonProblems },
  },
} as const;

const LIST = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'List API keys',
    description: 'Revoked ones too.',
    response: {
      200: Type.Object({ apiKeys: Type.Array(ApiKeySchema), nextCursor: Type.Null() }),
      ...commonProblems,
    },
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

  app.get('/api-keys', LIST, async (request) => ({
    apiKeys: await apiKeys.list(callerOf(request).platforms),
    nextCursor: null,
  }));

  app.delete('/api-keys/:id', REVOKE, async (request, reply) => {
    const { id } = request.params;
    const { apiKeyId, platforms } = callerOf(request);
    if (!(await apiKeys.revoke(id, platforms))) throw notFound('API key');
    callers.forget(id);
    await audit.insert({ apiKey: apiKeyId, action: 'api-keys.revoke', subject: id, reason: request.query.reason });
    return reply.code(204).send(null);
  });
}
