import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import Type from 'typebox';
import { addExamples } from '../samples/add-examples.js';
import { OPERATION_IDS } from '../operation-ids.js';
import { problemsAt } from '../problem-places.js';
import { problemCatalogue, problemTypeUrn } from '../problems.js';
import { problemAnswer } from '../schemas/problem.js';
import { giveNames, nameSchemas } from './name-schemas.js';

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;

const RETRY_AFTER = { 'retry-after': { type: 'integer', description: 'Seconds until it is worth another try.' } };

const IdempotencySchema = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x20-\\x7e]{1,255}$',
      description:
        'Carries the request out once, however often it is sent with this key within a day: a repetition gets the first ' +
        'answer, with `idempotent-replayed: true`. Refused with a stream of lines, which may be repeated safely.',
    }),
  ),
});

/**
 * What a route's description has from the route itself: its name for clients, its scope, and the answers that come from
 * what stands before it (key, limit, size and type of a body, Idempotency-Key). For the description alone; a route names the rest.
 */
export const describeRoute: Transform = ({ schema, url, route }) => {
  const { config, method } = route;
  const name = `${String(method)} ${url}`;
  if (schema.hide) return { schema, url };
  const operationId = OPERATION_IDS[name];
  if (operationId === undefined) throw new Error(`The route ${name} has no operation id.`);
  const response = toRecord(giveNames(schema.response));
  const add = (status: number, answer: unknown): void => void (response[status] ??= answer);
  // A body is read before anybody asks whether the route takes one.
  if (method !== 'GET') {
    add(413, problemAnswer('The body is too large.'));
    add(415, problemAnswer('The body has a type, or an encoding, that is not taken here.'));
  }
  if (url.includes(':')) add(404, problemAnswer('The path is not a valid one.'));
  add(431, problemAnswer('Address and headers are too large.'));
  if (config?.scope) {
    add(429, { ...problemAnswer('More requests in a minute than this key may make.'), headers: RETRY_AFTER });
  }
  if (config?.idempotent) {
    add(409, problemAnswer('A request with this Idempotency-Key is under way.'));
    add(422, problemAnswer('The Idempotency-Key belongs to a different request.'));
  }
  const scope = config?.scope;
  const [types, answers] = typesOfProblems(response, { operationId, tags: schema.tags ?? [] });
  return {
    url,
    schema: {
      ...schema,
      ...(schema.body !== undefined && { body: giveNames(schema.body) }),
      operationId,
      response: answers,
      'x-problem-types': types,
      ...(scope
        ? {
            description: `${String(schema.description)}${scope === 'any' ? '' : ` Needs the scope \`${scope}\`.`}`,
            'x-scope': scope,
          }
        : { security: [] }),
      ...(config?.idempotent && { headers: IdempotencySchema }),
      ...(config?.idempotentStreams && { 'x-idempotent-streams': true }),
    },
  };
};

/** The types of the problems with which it can answer, by status: `x-problem-types`, and in the words of each answer. */
function typesOfProblems(
  answers: Record<string, unknown>,
  operation: { operationId: string; tags: readonly string[] },
): [types: Record<string, string[]>, answers: Record<string, unknown>] {
  const types: Record<string, string[]> = {};
  const told = Object.entries(answers).map(([status, answer]): [string, unknown] => {
    const described = toRecord(answer);
    if (!('application/problem+json' in toRecord(described['content']))) return [status, answer];
    const names = problemsAt(Number(status), operation);
    types[status] = names.map(problemTypeUrn);
    const words = names.map((name) => `\`${name}\``).join(', ');
    return [status, { ...described, description: `${String(described['description'])} Types: ${words}.` }];
  });
  return [types, Object.fromEntries(told)];
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** Each schema that has a name once, under it; and an example for each body and answer. */
export function finishDescription(document: Record<string, unknown>): Record<string, unknown> {
  const { paths, schemas } = nameSchemas(document['paths']);
  const components = { ...toRecord(document['components']), schemas };
  return addExamples({ ...document, 'x-problems': listProblems(), paths, components });
}

/** Every type of problem, by its URN: those, too, that come before there is an operation. */
function listProblems(): Record<string, { status: number; title: string }> {
  const names = Object.keys(problemCatalogue).filter(
    (name): name is keyof typeof problemCatalogue => name in problemCatalogue,
  );
  return Object.fromEntries(names.map((name) => [problemTypeUrn(name), problemCatalogue[name]]));
}
