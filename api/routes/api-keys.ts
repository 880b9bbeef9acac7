import { isWithin, namesOf, toReach } from '../../domain/reach.js';
import Type from 'typebox';
import type { ApiKey } from '../../db/access/api-key.js';
import { hashSecret, hintOf, makeSecret } from '../bearer-secret.js';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound, ProblemError } from '../problems.js';
import {
  ApiKeySchema,
  DEFAULT_OVERLAP_HOURS,
  MadeApiKeySchema,
  NewApiKeySchema,
  RotationSchema,
} from '../schemas/api-key.js';
import { IdParamsSchema, pageQueryProperties, pageSchema, ReasonOnlySchema } from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, notFoundProblem } from '../schemas/problem.js';
import { toInstant } from '../to-instant.js';
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

const ROTATE = {
  config: { scope: 'admin', answersSecret: true },
  schema: {
    tags,
    summary: 'Give an API key another secret',
    description:
      'It stays who it is: id, scopes, limits, lineage, end. The new secret is in this answer only. The present one is ' +
      'taken for `overlapHours` more, and so are sessions that were opened with it. A key is rotated with itself or with ' +
      'one that has made it, for whoever rotates it holds it.',
    params: IdParamsSchema,
    body: RotationSchema,
    response: { 200: MadeApiKeySchema, ...commonProblems, ...notFoundProblem, ...conflictProblem },
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
    description:
      'With all keys that were made with it, with these and so on, their sessions of the console and the answers kept for ' +
      'them. For good: no restart brings one back. At once here; other API processes may take it for up to ten more seconds.',
    params: IdParamsSchema,
    querystring: ReasonOnlySchema,
    response: { 204: Type.Null(), ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function apiKeyRoutes(app: Api, { deps, callers }: RouteOptions): Promise<void> {
  const { apiKeys } = deps.store;

  app.post('/api-keys', MAKE, async (request, reply) => {
    const { name, scopes, platforms, deployments, expiresAt = null, reason } = request.body;
    const caller = callerOf(request);
    const reach = toReach(platforms, deployments) ?? caller.platforms;
    if (!isWithin(reach, caller.platforms)) {
      throw new ProblemError('forbidden', 'A key that is limited to some platforms makes no key that reaches further.');
    }
    const key = makeSecret();
    const outcome = await apiKeys.insert({
      ...{ name, scopes, platforms: reach, createdBy: caller.apiKeyId },
      audit: entryOf(request, { subject: '', reason }),
      ...{ hash: hashSecret(key), hint: hintOf(key) },
      expiresAt: expiresAt === null ? null : toEnd(String(expiresAt), deps.now()),
    });
    if (outcome.kind !== 'made') throw notMade(outcome.kind);
    return reply.code(201).send({ ...toShownKey(outcome.key), key });
  });

  app.post('/api-keys/:id/rotate', ROTATE, async (request) => {
    const { id } = request.params;
    const { overlapHours = DEFAULT_OVERLAP_HOURS, reason } = request.body;
    const { apiKeyId: apiKey, platforms } = callerOf(request);
    const audit = entryOf(request, { subject: id, reason });
    const key = makeSecret();
    const secret = { hash: hashSecret(key), hint: hintOf(key) };
    const outcome = await apiKeys.rotate({ ...{ id, apiKey, platforms, overlapHours, audit }, ...secret });
    if (outcome.kind !== 'rotated') throw notRotated(outcome.kind);
    // What is remembered of the secret before does not know that it ends.
    callers.forget(outcome.key.id);
    return { ...toShownKey(outcome.key), key };
  });

  app.get('/api-keys', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, revoked } = request.query;
    const { platforms } = callerOf(request);
    const found = await apiKeys.list({ platforms, revoked, after: decodeCursor(cursor, 'uuid'), limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
    return { apiKeys: rows.map(toShownKey), nextCursor };
  });

  app.delete('/api-keys/:id', REVOKE, async (request, reply) => {
    const { id } = request.params;
    const { platforms } = callerOf(request);
    const audit = entryOf(request, { subject: id, reason: request.query.reason });
    const ended = await apiKeys.revoke({ id, platforms, audit });
    if (ended.length === 0) throw notFound('API key');
    for (const one of ended) callers.forget(one);
    return reply.code(204).send(null);
  });
}

/** With what it reaches by names. */
export function toShownKey(key: ApiKey): Omit<ApiKey, 'platforms'> & ReturnType<typeof namesOf> {
  return { ...key, ...namesOf(key.platforms) };
}

function notMade(why: 'makerEnded' | 'outlivesMaker'): ProblemError {
  if (why === 'makerEnded') return new ProblemError('unauthorized', 'Your API key has ended meanwhile.');
  return new ProblemError('forbidden', 'A key that ends by itself makes no key that outlives it.');
}

function notRotated(why: 'notFound' | 'configured' | 'foreign'): ProblemError {
  if (why === 'notFound') return notFound('API key');
  if (why === 'configured') {
    return new ProblemError('configured-elsewhere', 'Set another BOOTSTRAP_API_KEY, and restart.');
  }
  return new ProblemError('forbidden', 'A key is rotated with itself, or with a key that has made it.');
}

/** @throws {ProblemError} where the moment has passed, or is none */
function toEnd(text: string, now: Date): Date {
  const end = toInstant(text, '/expiresAt');
  if (end > now) return end;
  throw new ProblemError('invalid-request', 'expiresAt must be an instant ahead.', { pointer: '/expiresAt' });
}
