/** Fills what a schema describes with canaries: each field that takes any text gets one of its own. */
import { sampleOf, toSchema, type Schema } from '../../api/samples/sample.js';
import type { Canaries } from './canary.js';
import { classOfNumber, classOfText, type FieldPath } from './fields.js';

export interface Filling {
  canaries: Canaries;
  resolve: (ref: string) => Schema;
  /** Which of several forms: of each union one, the outer ones first as digits of this number. */
  round: number;
  /** What objects hold of which the schema does not say it, by their path. */
  objects: Readonly<Record<string, Schema>>;
  /** Fields that got one. */
  filled: Set<string>;
}

/** What nobody writes words into: of a set, or read as a time or one of our ids. */
const UUID = '11111111-1111-4111-8111-111111111111';
const FIXED_FORMATS = ['date-time', 'uuid', 'date'];

/** What stands for itself, with no other forms. */
export function fillFreely(schema: Schema, path: FieldPath, canaries: Canaries): unknown {
  return fill(schema, path, { canaries, filled: new Set(), objects: {}, round: 0, resolve: () => ({}) });
}

/** @throws for a field whose class nobody has told */
export function fill(schema: Schema, path: FieldPath, filling: Filling): unknown {
  const { resolve, round } = filling;
  const next = (inner: unknown, ...names: string[]): unknown => fill(toSchema(inner), [...path, ...names], filling);
  if (typeof schema['$ref'] === 'string') return next(resolve(schema['$ref']));
  const variants = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(variants)) {
    const some = variants.filter((variant) => toSchema(variant)['type'] !== 'null');
    const inner = { ...filling, round: Math.floor(round / some.length) };
    return fill(toSchema(some[round % some.length]), path, inner);
  }
  if ('const' in schema || Array.isArray(schema['enum'])) return sample(schema, path, filling);
  const type = [schema['type']].flat().find((one) => one !== 'null');
  if (type === 'array') return [next(schema['items'])];
  if (type === 'object') return fillObject(schema, path, filling, next);
  if (type === 'string') return fillText(schema, path, filling);
  if (type === 'number') return fillNumber(schema, path, filling);
  if (type === undefined) return { [word(path, filling)]: word(path, filling) };
  return sample(schema, path, filling);
}

function fillObject(
  schema: Schema,
  path: FieldPath,
  filling: Filling,
  next: (inner: unknown, name: string) => unknown,
): unknown {
  const members = Object.entries(toSchema(schema['properties']));
  if (members.length === 0) {
    const known = filling.objects[path.join('.')];
    return known ? fill(known, path, filling) : { [word(path, filling)]: word(path, filling) };
  }
  return Object.fromEntries(members.map(([name, inner]) => [name, next(inner, name)]));
}

function fillText(schema: Schema, path: FieldPath, filling: Filling): unknown {
  const { format, pattern } = schema;
  if (typeof format === 'string' && FIXED_FORMATS.includes(format)) return sample(schema, path, filling);
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test('word')) {
    const fixed = [UUID, '5'].find((text) => new RegExp(pattern, 'u').test(text));
    if (fixed === undefined) throw new Error(`${path.join('.')} takes no canary: ${pattern}`);
    return fixed;
  }
  const text = word(path, filling);
  return path.at(-1) === 'url' || format === 'uri' ? `https://${text}.example/${text}` : text;
}

/** So long that nothing else is the same number. */
function fillNumber(schema: Schema, path: FieldPath, filling: Filling): unknown {
  const kind = classOfNumber(path);
  if (!kind) return sample(schema, path, filling);
  const { canaries, filled } = filling;
  filled.add(path.join('.'));
  return gradeCanary(canaries, path.join('.'));
}

export function gradeCanary(canaries: Canaries, field: string): number {
  const number = Number(`3.7193${String(100 + canaries.adopted.length)}`);
  canaries.adopt(number, 'person', field);
  return number;
}

function word(path: FieldPath, { canaries, filled }: Filling): string {
  const field = path.join('.');
  filled.add(field);
  return canaries.make(classOfText(path), field);
}

function sample(schema: Schema, path: FieldPath, { resolve }: Filling): unknown {
  return sampleOf(schema, { resolve, whole: false, name: path.at(-1) ?? '' });
}
