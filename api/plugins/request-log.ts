import fastifyPlugin from 'fastify-plugin';

/** Logs each request once, by its route: paths, queries, headers and bodies may hold what a log must not. */
export const requestLogPlugin = fastifyPlugin(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
    });
    app.addHook('onResponse', async (request, reply) => {
      const { method } = request;
      const facts = {
        method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      };
      request.log.info({ ...facts, caller: request.caller?.apiKeyId }, 'request');
    });
  },
  { name: 'request-log' },
);
