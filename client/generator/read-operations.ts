import type { Operation } from '../operation.js';
import { toNode, toNodes, within, type Node } from './schema.js';

/** An operation of the document, and the schemas of what it takes and gives. */
export interface DescribedOperation {
  id: string;
  summary: string;
  operation: Operation;
  /** Parts of the path and parameters of the query, as one object. */
  parameters: Node;
  body: Node | undefined;
  /** Undefined: nothing. */
  answer: Node | undefined;
  entry: Node | undefined;
}

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
const LINES_TYPE = 'application/x-ndjson';
const EVENTS_TYPE = 'text/event-stream';

/** @throws {Error} for an operation that the client could not call as it is */
export function readOperations(document: unknown): DescribedOperation[] {
  const schemas = within(document, 'components', 'schemas');
  return Object.entries(within(document, 'paths')).flatMap(([path, methods]) =>
    Object.entries(toNode(methods)).map(([method, described]) =>
      readOperation({ path, method, described: toNode(described), schemas }),
    ),
  );
}

interface Place {
  path: string;
  method: string;
  described: Node;
  schemas: Node;
}

function readOperation({ path, method, described, schemas }: Place): DescribedOperation {
  const id = String(described['operationId']);
  const parameters = toNodes(described['parameters']);
  const named = (place: string): Node[] => parameters.filter((parameter) => parameter['in'] === place);
  const inputs = [...named('path'), ...named('query')];
  const names = inputs.map(({ name }) => String(name));
  if (new Set([...names, 'body']).size <= names.length) throw new Error(`${id} has two inputs of one name.`);
  const contents = within(described, 'requestBody', 'content');
  const answers = readAnswers(described);
  const [first] = answers;
  const isEvents = first !== undefined && EVENTS_TYPE in first.content;
  const answer = first && toSchema(first.content[isEvents ? EVENTS_TYPE : JSON_TYPE]);
  const page = resolve(answer, schemas);
  const query = named('query').map(({ name }) => String(name));
  const entries = query.includes('cursor') ? entriesOf(id, page) : undefined;
  // Lines that are answered by lines are streamed, which is no method of its own.
  const isStream = first !== undefined && LINES_TYPE in first.content;
  const files = isStream ? [] : Object.keys(contents).filter((type) => type !== JSON_TYPE);
  return {
    ...{ id, answer, summary: String(described['summary']) },
    operation: {
      ...{ method: toMethod(method), path, query, answers: answers.map(({ status }) => status) },
      ...('requestBody' in described && { hasBody: true }),
      ...(named('header').some(({ name }) => name === 'idempotency-key') && { takesKey: true }),
      ...(files.length > 0 && { files }),
      ...(described['x-idempotent-streams'] === true && { takesKeyWithFile: true }),
      ...(entries !== undefined && { entries }),
      ...(isEvents && { hasEvents: true }),
    },
    parameters: {
      required: inputs.filter(({ required }) => required === true).map(({ name }) => name),
      properties: Object.fromEntries(
        inputs.map(({ name, schema, description }) => [String(name), { ...toNode(schema), description }]),
      ),
    },
    body: 'requestBody' in described ? toSchema(contents[JSON_TYPE]) : undefined,
    entry: entries === undefined ? undefined : within(page, 'properties', entries, 'items'),
  };
}

/** Answers that are no problems, by status. */
function readAnswers(described: Node): { status: number; content: Node }[] {
  return Object.entries(within(described, 'responses'))
    .map(([status, answer]) => ({ status: Number(status), content: within(answer, 'content') }))
    .filter(({ status, content }) => status < 300 || Object.keys(content).some((type) => type !== PROBLEM_TYPE))
    .toSorted((one, other) => one.status - other.status);
}

function toSchema(content: unknown): Node | undefined {
  return content === undefined ? undefined : within(content, 'schema');
}

function resolve(schema: Node | undefined, schemas: Node): Node {
  const reference = schema?.['$ref'];
  return typeof reference === 'string'
    ? within(schemas, reference.replace('#/components/schemas/', ''))
    : (schema ?? {});
}

/** The one list in a page. */
function entriesOf(id: string, page: Node): string {
  const properties = Object.entries(within(page, 'properties'));
  const [list, other] = properties.filter(([, property]) => toNode(property)['type'] === 'array');
  if (list === undefined || other !== undefined || !properties.some(([name]) => name === 'nextCursor')) {
    throw new Error(`${id} takes a cursor, and answers with no page.`);
  }
  return list[0];
}

function toMethod(method: string): Operation['method'] {
  const known = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((name) => name === method.toUpperCase());
  if (known === undefined) throw new Error(`The client has no method ${method}.`);
  return known;
}
