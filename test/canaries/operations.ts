/** What the API can be asked, from its own description, with a canary in each field. */
import { toSchema, type Schema } from '../../api/samples/sample.js';
import { CSV_COLUMNS } from '../../api/backfills/csv-columns.js';
import { ScoreItemSchema } from '../../api/schemas/score.js';
import { ServiceKeyItemSchema } from '../../api/schemas/service-key.js';
import { IdTokenSchema } from '../../ltiaas/payloads.js';
import { createCanaries } from './canary.js';
import { fill, type Filling } from './fill.js';

/** One request of an operation. */
export interface Question {
  operation: string;
  method: string;
  /** With canaries in place of its parameters. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  type?: string;
  body?: string;
}

/** Of bodies that a description calls a text: what a line is. */
const LINES: Readonly<Record<string, Schema>> = {
  handInScores: toSchema(ScoreItemSchema),
  startBackfill: toSchema(ScoreItemSchema),
  importServiceKeys: toSchema(ServiceKeyItemSchema),
};
/** And what members that it calls an object hold. */
const OBJECTS: Readonly<Record<string, Schema>> = { 'recordLaunch.json.idToken': toSchema(IdTokenSchema) };
/** Names of cells that are others in JSON. */
const CELLS = Object.fromEntries(
  CSV_COLUMNS.map((name) => [name, { type: /Given|Maximum/.test(name) ? 'number' : 'string' }]),
);
/** More forms than any body has. */
const ROUNDS = 60;

type Filler = Omit<Filling, 'round'>;

/**
 * All operations below `/v1`: each form of a body in which there is a field that no form before it had, and each parameter with all
 * others and alone.
 */
export function questionsOf(description: Schema, filler: Pick<Filling, 'canaries' | 'filled'>): Question[] {
  const schemas = toSchema(toSchema(description['components'])['schemas']);
  const resolve = (ref: string): Schema => toSchema(schemas[ref.replace('#/components/schemas/', '')]);
  return Object.entries(toSchema(description['paths'])).flatMap(([path, methods]) =>
    path.startsWith('/v1/')
      ? Object.entries(toSchema(methods)).flatMap(([method, operation]) =>
          askOperation(
            { path, method: method.toUpperCase(), operation: toSchema(operation) },
            { ...filler, resolve, objects: OBJECTS },
          ),
        )
      : [],
  );
}

interface Operation {
  path: string;
  method: string;
  operation: Schema;
}

function askOperation({ path, method, operation }: Operation, filler: Filler): Question[] {
  const id = String(operation['operationId']);
  const named = { ...filler, round: 0 };
  const given = (where: string): Record<string, string> =>
    Object.fromEntries(
      listOf(operation['parameters'])
        .filter((parameter) => parameter['in'] === where)
        .map(({ name, schema }) => [String(name), String(fill(toSchema(schema), [id, where, String(name)], named))]),
    );
  const params = given('path');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const bare = { operation: id, method, path: filled, query: {}, headers: given('header') };
  const query = given('query');
  const alone = Object.entries(query).map(([name, value]) => ({ ...bare, headers: {}, query: { [name]: value } }));
  const ids = Object.keys(params).map(() => ({ ...bare, path: path.replaceAll(/\{(\w+)\}/g, wordOf(id, filler)) }));
  const bodies = bodiesOf(id, toSchema(toSchema(operation['requestBody'])['content']), filler);
  if (bodies.length === 0) return [{ ...bare, query }, ...alone, ...ids];
  return [...bodies.map((body) => ({ ...bare, query, ...body })), ...alone, ...ids];
}

/** What is no id of ours in the place of one. */
const wordOf =
  (id: string, { canaries }: Pick<Filling, 'canaries'>) =>
  (_: string, name: string): string =>
    canaries.make(name === 'reference' ? 'person' : 'freeText', `${id}.path.${name}`);

function bodiesOf(id: string, content: Schema, filler: Filler): { type: string; body: string }[] {
  const bodies: { type: string; body: string }[] = [];
  for (const [type, media] of Object.entries(content)) {
    if (type === 'application/json') bodies.push(...formsOf(id, toSchema(toSchema(media)['schema']), filler));
    else if (type.includes('csv')) bodies.push({ type, body: toCsv(id, filler) });
    else if (type.includes('json'))
      bodies.push({
        type,
        body: `${JSON.stringify(fill(lineOf(id), [id, 'line'], { ...filler, round: 0 }))}\n`,
      });
  }
  return bodies;
}

function formsOf(id: string, schema: Schema, filler: Filler): { type: string; body: string }[] {
  const seen = new Set<string>();
  const forms: { type: string; body: string }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const tried = { ...filler, round, canaries: createCanaries(), filled: new Set<string>() };
    fill(schema, [id, 'json'], tried);
    if (round > 0 && [...tried.filled].every((field) => seen.has(field))) continue;
    for (const field of tried.filled) seen.add(field);
    forms.push({ type: 'application/json', body: JSON.stringify(fill(schema, [id, 'json'], { ...filler, round })) });
  }
  return forms;
}

/** @throws for an operation that takes lines of which nobody has said what they are */
function lineOf(id: string): Schema {
  const line = LINES[id];
  if (!line) throw new Error(`What a line of ${id} is, test/canaries/operations.ts does not say.`);
  return line;
}

function toCsv(id: string, filler: Filler): string {
  const properties = id === 'startBackfill' ? CELLS : toSchema(lineOf(id)['properties']);
  const row = toSchema(fill({ type: 'object', properties }, [id, 'csv'], { ...filler, round: 0 }));
  return `${Object.keys(row).join(',')}\n${Object.values(row).map(String).join(',')}\n`;
}

const listOf = (value: unknown): Schema[] => (Array.isArray(value) ? value.map(toSchema) : []);
