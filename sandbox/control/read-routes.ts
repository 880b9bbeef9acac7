import { Readable } from 'node:stream';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { JournalQuerySchema, type Grade } from '../schemas/journal.js';
import type { SandboxState } from '../state/sandbox-state.js';
import { toGrades } from './to-view.js';

const onPlatform = Type.Object({
  platformId: Type.Optional(Type.String()),
  deploymentId: Type.Optional(Type.String()),
});

/** What happened: the journal of calls and the gradebooks. Long lists also come as NDJSON. */
export const readRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  const journalQuery = { querystring: JournalQuerySchema };

  app.get('/_sandbox/health', () => ({
    platforms: state.store.platforms().length,
    contexts: state.store.contexts().length,
    journal: state.journal.size(),
  }));

  app.get('/_sandbox/journal', { schema: journalQuery }, (request, reply) =>
    sendJson(reply, state.journal.page(request.query)),
  );

  app.get('/_sandbox/journal.ndjson', { schema: journalQuery }, (request, reply) =>
    sendLines(reply, state.journal.page(request.query).entries),
  );

  app.get('/_sandbox/journal/summary', { schema: journalQuery }, (request, reply) =>
    sendJson(reply, state.journal.summary(request.query)),
  );

  app.delete('/_sandbox/journal', (_request, reply) => {
    state.journal.clear();
    return reply.code(204).send();
  });

  app.get('/_sandbox/gradebook', (_request, reply) => sendJson(reply, { grades: [...allGrades(state)] }));

  app.get('/_sandbox/gradebook.ndjson', (_request, reply) => sendLines(reply, allGrades(state)));

  const contextParams = Type.Object({ contextId: Type.String() });
  app.get(
    '/_sandbox/gradebook/:contextId',
    { schema: { params: contextParams, querystring: onPlatform } },
    (request, reply) => {
      const context = state.store.getContext({ ...request.params, ...request.query });
      return sendJson(reply, { grades: [...toGrades(context)] });
    },
  );
  done();
};

function* allGrades(state: SandboxState): Generator<Grade> {
  for (const context of state.store.contexts()) yield* toGrades(context);
}

function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
}

function sendLines(reply: FastifyReply, rows: Iterable<unknown>): FastifyReply {
  return reply.header('content-type', 'application/x-ndjson').send(Readable.from(toChunks(rows)));
}

/** A few thousand rows a chunk: one row a chunk would cost more in stream calls than in writing. */
function* toChunks(rows: Iterable<unknown>): Generator<string> {
  let lines: string[] = [];
  for (const row of rows) {
    lines.push(JSON.stringify(row));
    if (lines.length < 2000) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
