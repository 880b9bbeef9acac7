import { closeSchema } from '../closed-schema.js';
import { SCHEMA_NAMES } from '../schema-names.js';

/** Schemas by name, as `#/components/schemas` has them. */
type Named = Map<string, unknown>;

/** What a schema is written as in a body, where objects are closed, and in an answer. */
const nameOfText = new Map(
  Object.entries(SCHEMA_NAMES).flatMap(([name, schema]) =>
    [schema, closeSchema(schema)].map((written): [string, string] => [JSON.stringify(written), name]),
  ),
);

/**
 * A schema of a route in which each that has a name says so in its `title`: here, since what makes the document of it
 * writes constants and records in another way.
 */
export function giveNames(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(giveNames);
  if (typeof node !== 'object' || node === null) return node;
  const title = nameOfText.get(JSON.stringify(node));
  return { ...mapValues(node, giveNames), ...(title !== undefined && { title }) };
}

/**
 * The paths of an OpenAPI document with references in place of the schemas whose `title` can be a name, and those.
 * @throws {Error} when two schemas that differ have one name
 */
export function nameSchemas(paths: unknown): { paths: unknown; schemas: Record<string, unknown> } {
  const named: Named = new Map();
  const told = mapValues(referTo(paths, named), (path) =>
    mapValues(path, (operation) => nameBodies(toRecord(operation), named)),
  );
  return { paths: told, schemas: Object.fromEntries([...named].toSorted(([one], [other]) => (one < other ? -1 : 1))) };
}

function referTo(node: unknown, named: Named): unknown {
  if (Array.isArray(node)) return node.map((entry) => referTo(entry, named));
  if (typeof node !== 'object' || node === null) return node;
  const copy = mapValues(node, (value) => referTo(value, named));
  const { title } = copy;
  const isSchema = 'type' in copy || 'anyOf' in copy;
  return isSchema && typeof title === 'string' && /^[A-Z][A-Za-z]+$/.test(title) ? refer(title, copy, named) : copy;
}

/** What is an operation's alone is named after it: `ListScoresAnswer`, `RetryScoresBody`. */
function nameBodies(operation: Record<string, unknown>, named: Named): Record<string, unknown> {
  const { operationId, requestBody, responses } = operation;
  const id = String(operationId);
  const subject = id.slice(0, 1).toUpperCase() + id.slice(1);
  return {
    ...operation,
    ...(requestBody !== undefined && { requestBody: nameContent(requestBody, `${subject}Body`, named) }),
    responses: mapValues(responses, (answer) => nameContent(answer, `${subject}Answer`, named)),
  };
}

function nameContent(holder: unknown, name: string, named: Named): unknown {
  const { content, ...others } = toRecord(holder);
  const json = toRecord(toRecord(content)['application/json']);
  const schema = toRecord(json['schema']);
  if (schema['type'] !== 'object' && !('anyOf' in schema)) return holder;
  return {
    ...others,
    content: { ...toRecord(content), 'application/json': { ...json, schema: refer(name, schema, named) } },
  };
}

function refer(name: string, schema: unknown, named: Named): { $ref: string } {
  const known = named.get(name);
  if (known && JSON.stringify(known) !== JSON.stringify(schema)) throw new Error(`Two schemas are called ${name}.`);
  named.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

function mapValues(value: unknown, map: (entry: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(toRecord(value)).map(([key, entry]) => [key, map(entry)]));
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
