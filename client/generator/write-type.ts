import { toNode, toNodes, toTexts, type Node } from './schema.js';

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** Schemas that are written by hand, or under another name. */
export type Rename = (name: string) => string;

/** A JSON schema as a type. @throws {Error} for a schema of a kind that the API did not have so far */
export function writeType(schema: Node, rename: Rename): string {
  if (typeof schema['$ref'] === 'string') return rename(schema['$ref'].replace('#/components/schemas/', ''));
  if ('enum' in schema) return unite(toConstants(schema['enum']));
  if ('const' in schema) return JSON.stringify(schema['const']);
  if ('anyOf' in schema) return unite(toNodes(schema['anyOf']).map((one) => writeType(one, rename)));
  // Whoever reads the text for the caller has parsed it.
  if ('contentSchema' in schema) return writeType(toNode(schema['contentSchema']), rename);
  const types = Array.isArray(schema['type']) ? toTexts(schema['type']) : [schema['type']];
  return unite(types.map((type) => writeOfType(type, schema, rename)));
}

function writeOfType(type: unknown, schema: Node, rename: Rename): string {
  if (type === undefined && Object.keys(schema).every((name) => name === 'description')) return 'unknown';
  if (type === 'array') return `(${writeType(toNode(schema['items']), rename)})[]`;
  if (type === 'object') return writeObject(schema, rename);
  const primitive = PRIMITIVES[String(type)];
  if (primitive === undefined) throw new Error(`No type can be written for ${JSON.stringify(schema)}`);
  return primitive;
}

/** Members that may stand there beside the described ones are left out: a wrong name would be no error then. */
function writeObject(schema: Node, rename: Rename): string {
  const members = writeMembers(schema, rename);
  if (members !== '') return `{ ${members} }`;
  const others = schema['additionalProperties'];
  const isTyped = typeof others === 'object' && Object.keys(toNode(others)).length > 0;
  return `Record<string, ${isTyped ? writeType(toNode(others), rename) : 'unknown'}>`;
}

/** The members of an object, each with what is said of it. */
export function writeMembers(schema: Node, rename: Rename): string {
  const required = toTexts(schema['required']);
  return Object.entries(toNode(schema['properties']))
    .map(([name, property]) => {
      const node = toNode(property);
      const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
      return `${writeComment(node['description'])}${key}${required.includes(name) ? '' : '?'}: ${writeType(node, rename)};`;
    })
    .join(' ');
}

export function writeComment(text: unknown): string {
  return typeof text === 'string' ? `\n/** ${text.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ')} */\n` : '';
}

function toConstants(values: unknown): string[] {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : [];
}

function unite(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}
