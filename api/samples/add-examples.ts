import { problemCatalogue } from '../problems.js';
import { ANSWER_TEXTS } from './answer-texts.js';
import { REQUEST_BODIES, REQUEST_TEXTS } from './request-bodies.js';
import { sampleOf, toSchema, type Schema } from './sample.js';

/** Gives each body, answer and problem of an OpenAPI document one example, where tools look for it. */
export function addExamples(document: Record<string, unknown>): Record<string, unknown> {
  const schemas = toSchema(toSchema(document['components'])['schemas']);
  const resolve = (ref: string): Schema => toSchema(schemas[ref.replace('#/components/schemas/', '')]);
  const paths = mapValues(document['paths'], (path) =>
    mapValues(path, (operation) => withExamples(toSchema(operation), resolve)),
  );
  return { ...document, paths };
}

function withExamples(operation: Schema, resolve: (ref: string) => Schema): Schema {
  const operationId = String(operation['operationId']);
  const types = toSchema(operation['x-problem-types']);
  const { requestBody, responses } = operation;
  return {
    ...operation,
    ...(requestBody !== undefined && {
      requestBody: withContent(requestBody, (type, schema) => exampleOfBody(operationId, type, schema, resolve)),
    }),
    responses: mapValues(responses, (answer, status) =>
      withContent(answer, (type, schema) =>
        type === 'application/problem+json'
          ? exampleOfProblem(types[status], status)
          : exampleOfAnswer(operationId, type, schema, resolve),
      ),
    ),
  };
}

function exampleOfBody(operationId: string, type: string, schema: Schema, resolve: (ref: string) => Schema): unknown {
  if (type === 'application/json') return REQUEST_BODIES[operationId] ?? sampleOf(schema, { resolve, whole: false });
  const text = REQUEST_TEXTS[operationId];
  // Of a file of lines and one of columns there is one example: the first is told.
  return text?.startsWith('{') === type.includes('csv') ? undefined : text;
}

function exampleOfAnswer(operationId: string, type: string, schema: Schema, resolve: (ref: string) => Schema): unknown {
  if (type === 'text/csv') return ANSWER_TEXTS[operationId];
  const sample = sampleOf(schema, { resolve, whole: true });
  return type === 'application/json' || type === 'text/event-stream' ? sample : undefined;
}

function exampleOfProblem(types: unknown, status: string): unknown {
  const type: unknown = Array.isArray(types) ? types[0] : undefined;
  const entry = Object.entries(problemCatalogue).find(([name]) => `urn:passback:problem:${name}` === type);
  if (!entry) return undefined;
  const [, { title }] = entry;
  return { type, title, status: Number(status), detail: title };
}

function withContent(holder: unknown, toExample: (type: string, schema: Schema) => unknown): Schema {
  const held = toSchema(holder);
  if (held['content'] === undefined) return held;
  const content = mapValues(held['content'], (media, type) => {
    const example = toExample(type, toSchema(toSchema(media)['schema']));
    return { ...toSchema(media), ...(example !== undefined && { example }) };
  });
  return { ...held, content };
}

function mapValues(value: unknown, map: (entry: unknown, key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(toSchema(value)).map(([key, entry]) => [key, map(entry, key)]));
}
