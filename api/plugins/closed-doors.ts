import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { closeSchema, findUnknownNames } from '../closed-schema.js';
import { findUnstorable } from '../find-unstorable.js';
import { cutPlace, ProblemError } from '../problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body holds items that are judged one by one, by the route: one bad name must not refuse the others. */
    bodyIsItems?: boolean;
    /** The route itself refuses or mends texts that cannot be stored: an LMS wrote them, and only its ids must be right. */
    readsTexts?: boolean;
  }
}

const NOTHING = closeSchema({ type: 'object', properties: {} });

/**
 * Closes the query and the body of every route that is registered after it: a name that the route's schema does not know
 * is refused by name, before anything else of the request is looked at, and so is a text that cannot be stored. A route without a schema takes nothing.
 * It is not left to the validator, because routes that take files have none, and because Ajv cannot say what was meant.
 */
export const closedDoorsPlugin = fastifyPlugin(
  async (app) => {
    app.addHook('onRoute', (route) => {
      const query = closeSchema(route.schema?.querystring) ?? NOTHING;
      const body = closeSchema(route.schema?.body);
      route.schema = { ...route.schema, querystring: query, ...(body !== undefined && { body }) };
      const checksBody = !route.config?.bodyIsItems;
      const checksTexts = checksBody && !route.config?.readsTexts;
      const refuseUnknown = async (request: FastifyRequest): Promise<void> => {
        refuse(findUnknownNames(query, request.query, 'The query'));
        if (checksBody) refuseInBody(body, request.body);
        refuseUnstorable(request.query);
        if (checksTexts && !(request.body instanceof Readable)) refuseUnstorable(request.body);
      };
      route.preValidation = [refuseUnknown, ...[route.preValidation ?? []].flat()];
    });
  },
  { name: 'closed-doors', dependencies: ['json'] },
);

function refuseInBody(schema: unknown, body: unknown): void {
  if (body === undefined || body === null) return;
  if (schema === undefined && (typeof body !== 'object' || Array.isArray(body) || body instanceof Readable)) {
    throw new ProblemError('invalid-request', 'This takes no body.', { pointer: '' });
  }
  if (body instanceof Readable) return;
  refuse(findUnknownNames(schema === undefined ? NOTHING : jsonOf(schema), body, 'The body'));
}

/** NUL, which PostgreSQL does not take, and half a surrogate pair, which it would keep as another character. */
function refuseUnstorable(value: unknown): void {
  const found = findUnstorable(value);
  if (found === undefined) return;
  const pointer = cutPlace(found);
  const detail = `${pointer.slice(1) || 'A name'} holds a character that cannot be stored.`;
  throw new ProblemError('invalid-request', detail, { pointer });
}

/** Where a route names types of content, one of them is JSON; the others are streams. */
function jsonOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || !('content' in schema)) return schema;
  const { content } = schema;
  if (typeof content !== 'object' || content === null) return undefined;
  const json: unknown = Reflect.get(content, 'application/json');
  return typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
}

function refuse(errors: ReturnType<typeof findUnknownNames>): void {
  const [first] = errors;
  if (first) throw new ProblemError('invalid-request', first.detail, { pointer: first.pointer, errors });
}
