/** Values made from JSON schemas. */
import fc from 'fast-check';
import { at, type Json } from './app.js';

/** JSON as it is written, which may be JSON that `JSON.stringify` never writes. */
export type Tree = null | boolean | number | string | Literal | Tree[] | { [name: string]: Tree };

/** Written as it stands. */
export class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Texts that a member of this name might well have, by which a value gets past the first look. */
export type Known = (name: string) => readonly string[];

/** As JSON. Members stand in order, whatever they are called. */
export function writeTree(tree: Tree): string {
  if (tree instanceof Literal) return tree.text;
  if (Array.isArray(tree)) return `[${tree.map(writeTree).join(',')}]`;
  if (!isMembers(tree)) return JSON.stringify(tree);
  const members = Object.entries(tree).map(([name, value]) => `${JSON.stringify(name)}:${writeTree(value)}`);
  return `{${members.join(',')}}`;
}

/** Values that the schema allows, as far as it says; `name` is that of the member which holds them. */
export function fromSchema(schema: Json | undefined, known: Known, name = ''): fc.Arbitrary<Tree> {
  const choices = at(schema, 'anyOf') ?? at(schema, 'oneOf');
  if (Array.isArray(choices)) return fc.oneof(...choices.map((choice) => fromSchema(choice, known, name)));
  const fixed = at(schema, 'enum');
  if (Array.isArray(fixed)) return fc.constantFrom(...fixed);
  const only = at(schema, 'const');
  if (only !== undefined) return fc.constant(only);
  const type = at(schema, 'type');
  const types = Array.isArray(type) ? type : [type];
  return fc.oneof(...types.map((one) => ofType(typeof one === 'string' ? one : '', schema, known, name)));
}

function ofType(type: string, schema: Json | undefined, known: Known, name: string): fc.Arbitrary<Tree> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: numberAt(schema, 'minimum') ?? -5, max: numberAt(schema, 'maximum') ?? 2 ** 31 });
    case 'number':
      return ofNumber(schema);
    case 'string':
      return ofText(schema, known(name));
    case 'array': {
      const minLength = numberAt(schema, 'minItems') ?? 0;
      const maxLength = Math.min(numberAt(schema, 'maxItems') ?? 4, 4);
      const item = fromSchema(at(schema, 'items'), known, name);
      const options = { minLength, maxLength: Math.max(minLength, maxLength) };
      return at(schema, 'uniqueItems') === true ? fc.uniqueArray(item, options) : fc.array(item, options);
    }
    case 'object':
      return ofObject(schema, known);
    default:
      return fc.jsonValue({ maxDepth: 2 }).map(toTree);
  }
}

function ofObject(schema: Json | undefined, known: Known): fc.Arbitrary<Tree> {
  const members = Object.entries(at(schema, 'properties') ?? {}).map(
    ([name, inner]: [string, Json]): [string, fc.Arbitrary<Tree>] => [name, fromSchema(inner, known, name)],
  );
  if (members.length === 0) return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string());
  const required = at(schema, 'required');
  const requiredKeys = Array.isArray(required) ? required.map(String) : [];
  return fc.record(Object.fromEntries(members), { requiredKeys });
}

function ofNumber(schema: Json | undefined): fc.Arbitrary<number> {
  const above = numberAt(schema, 'exclusiveMinimum');
  const min = above ?? numberAt(schema, 'minimum') ?? -1e9;
  const max = numberAt(schema, 'maximum') ?? 1e9;
  const isInside = (value: number): boolean => value > (above ?? -Infinity) && value >= min && value <= max;
  const usual = [0, 1, 7.5, 10, 100].filter(isInside);
  const any = fc.double({ min, max, minExcluded: above !== undefined, noNaN: true });
  return usual.length === 0 ? any : fc.oneof(fc.constantFrom(...usual), any);
}

const INSTANTS = [
  ...['2026-01-01T10:00:00Z', '2025-06-30T23:59:59.999999+14:00', '1970-01-01T00:00:00-12:00', '9999-12-31T23:59:59Z'],
  ...['0001-01-01T00:00:00Z', '2016-12-31T23:59:60Z'],
];

function ofText(schema: Json | undefined, known: readonly string[]): fc.Arbitrary<string> {
  const minLength = numberAt(schema, 'minLength') ?? 0;
  const maxLength = numberAt(schema, 'maxLength') ?? 100;
  const pattern = at(schema, 'pattern');
  const isOpen = typeof pattern !== 'string' || pattern === '^[^\\u0000]*$';
  const free = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 12) }),
    },
    { weight: 1, arbitrary: fc.constant('x'.repeat(Math.min(maxLength, 5_000))) },
  );
  const any =
    at(schema, 'format') === 'date-time'
      ? fc.constantFrom(...INSTANTS)
      : isOpen
        ? free
        : fc.stringMatching(withoutLookahead(pattern), { size: 'small' });
  return known.length === 0
    ? any
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: any });
}

/** fast-check follows none; what it makes is then wrong at times. */
function withoutLookahead(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll(/\(\?=[^)]*\)/g, ''));
}

export function isMembers(tree: Tree): tree is { [name: string]: Tree } {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !(tree instanceof Literal);
}

function numberAt(schema: Json | undefined, name: string): number | undefined {
  const value = at(schema, name);
  return typeof value === 'number' ? value : undefined;
}

/** What fast-check calls a JSON value. */
export function toTree(value: unknown): Tree {
  return new Literal(JSON.stringify(value));
}
