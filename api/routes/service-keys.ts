import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { doOutside, entryOf } from '../plugins/deeds.js';
import type { ServiceKeySummary } from '../../db/courses/service-key-reader.js';
import { assertNotPaused } from '../operations/assert-not-paused.js';
import { notFound } from '../problems.js';
import {
  IdParamsSchema,
  LtiIdSchema,
  pageQueryProperties,
  pageSchema,
  ReasonOnlySchema,
} from '../schemas/building-blocks.js';
import { commonProblems, conflictProblem, noneTakenAnswer, notFoundProblem } from '../schemas/problem.js';
import { CheckSchema, ImportAnswerSchema, ServiceKeyItemSchema, ServiceKeySchema } from '../schemas/service-key.js';
import { checkKey, type CheckStep } from '../courses/check-key.js';
import { importKeys, type ImportAnswer } from '../courses/import-keys.js';
import { readItems } from '../courses/read-items.js';
import { NDJSON_TYPES } from './scores.js';
import { wakerOf, type Api, type RouteOptions } from '../route.js';

const FileSchema = Type.String();

const ofOne = { tags: ['service keys'], params: IdParamsSchema };
const problems = { ...commonProblems, ...notFoundProblem };

const IMPORT = {
  config: { scope: 'launches:write', bodyIsItems: true },
  validatorCompiler: () => () => true,
  schema: {
    tags: ['service keys'],
    summary: 'Bring service keys',
    description:
      'Keys that the tool has kept so far: one, a list, NDJSON, or CSV with a header line. Each has its own answer, ' +
      'in order: 200 when at least one is stored or was before, 422 when all are invalid. Repeating is safe. ' +
      'More than 20 items with less than 40 bytes each, on average, are refused together.',
    consumes: ['application/json', ...NDJSON_TYPES, 'text/csv'],
    body: {
      content: {
        'application/json': { schema: Type.Union([ServiceKeyItemSchema, Type.Array(ServiceKeyItemSchema)]) },
        'application/x-ndjson': { schema: FileSchema },
        'application/ndjson': { schema: FileSchema },
        'application/jsonl': { schema: FileSchema },
        'text/csv': { schema: FileSchema },
      },
    },
    response: { 200: ImportAnswerSchema, 422: noneTakenAnswer(ImportAnswerSchema), ...commonProblems },
  },
} as const;

const LIST = {
  config: { scope: 'read' },
  schema: {
    tags: ['service keys'],
    summary: 'List service keys',
    description: 'What is known of each key; never the key itself.',
    querystring: Type.Object({
      platformId: Type.Optional(LtiIdSchema),
      deploymentId: Type.Optional(LtiIdSchema),
      contextId: Type.Optional(LtiIdSchema),
      ...pageQueryProperties,
    }),
    response: { 200: pageSchema({ serviceKeys: Type.Array(ServiceKeySchema) }), ...commonProblems },
  },
} as const;

const LOOK_AT_ONE = {
  config: { scope: 'read' },
  schema: {
    ...ofOne,
    summary: 'Look at one service key',
    description: 'What is known of it; never the key itself.',
    response: { 200: ServiceKeySchema, ...problems },
  },
} as const;

const CHECK = {
  config: { scope: 'operate' },
  schema: {
    ...ofOne,
    summary: 'Test the connection',
    description: 'Reads columns and the first page of the roster with this key. Nothing is written in the LMS.',
    response: { 200: CheckSchema, ...problems, ...conflictProblem },
  },
} as const;

const DELETE = {
  config: { scope: 'operate' },
  schema: {
    ...ofOne,
    querystring: ReasonOnlySchema,
    summary: 'Delete a service key',
    description: 'Scores of its course use another key of the course, or wait for the next launch.',
    response: { 204: Type.Null(), ...problems },
  },
} as const;

export async function serviceKeyRoutes(app: Api, options: RouteOptions): Promise<void> {
  const { deps } = options;
  const { serviceKeys, audit, transact } = deps.store;
  app.addContentTypeParser(NDJSON_TYPES, async (_request: unknown, payload: unknown) => payload);
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.post('/service-keys', IMPORT, async (request, reply) => {
    const waker = wakerOf(request, options);
    const answers: ImportAnswer[] = [];
    const counts = { stored: 0, unchanged: 0, older: 0, invalid: 0, resumed: 0 };
    const { platforms, apiKeyId: apiKey } = callerOf(request);
    const origin = { apiKey, requestId: request.id, audit: entryOf(request, { subject: '', reason: 'handed in' }) };
    for await (const items of readItems(request)) {
      const imported = await importKeys(deps, items, { platforms, origin, first: answers.length });
      answers.push(...imported.answers);
      for (const { outcome } of imported.answers) counts[outcome] += 1;
      counts.resumed += imported.resumed;
      await waker.wake(imported.wakes);
    }
    const isTaken = answers.some(({ outcome }) => outcome !== 'invalid');
    return reply.code(isTaken ? 200 : 422).send({ serviceKeys: answers, ...counts, workflows: waker.links() });
  });

  app.get('/service-keys', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor, ...filter } = request.query;
    const { platforms } = callerOf(request);
    const after = decodeCursor(cursor, 'uuid');
    const records = await serviceKeys.list({ ...filter, platforms, after, limit: limit + 1 });
    const { rows, nextCursor } = toPage(records, limit, ({ id }) => id);
    return { serviceKeys: [...rows], nextCursor };
  });

  app.get('/service-keys/:id', LOOK_AT_ONE, async (request) => getServiceKey(request, request.params.id));

  app.post('/service-keys/:id/check', CHECK, async (request) => {
    const { id, context, platformId } = await getServiceKey(request, request.params.id);
    await assertNotPaused(deps.store.pauses, context);
    const isOk = (steps: readonly CheckStep[]): boolean => steps.every(({ ok }) => ok);
    const steps = await doOutside(request, audit, {
      entry: { subject: id, reason: null, platforms: [platformId] },
      work: () => checkKey(deps, id),
      saying: (done) => ({ ok: isOk(done) }),
    });
    return { ok: isOk(steps), steps };
  });

  app.delete('/service-keys/:id', DELETE, async (request, reply) => {
    const { platforms } = callerOf(request);
    const { id: subject, platformId } = await getServiceKey(request, request.params.id);
    const { reason } = request.query;
    await transact(async (store) => {
      if (!(await store.serviceKeys.delete({ id: subject, platforms }))) throw notFound('service key');
      await store.audit.insert(entryOf(request, { subject, reason, platforms: [platformId] }));
    });
    return reply.code(204).send(null);
  });

  async function getServiceKey(request: FastifyRequest, id: string): Promise<ServiceKeySummary> {
    const found = await serviceKeys.find({ id, platforms: callerOf(request).platforms });
    if (!found) throw notFound('service key');
    return found;
  }
}
