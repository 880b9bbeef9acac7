/** Each operation of the document, called by the client on the real API, as the document says. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createClient, isProblem } from '../../client/index.js';
import { at, createTestApi, parseJson, textAt, type Json } from '../helpers/app.js';
import { createSchedules } from '../helpers/console.js';
import { launchesInto } from '../helpers/launches-into.js';

const api = await createTestApi({ schedules: createSchedules() });
launchesInto(api, 'course');
const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
after(() => api.app.close());
const document = parseJson((await api.app.inject('/openapi.json')).payload);

interface Sent {
  method: string | undefined;
  url: URL;
  headers: Headers;
  status: number;
}

const sent: Sent[] = [];
const client = createClient({
  ...{ url, apiKey: api.adminKey, retries: 0 },
  fetch: async (input, init) => {
    const answer = await fetch(input, init);
    const { method, headers } = init ?? {};
    sent.push({
      method,
      url: new URL(typeof input === 'string' ? input : ''),
      headers: new Headers(headers),
      status: answer.status,
    });
    return answer;
  },
});

interface Described {
  id: string;
  method: string;
  path: string;
  operation: Json;
}

const operations = entriesOf(at(document, 'paths')).flatMap(([path, methods]) =>
  entriesOf(methods).map(([method, operation]): Described => ({
    id: textAt(operation, 'operationId'),
    method,
    path,
    operation,
  })),
);

function entriesOf(value: Json | undefined): [string, Json][] {
  return Object.entries(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});
}

function parametersOf(operation: Json, place: string): { name: string; schema: Json }[] {
  const parameters = at(operation, 'parameters');
  return (Array.isArray(parameters) ? parameters : [])
    .filter((parameter) => at(parameter, 'in') === place)
    .map((parameter) => ({ name: textAt(parameter, 'name'), schema: at(parameter, 'schema') ?? null }));
}

const A_UUID = '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10';

/** A value of the kind; what it says matters to no route, but that it has the parameter. */
function valueOf(schema: Json): Json {
  const options = at(schema, 'enum') ?? at(schema, 'items', 'enum');
  if (Array.isArray(options)) return at(schema, 'type') === 'array' ? options.slice(0, 2) : (options[0] ?? null);
  const example = at(schema, 'examples', 0);
  if (example !== undefined) return example;
  if (at(schema, 'type') === 'integer') return 10;
  if (at(schema, 'type') === 'boolean') return true;
  if (at(schema, 'format') === 'date-time') return '2026-11-27T02:00:00Z';
  return 'x';
}

async function call(id: string, input: Record<string, Json>): Promise<void> {
  const method: unknown = Reflect.get(client, id);
  assert.ok(typeof method === 'function', `the client has no ${id}`);
  const answer: unknown = await Reflect.apply(method, client, [input]);
  const isEvents = typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
  if (!isEvents) return;
  for await (const event of client.followBackfill({ id: textAt(input, 'id') })) assert.ok(event);
}

/** One operation with all that it can be given, or with no parameter that may be left out. */
async function callAsDescribed({ id, method, path, operation }: Described, isFull: boolean): Promise<void> {
  const paths = parametersOf(operation, 'path');
  const query = parametersOf(operation, 'query').filter(({ name }) => isFull && name !== 'cursor' && name !== 'format');
  const body = at(operation, 'requestBody', 'content', 'application/json', 'example');
  assert.equal(body === undefined, at(operation, 'requestBody') === undefined, `${id} has a body without an example`);
  const values = (parameters: typeof paths): Record<string, Json> =>
    Object.fromEntries(parameters.map(({ name, schema }) => [name, name === 'id' ? A_UUID : valueOf(schema)]));
  const [inPath, inQuery] = [values(paths), values(query)];
  sent.length = 0;
  try {
    await call(id, { ...inPath, ...inQuery, ...(body !== undefined && { body }) });
  } catch (error) {
    // That it is refused is between the sample and the API; that it came there is what counts.
    if (!isProblem(error)) throw error;
    const { type, detail } = error.problem;
    if (type === 'urn:passback:problem:not-found') assert.match(detail, /^There is no such/);
    assert.doesNotMatch(detail, /knows no/);
  }
  const [request] = sent;
  assert.ok(request, `${id} sent nothing`);
  assert.equal(request.method, method.toUpperCase());
  const expected = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textAt(inPath, name)));
  assert.equal(request.url.pathname, expected);
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(inQuery)) {
    for (const one of Array.isArray(value) ? value : [value])
      wanted.append(name, typeof one === 'string' ? one : JSON.stringify(one));
  }
  assert.equal(request.url.search, wanted.size > 0 ? `?${wanted.toString()}` : '');
  const takesKey = parametersOf(operation, 'header').some(({ name }) => name === 'idempotency-key');
  assert.equal(request.headers.has('idempotency-key'), takesKey, `${id} and its idempotency key`);
  assert.equal(request.headers.get('content-type'), body === undefined ? null : 'application/json');
  assert.notEqual(at(operation, 'responses', String(request.status)), undefined, `${id} answered ${request.status}`);
}

describe('the client', () => {
  it('has a method for each operation of the document, and no other', () => {
    const own = ['pages', 'all', 'streamScores', 'fetch'];
    const methods = Object.keys(client).filter((name) => !own.includes(name));
    assert.ok(operations.length > 100);
    assert.deepEqual(methods.toSorted(), operations.map(({ id }) => id).toSorted());
  });

  it('pages through each list that is paged', () => {
    const paged = operations.filter(({ operation }) =>
      parametersOf(operation, 'query').some(({ name }) => name === 'cursor'),
    );
    const ids = paged.map(({ id }) => id).toSorted();
    assert.deepEqual(Object.keys(client.pages).toSorted(), ids);
    assert.deepEqual(Object.keys(client.all).toSorted(), ids);
  });

  for (const described of operations) {
    it(`calls ${described.id} as it is described`, async () => {
      await callAsDescribed(described, true);
      await callAsDescribed(described, false);
    });
  }

  it('gives what is no JSON as it is', async () => {
    await assert.rejects(client.fetch('listBackfillChanges', { id: A_UUID, format: 'csv' }), (error) =>
      isProblem(error, 'urn:passback:problem:not-found'),
    );
    assert.equal(await (await client.fetch('isAlive')).text(), JSON.stringify(await client.isAlive()));
  });
});
