/** Requests made from the description of an operation: as it says, and as it does not. */
import fc from 'fast-check';
import { at, textAt, type Json } from './app.js';
import { fromSchema, writeTree, type Known, type Tree } from './arbitrary-json.js';
import { hostileText, spoilt } from './hostile-json.js';

export interface DrawnRequest {
  /** Which of the things that the path could mean. */
  place: number;
  /** In place of what the path has in braces, escaped. */
  hostilePart: string | null;
  /** Escaped. */
  query: string;
  type: string;
  body: Buffer | null;
  /** Byte by byte. */
  isCut: boolean;
  idempotencyKey: string | null;
}

const JSON_TYPE = 'application/json';

/** Every third is what the operation says that it takes. */
export function requestOf(described: Json, known: Known): fc.Arbitrary<DrawnRequest> {
  const key = fc.uuid();
  const place = fc.nat({ max: 3 });
  const right = fc.record({
    ...{ place, hostilePart: fc.constant(null), query: rightQuery(described, known), isCut: fc.constant(false) },
    content: rightBody(described, known),
    idempotencyKey: fc.option(key),
  });
  const wrong = fc.record({
    place,
    hostilePart: fc.oneof(
      { weight: 7, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: rawEscape },
      { weight: 1, arbitrary: hostileText.map(escapeText) },
    ),
    query: fc.oneof({ weight: 2, arbitrary: rightQuery(described, known) }, wrongQuery(described, known)),
    content: wrongBody(described, known),
    isCut: fc.boolean(),
    idempotencyKey: fc.oneof(fc.constant(null), key, fc.constantFrom('x'.repeat(300), '\xe4')),
  });
  return fc
    .oneof({ weight: 1, arbitrary: right }, { weight: 2, arbitrary: wrong })
    .map(({ content, ...request }) => ({ ...request, ...content }));
}

/** Half a surrogate pair has no escaped form. */
const escapeText = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
const rawEscape = fc.constantFrom('%00', '%ED%A0%80', '%', '%zz', '%c3%28', '&&', '=', '[]', '%5B0%5D', '+', '%20');

interface Parameter {
  name: string;
  isRequired: boolean;
  schema: Json | undefined;
}

function parametersOf(described: Json): Parameter[] {
  const parameters = at(described, 'parameters');
  return (Array.isArray(parameters) ? parameters : [])
    .filter((parameter) => at(parameter, 'in') === 'query')
    .map((parameter) => ({
      name: textAt(parameter, 'name'),
      isRequired: at(parameter, 'required') === true,
      schema: at(parameter, 'schema'),
    }));
}

function rightQuery(described: Json, known: Known): fc.Arbitrary<string> {
  const pairs = parametersOf(described).map(({ name, isRequired, schema }) => {
    // A cursor comes from a list, and none can be made up.
    if (name === 'cursor') return fc.constant([]);
    const pair = fromSchema(schema, known, name).map((tree) => [`${name}=${escapeText(toText(tree))}`]);
    return isRequired ? pair : fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: pair });
  });
  return fc.tuple(...pairs).map((some) => some.flat().join('&'));
}

function wrongQuery(described: Json, known: Known): fc.Arbitrary<string> {
  const names = parametersOf(described).map(({ name }) => name);
  const name = fc.oneof(
    fc.constantFrom('limit', 'cursor', '__proto__', 'constructor', 'x', ...names),
    hostileText.map(escapeText),
  );
  const value = fc.oneof(hostileText.map(escapeText), rawEscape);
  const text = fc.oneof(hostileText, value).map((any) => `cursor=${Buffer.from(any).toString('base64url')}`);
  const pair = fc.oneof(
    fc.tuple(name, value).map(([one, other]) => `${one}=${other}`),
    text,
  );
  return fc.tuple(rightQuery(described, known), pair, fc.boolean()).map(([right, wrong, isTwice]) => {
    return [right, wrong, ...(isTwice ? [wrong] : [])].filter(Boolean).join('&');
  });
}

