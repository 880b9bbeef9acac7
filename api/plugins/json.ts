import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { ProblemError } from '../problems.js';

/** Levels of objects and lists; nothing that we take has ten. What is deeper overflows the stack of whoever walks it. */
const MOST_DEPTH = 100;

/** Reads JSON bodies, and numbers of query strings. */
export const jsonPlugin = fastifyPlugin(
  async (app) => {
    app.decorateRequest('jsonBytes', 0);
    app.removeContentTypeParser(['application/json', 'text/plain']);
    app.addContentTypeParser(
      /^application\/([\w.-]+\+)?json(;|$)/,
      { parseAs: 'buffer' },
      async (request: FastifyRequest, body: string | Buffer) => {
        request.jsonBytes = body.length;
        return parseJson(Buffer.from(body));
      },
    );
    // Query strings hold text only; a number or flag is meant where the whole of it is one.
    app.addHook('preValidation', async (request) => {
      const { schema } = request.routeOptions;
      // No body is as good as an empty object: what is missing from it is named.
      if (isOfType(schema?.body, 'object')) request.body ??= {};
      const { query } = request;
      if (typeof query !== 'object' || query === null) return;
      for (const name of namesOf(schema?.querystring, 'integer', 'boolean')) {
        const value: unknown = Reflect.get(query, name);
        if (typeof value === 'string' && /^(0|[1-9]\d{0,8}|true|false)$/.test(value))
          Reflect.set(query, name, JSON.parse(value));
      }
      // What may be repeated and is given once is a list of one.
      for (const name of namesOf(schema?.querystring, 'array')) {
        const value: unknown = Reflect.get(query, name);
        if (typeof value === 'string') Reflect.set(query, name, [value]);
      }
    });
  },
  { name: 'json' },
);

type SchemaType = 'array' | 'boolean' | 'integer' | 'object';

function namesOf(schema: unknown, ...types: SchemaType[]): string[] {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return [];
  return Object.entries(schema.properties ?? {})
    .filter(([, property]: [string, unknown]) => types.some((type) => isOfType(property, type)))
    .map(([name]) => name);
}

const isOfType = (schema: unknown, type: SchemaType): boolean =>
  typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === type;

/** An empty body is none: many clients name the type of a body that they do not send. */
function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new ProblemError('malformed-json', 'The body is not valid UTF-8.');
  const json = body.toString('utf8').replace(/^\uFEFF/, '');
  if (json.trim() === '') return undefined;
  const value = toValue(json);
  if (isDeeperThan(value, MOST_DEPTH)) {
    throw new ProblemError('invalid-request', `The body is nested more than ${MOST_DEPTH} deep.`, { pointer: '' });
  }
  return value;
}

function toValue(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ProblemError('malformed-json', 'The body is not JSON. NaN and Infinity are not either.');
  }
}

/** Level by level: what is looked for would overflow the stack. */
function isDeeperThan(value: unknown, most: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((one): unknown[] => (isNest(one) ? Object.values(one).filter(isNest) : []));
  }
  return false;
}

function isNest(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
