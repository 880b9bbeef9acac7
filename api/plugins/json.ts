import { isUtf8 } from 'node:buffer';
import fastifyPlugin from 'fastify-plugin';
import { ProblemError } from '../problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No body is as good as an empty object. */
    bodyIsOptional?: boolean;
  }
}

/** Reads JSON bodies, and numbers of query strings. */
export const jsonPlugin = fastifyPlugin(
  async (app) => {
    app.removeContentTypeParser(['application/json', 'text/plain']);
    app.addContentTypeParser(
      /^application\/([\w.-]+\+)?json(;|$)/,
      { parseAs: 'buffer' },
      async (_request: unknown, body: string | Buffer) => parseJson(Buffer.from(body)),
    );
    // Query strings hold text only; a number or flag is meant where the whole of it is one.
    app.addHook('preValidation', async (request) => {
      if (request.routeOptions.config.bodyIsOptional) request.body ??= {};
      const { query } = request;
      if (typeof query !== 'object' || query === null) return;
      for (const name of ['limit', 'parked', 'paused', 'active', 'ended']) {
        const value: unknown = Reflect.get(query, name);
        if (typeof value === 'string' && /^(\d{1,9}|true|false)$/.test(value))
          Reflect.set(query, name, JSON.parse(value));
      }
    });
  },
  { name: 'json' },
);

/** An empty body is none: many clients name the type of a body that they do not send. */
function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new ProblemError('malformed-json', 'The body is not valid UTF-8.');
  const json = body.toString('utf8').replace(/^\uFEFF/, '');
  if (json.trim() === '') return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw new ProblemError('malformed-json', 'The body is not JSON. NaN and Infinity are not either.');
  }
}
