import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { at, createTestApi, textAt, type Json } from '../helpers/app.js';
import { inlined } from '../helpers/inlined.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../helpers/factories.js';

const { db, call, app } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const lineItem = await insertLineItem(db, { context: context.id });

const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const;
type Method = (typeof METHODS)[number];
interface Operation {
  name: string;
  method: Method;
  path: string;
  url: string;
  described: Json;
}

/** A grading service signs what it sends in its own shape, to the address that it was given. */
const FOREIGN = 'POST /v1/webhooks/{source}';
/** Their items have an answer each; see below. */
const BY_ITEM = ['POST /v1/scores', 'POST /v1/service-keys'];

const UUID = '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10';
const { body: description } = await call('GET', '/openapi.json');
const operations = entriesOf(inlined(description, at(description, 'paths'))).flatMap(([path, methods]) =>
  METHODS.flatMap((method): Operation[] => {
    const described = at(methods, method.toLowerCase());
    if (described === undefined || !path.startsWith('/v1/') || `${method} ${path}` === FOREIGN) return [];
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === 'id' || name === 'secret' ? UUID : 'some',
    );
    return [{ name: `${method} ${path}`, method, path, url, described }];
  }),
);

test('walks all routes', () => {
  assert.ok(operations.length > 50, `${operations.length}`);
  assert.ok(operations.some(({ path }) => path === '/v1/backfills/{id}/approve'));
});

for (const { name, method, url, described } of operations) {
  test(`${name} refuses a query that it does not know, and says what was meant`, async () => {
    const answer = await call(method, `${url}?noSuchName=1`);
    assert.deepEqual([answer.status, at(answer.body, 'pointer')], [400, '/noSuchName'], answer.text);
    assert.match(textAt(answer.body, 'detail'), /noSuchName/);
    const parameters = at(described, 'parameters');
    for (const parameter of Array.isArray(parameters) ? parameters : []) {
      if (at(parameter, 'in') !== 'query') continue;
      const known = textAt(parameter, 'name');
      const slip = await call(method, `${url}?${known.toUpperCase()}=1`);
      assert.equal(slip.status, 400, slip.text);
      assert.ok(textAt(slip.body, 'detail').endsWith(`did you mean "${known}"?`), slip.text);
    }
  });

  if (method === 'GET' || BY_ITEM.includes(name)) continue;
  test(`${name} refuses a member that it does not know`, async () => {
    const answer = await call(method, url, { body: { noSuchName: 1 } });
    assert.deepEqual([answer.status, at(answer.body, 'pointer')], [400, '/noSuchName'], answer.text);
    assert.match(textAt(answer.body, 'detail'), /noSuchName/);
  });

  test(`${name} is described as closed`, () => {
    const schema = at(described, 'requestBody', 'content', 'application/json', 'schema');
    assert.deepEqual(openObjectsOf(schema), []);
  });
}

test('reaches into filters and mappings', async () => {
  const body = { filter: { contextID: 'course' }, reason: 'x' };
  const retry = await call('POST', '/v1/scores/retry', { body });
  assert.deepEqual([retry.status, at(retry.body, 'pointer')], [400, '/filter/contextID'], retry.text);
  assert.equal(at(retry.body, 'detail'), 'filter knows no "contextID": did you mean "contextId"?');
  const mapping = { score: '/score', student: '/user', column: { ressourceId: '/r' } };
  const source = await call('POST', '/v1/webhook-sources', { body: { mapping, reason: 'a test' } });
  assert.deepEqual([source.status, at(source.body, 'pointer')], [400, '/mapping/column/ressourceId'], source.text);
});

test('tells many names at once, and not all of very many', async () => {
  const body = Object.fromEntries(Array.from({ length: 1_000 }, (_, place) => [`no${place}`, place]));
  const answer = await call('POST', '/v1/syncs', { body });
  const errors = at(answer.body, 'errors');
  assert.ok(Array.isArray(errors) && errors.length === 20, answer.text.slice(0, 200));
});

test('refuses a body where none is taken', async () => {
  for (const body of [[1], 'true', '"x"']) {
    const answer = await call('POST', `/v1/service-keys/${UUID}/check`, { body });
    assert.equal(answer.status, 400, answer.text);
  }
  assert.equal((await call('POST', `/v1/service-keys/${UUID}/check`, { body: {} })).status, 404);
});

test('refuses an unknown name beside scores, and in a service key, by item', async () => {
  const beside = await call('POST', '/v1/scores', { body: { scores: [], dryRun: true } });
  assert.deepEqual([beside.status, at(beside.body, 'pointer')], [400, '/dryRun'], beside.text);
  const key = { platformId: 'lms', contextId: 'course', serviceKey: 'k', launchedat: '2026-01-01T00:00:00Z' };
  const keys = await call('POST', '/v1/service-keys', { body: [key] });
  assert.equal(keys.status, 422);
  assert.equal(at(keys.body, 'serviceKeys', 0, 'problem', 'pointer'), '/launchedat', keys.text);
});

test('retries nothing for an empty filter', async () => {
  const { id } = await insertScore(db, { context: context.id, lineItem: lineItem.id, state: 'rejected' });
  const answer = await call('POST', '/v1/scores/retry', { body: { filter: {}, reason: 'a test' } });
  assert.deepEqual([answer.status, at(answer.body, 'pointer')], [400, '/filter'], answer.text);
  const [row] = await queryRows<{ state: string }>(db, 'select state from scores where id = :id', { id });
  assert.equal(row?.state, 'rejected');
});

const scopes: [string, object][] = [
  ['a context and a platform', { context: context.id, platformId: 'lms' }],
  ['a context twice', { context: context.id, contextId: context.id }],
  ['a platform and all', { platformId: 'lms', all: true }],
  ['a deployment of no platform', { contextId: context.id, deploymentId: 'd1' }],
  ['all of a deployment', { all: true, deploymentId: 'd1' }],
];
for (const [what, body] of scopes) {
  test(`syncs nothing for ${what}, of which one would not count`, async () => {
    const answer = await call('POST', '/v1/syncs', { body });
    assert.equal(answer.status, 400, answer.text);
  });
}

test('lets a HEAD and a probe through as before', async () => {
  assert.equal((await app.inject({ method: 'GET', url: '/livez?from=balancer' })).statusCode, 200);
});

function entriesOf(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Where a schema has members of its own and does not say whether it takes others. */
function openObjectsOf(schema: Json | undefined, path = ''): string[] {
  const inner = entriesOf(schema).flatMap(([name, value]) => openObjectsOf(value, `${path}/${name}`));
  const isOpen = typeof at(schema, 'properties') === 'object' && at(schema, 'additionalProperties') === undefined;
  return isOpen ? [path, ...inner] : inner;
}