const toText = (tree: Tree): string => (typeof tree === 'string' ? tree : writeTree(tree));

interface Content {
  type: string;
  body: Buffer | null;
}

function contentsOf(described: Json): [string, Json][] {
  return Object.entries(at(described, 'requestBody', 'content') ?? {}).map(([type, content]: [string, Json]) => [
    type,
    content,
  ]);
}
const jsonSchemaOf = (described: Json): Json | undefined =>
  at(described, 'requestBody', 'content', JSON_TYPE, 'schema');

const NOTHING: Content = { type: JSON_TYPE, body: null };
const bytesOf = (tree: fc.Arbitrary<Tree>): fc.Arbitrary<Buffer> => tree.map((one) => Buffer.from(writeTree(one)));
const ofType = (type: string, body: fc.Arbitrary<Buffer>): fc.Arbitrary<Content> =>
  body.map((bytes) => ({ type, body: bytes }));

function rightBody(described: Json, known: Known): fc.Arbitrary<Content> {
  if (contentsOf(described).length === 0) return fc.constant(NOTHING);
  return ofType(JSON_TYPE, bytesOf(fromSchema(jsonSchemaOf(described), known)));
}

function wrongBody(described: Json, known: Known): fc.Arbitrary<Content> {
  const schema = jsonSchemaOf(described);
  const right = schema === undefined ? fc.constant<Tree>({}) : fromSchema(schema, known);
  const cut = fc.tuple(bytesOf(right), fc.nat()).map(([whole, place]) => whole.subarray(0, place % (whole.length + 1)));
  const garbage = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const json = fc.oneof({ weight: 6, arbitrary: bytesOf(spoilt(right)) }, cut, garbage);
  const files = contentsOf(described)
    .filter(([type]) => type !== JSON_TYPE)
    .map(([type]) => {
      const isTable = type.includes('csv') || type.includes('excel');
      const file = isTable ? csvFile : ndjsonFile(fromSchema(at(schema, 'anyOf', 0) ?? schema, known));
      return ofType(type, fc.oneof({ weight: 4, arbitrary: file }, { weight: 1, arbitrary: garbage }));
    });
  const foreign = fc.constantFrom('text/plain', 'application/json; charset=latin1', 'x', 'multipart/form-data');
  return fc.oneof(
    { weight: 8, arbitrary: ofType(JSON_TYPE, json) },
    ...files.map((arbitrary) => ({ weight: 3, arbitrary })),
    { weight: 1, arbitrary: fc.constant(NOTHING) },
    { weight: 1, arbitrary: fc.tuple(foreign, bytesOf(right)).map(([type, body]) => ({ type, body })) },
  );
}

function ndjsonFile(item: fc.Arbitrary<Tree>): fc.Arbitrary<Buffer> {
  const line = fc.oneof(item, spoilt(item)).map(writeTree);
  const least = fc.constantFrom('0', '{}', '""').map((text) => Array.from({ length: 1_500 }, () => text));
  const lines = fc.oneof({ weight: 4, arbitrary: fc.array(line, { maxLength: 5 }) }, { weight: 1, arbitrary: least });
  return fc.tuple(lines, fc.constantFrom('\n', '\r\n', '\n\n')).map(([texts, end]) => Buffer.from(texts.join(end)));
}

const COLUMNS = ['platformId', 'contextId', 'lineItemId', 'resourceId', 'userId', 'scoreGiven', 'scoreMaximum'];
const cell = fc.oneof(fc.constantFrom('lms', 'course', 'essay', 'ada', '7.5', '10', '7,5', '"a""b"', '"'), hostileText);
const csvFile = fc
  .tuple(
    fc.shuffledSubarray([...COLUMNS, 'serviceKey', 'x'], { minLength: 3 }),
    fc.constantFrom(',', ';', '\t'),
    fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 6 }),
  )
  .map(([head, mark, rows]) => Buffer.from([head, ...rows].map((cells) => cells.join(mark)).join('\n')));
