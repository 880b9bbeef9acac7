import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { SandboxState } from '../state/sandbox-state.js';
import { gradebookPage } from './gradebook.js';
import { favicon } from './layout.js';
import { overviewPage } from './overview.js';

/** Seconds between reloads, 0 for none; a page that reloads more often than once a second cannot be read. */
const refresh = Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 }));
const defaultRefreshSeconds = 5;

/** The pages for people. */
export const pageRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  const favicons = ['/favicon.svg', '/favicon.ico'];
  for (const path of favicons) {
    app.get(path, (_request, reply) => reply.header('content-type', 'image/svg+xml').send(favicon));
  }

  app.get('/', { schema: { querystring: Type.Object({ refresh }) } }, (request, reply) =>
    sendPage(
      reply,
      overviewPage(state.store.platforms(), state.store.contexts(), request.query.refresh ?? defaultRefreshSeconds),
    ),
  );

  const text = Type.Optional(Type.String());
  const schema = {
    params: Type.Object({ contextId: Type.String() }),
    querystring: Type.Object({ refresh, platformId: text, deploymentId: text }),
  };
  app.get('/gradebook/:contextId', { schema }, (request, reply) => {
    const { refresh: seconds = defaultRefreshSeconds, ...platform } = request.query;
    const context = state.store.getContext({ ...request.params, ...platform });
    const { platformId } = context.platform;
    const latest = state.journal.latest(20, { contextId: context.contextId, platformId });
    return sendPage(reply, gradebookPage(context, latest, seconds));
  });
  done();
};

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'")
    .header('cache-control', 'no-store')
    .send(page);
}
