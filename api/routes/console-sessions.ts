import Type from 'typebox';
import { decodeCursor, DEFAULT_PAGE_SIZE, toPage } from '../paging.js';
import { callerOf } from '../plugins/auth.js';
import { entryOf } from '../plugins/deeds.js';
import { notFound } from '../problems.js';
import { IdParamsSchema, pageQueryProperties, pageSchema, ReasonOnlySchema } from '../schemas/building-blocks.js';
import { ConsoleSessionSchema } from '../schemas/console-session.js';
import { commonProblems, notFoundProblem } from '../schemas/problem.js';
import type { Api, RouteOptions } from '../route.js';

const tags = ['API keys'];

const LIST = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'List sessions of the console',
    description: 'Who is signed in to `/console` now, newest first.',
    querystring: Type.Object(pageQueryProperties),
    response: { 200: pageSchema({ consoleSessions: Type.Array(ConsoleSessionSchema) }), ...commonProblems },
  },
} as const;

const END = {
  config: { scope: 'admin' },
  schema: {
    tags,
    summary: 'End a session of the console',
    description: 'At once. To revoke its API key ends all sessions of the key.',
    params: IdParamsSchema,
    querystring: ReasonOnlySchema,
    response: { 204: Type.Null(), ...commonProblems, ...notFoundProblem },
  },
} as const;

export async function consoleSessionRoutes(app: Api, { deps }: RouteOptions): Promise<void> {
  const { consoleSessions } = deps.store;

  app.get('/console-sessions', LIST, async (request) => {
    const { limit = DEFAULT_PAGE_SIZE, cursor } = request.query;
    const { platforms } = callerOf(request);
    const found = await consoleSessions.list({ platforms, after: decodeCursor(cursor, 'uuid'), limit: limit + 1 });
    const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
    return { consoleSessions: [...rows], nextCursor };
  });

  app.delete('/console-sessions/:id', END, async (request, reply) => {
    const { id } = request.params;
    const { reason } = request.query;
    const { platforms } = callerOf(request);
    const audit = entryOf(request, { subject: id, reason });
    if (!(await consoleSessions.end({ id, platforms, audit }))) throw notFound('session');
    return reply.code(204).send(null);
  });
}
