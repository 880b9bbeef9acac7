import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { hasScope, type Caller, type Callers, type Scope } from '../callers.js';
import { ProblemError } from '../problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a caller needs, or that any will do. Every route below /v1 must name one. */
    scope?: Scope | 'any';
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** Lets in callers with a living API key and the scope of the route. https://www.rfc-editor.org/rfc/rfc6750 */
export const authPlugin = fastifyPlugin<{ callers: Callers }>(
  async (app, { callers }) => {
    app.decorateRequest('caller', null);
    app.addHook('onRoute', ({ url, config }) => {
      if (!config?.scope) throw new Error(`The route ${url} names no scope.`);
    });
    app.addHook('onRequest', async (request) => {
      const secret = secretOf(request);
      const caller = secret === undefined ? undefined : await callers.find(secret, request.ip);
      if (!caller) {
        throw new ProblemError('unauthorized', 'Send a valid API key as "Authorization: Bearer <key>".', {
          headers: { 'www-authenticate': 'Bearer' },
        });
      }
      request.caller = caller;
      const { scope } = request.routeOptions.config;
      if (scope !== 'any' && (!scope || !hasScope(caller, scope))) {
        throw new ProblemError('forbidden', `This needs an API key with the scope "${scope ?? 'admin'}".`);
      }
    });
  },
  { name: 'auth' },
);

/** Who makes this request; there is always somebody below /v1. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('A route that needs a caller lies outside /v1.');
  return request.caller;
}

/** The API key that a request carries, whatever it is worth. */
export function secretOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}
