import { pointerTo } from '../domain/json-pointer.js';
import { unknownName } from '../domain/nearest-name.js';
import { cutPlace, MOST_PARTS, type ProblemPart } from './problems.js';

/** A schema as far as names are concerned. */
type Schema = Readonly<Record<string, unknown>>;

/**
 * The schema with each of its objects closed, unless the object itself says `additionalProperties`: what TypeBox writes
 * is open, and an open object lets a misspelt name pass in silence.
 */
export function closeSchema(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  if ('allOf' in schema) throw new Error('Parts of allOf would refuse the names of each other: write one object.');
  const closed: Record<string, unknown> = { ...schema };
  for (const name of ['properties', 'content']) {
    const inner = schema[name];
    if (isRecord(inner)) closed[name] = mapValues(inner, closeSchema);
  }
  for (const name of ['anyOf', 'oneOf']) {
    const inner = schema[name];
    if (Array.isArray(inner)) closed[name] = inner.map(closeSchema);
  }
  for (const name of ['items', 'schema']) if (name in schema) closed[name] = closeSchema(schema[name]);
  if ('properties' in schema) closed['additionalProperties'] ??= false;
  return closed;
}

/** The names in `value` that its closed schema does not know, the first {@link MOST_PARTS}; `place` begins the sentence. */
export function findUnknownNames(schema: unknown, value: unknown, place: string): ProblemPart[] {
  const parts: ProblemPart[] = [];
  collect(branchesOf(schema), value, { place, pointer: '' }, parts);
  return parts;
}

interface Place {
  place: string;
  pointer: string;
}

/** Where a schema has branches, a name is known when one of them knows it; which of them is meant, the validator decides. */
function collect(branches: readonly Schema[], value: unknown, where: Place, parts: ProblemPart[]): void {
  if (Array.isArray(value)) {
    const items = branches.flatMap(({ items: inner }) => branchesOf(inner));
    if (!items.some(reachesObjects)) return;
    for (const [index, item] of value.entries()) {
      if (parts.length >= MOST_PARTS) return;
      collect(items, item, within(where, String(index)), parts);
    }
    return;
  }
  if (!isRecord(value)) return;
  const objects = branches.flatMap(({ properties, additionalProperties }) =>
    isRecord(properties) ? [{ properties, isOpen: additionalProperties !== false }] : [],
  );
  const known = [...new Set(objects.flatMap(({ properties }) => Object.keys(properties)))];
  const isClosed = objects.length > 0 && !objects.some(({ isOpen }) => isOpen) && !branches.some(takesAnyObject);
  for (const [name, member] of Object.entries(value)) {
    if (parts.length >= MOST_PARTS) return;
    const inner = objects.flatMap(({ properties }) =>
      Object.hasOwn(properties, name) ? branchesOf(properties[name]) : [],
    );
    if (inner.length > 0) collect(inner, member, within(where, name), parts);
    else if (isClosed && !known.includes(name)) {
      parts.push({ pointer: cutPlace(within(where, name).pointer), detail: unknownName(where.place, name, known) });
    }
  }
}

function branchesOf(schema: unknown): Schema[] {
  if (!isRecord(schema)) return [];
  const { anyOf, oneOf } = schema;
  const branches = [anyOf, oneOf].flatMap((inner): unknown[] => (Array.isArray(inner) ? inner : []));
  return branches.length > 0 ? branches.flatMap(branchesOf) : [schema];
}

/** A record, or a schema without a type. */
function takesAnyObject({ type, properties, enum: choices, const: only }: Schema): boolean {
  if (properties !== undefined || choices !== undefined || only !== undefined) return false;
  return type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'));
}

function reachesObjects({ properties, items }: Schema): boolean {
  return properties !== undefined || items !== undefined;
}

function within({ place, pointer }: Place, name: string): Place {
  return { place: pointer === '' ? name : `${place}.${name}`, pointer: pointerTo(pointer, name) };
}

function mapValues(record: Schema, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
