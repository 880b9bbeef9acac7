import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { OPERATION_IDS } from '../operation-ids.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Ids of the workflows that were started or told on its behalf. */
    told: Set<string>;
  }
}

/** Of the workflows that a request told so many are named. */
const MOST_TOLD = 5;
/** Asked again and again by machines: only their failures are worth a line. */
const PROBES: ReadonlySet<string | undefined> = new Set(['isAlive', 'isReady']);

/** Logs each request once, by its operation: paths, queries, headers and bodies may hold what a log must not. */
export const requestLogPlugin = fastifyPlugin(
  async (app) => {
    app.decorateRequest('told');
    app.addHook('onRequest', async (request, reply) => {
      request.told = new Set();
      reply.header('x-request-id', request.id);
    });
    app.addHook('onResponse', async (request, reply) => {
      const level = PROBES.has(operationOf(request)) && reply.statusCode < 400 ? 'debug' : 'info';
      request.log[level](toFacts(request, reply), 'request');
    });
  },
  { name: 'request-log' },
);

function operationOf({ method, routeOptions: { url } }: FastifyRequest): string | undefined {
  return OPERATION_IDS[`${method === 'HEAD' ? 'GET' : method} ${url}`];
}

function toFacts(request: FastifyRequest, reply: FastifyReply): Record<string, unknown> {
  const { caller, method, told } = request;
  return {
    operation: operationOf(request),
    method,
    route: request.routeOptions.url,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
    caller: caller?.apiKeyId,
    ...(told.size > 0 && { workflows: [...told].slice(0, MOST_TOLD), workflowsTold: told.size }),
  };
}
