import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { OPERATION_IDS } from '../../api/operation-ids.js';
import { SCHEMA_NAMES } from '../../api/schema-names.js';
import { at, createTestApi, textAt, type Json } from '../helpers/app.js';
import { inlined } from '../helpers/inlined.js';

const { call } = await createTestApi();
const { body, status } = await call('GET', '/openapi.json', { key: null });
const operations = Object.entries(at(body, 'paths') ?? {}).flatMap(([path, methods]: [string, Json]) =>
  Object.entries(methods ?? {}).map(([method, operation]: [string, Json]) => ({
    name: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);

test('describes itself as OpenAPI 3.1, each operation with tags, summary, description and answers', () => {
  assert.equal(status, 200);
  assert.match(textAt(body, 'openapi'), /^3\.1/);
  assert.ok(operations.length >= 25, `${operations.length} operations`);
  for (const { name, operation } of operations) {
    for (const member of ['tags', 'summary', 'description', 'responses']) {
      assert.ok(at(operation, member), `${name} has no ${member}`);
    }
  }
  const stream = at(body, 'paths', '/v1/scores', 'post', 'requestBody', 'content', 'application/x-ndjson');
  assert.ok(stream, 'the stream is described');
});

test('is a valid description', async () => {
  assert.deepEqual(await new Validator().validate(Object.fromEntries(Object.entries(body ?? {}))), { valid: true });
});

test('names each operation once', () => {
  const names = operations.map(({ name, operation }) => [
    name.replaceAll(/\{(\w+)\}/g, ':$1'),
    textAt(operation, 'operationId'),
  ]);
  assert.deepEqual(Object.fromEntries(names), OPERATION_IDS);
  assert.equal(new Set(Object.values(OPERATION_IDS)).size, names.length);
});

test('names the shapes that clients are generated from, each once', () => {
  const schemas = Object.keys(at(body, 'components', 'schemas') ?? {});
  for (const name of [...Object.keys(SCHEMA_NAMES), 'Problem', 'LineItem', 'ListScoresAnswer', 'RetryScoresBody']) {
    assert.ok(schemas.includes(name), `${name} stands nowhere`);
  }
  for (const { name, operation } of operations) {
    const answers = Object.entries(at(operation, 'responses') ?? {}).map(([, answer]: [string, Json]) => answer);
    for (const holder of [at(operation, 'requestBody'), ...answers]) {
      const schema = at(holder, 'content', 'application/json', 'schema');
      if (schema === undefined || name.startsWith('POST /v1/webhooks/')) continue;
      assert.match(textAt(schema, '$ref'), /^#\/components\/schemas\/\w+$/, name);
    }
  }
});

test('describes the problems that every route of its kind can answer', () => {
  for (const { name, operation } of operations) {
    const answers = Object.entries(at(operation, 'responses') ?? {});
    const statuses = new Set(answers.map(([code]) => code));
    const expected = [
      ...(at(operation, 'requestBody') ? ['413', '415'] : []),
      ...(at(operation, 'x-scope') ? ['400', '401', '403', '429', '503'] : []),
      ...(JSON.stringify(operation).includes('"idempotency-key"') ? ['409', '422'] : []),
    ];
    for (const code of expected) assert.ok(statuses.has(code), `${name} has no ${code}`);
    for (const [code, answer] of answers as [string, Json][]) {
      if (code < '400' || name === 'GET /readyz') continue;
      const schema = at(answer, 'content', 'application/problem+json', 'schema');
      assert.deepEqual(schema, { $ref: '#/components/schemas/Problem' }, `${name} ${code}`);
    }
  }
});

test('describes the conflicts of what acts on the state of things', () => {
  for (const path of [
    '/v1/backfills/{id}/approve',
    '/v1/backfills/{id}/undo',
    '/v1/backfills',
    '/v1/scores/{id}/decide',
    '/v1/webhook-sources',
    '/v1/webhook-events/{id}/replay',
  ]) {
    assert.ok(at(body, 'paths', path, 'post', 'responses', '409'), path);
  }
  const secret = '/v1/webhook-sources/{source}/secrets/{secret}';
  assert.ok(at(body, 'paths', secret, 'delete', 'responses', '409'), secret);
});

test('says of secrets what they may not hold', () => {
  for (const path of ['/v1/webhook-sources', '/v1/webhook-sources/{source}/secrets']) {
    const schema = at(body, 'paths', path, 'post', 'requestBody', 'content', 'application/json', 'schema');
    assert.equal(at(inlined(body, schema), 'properties', 'secret', 'pattern'), '^[^\\u0000]*$', path);
  }
});

test('says by which problems an operation may answer, of those that can come there', () => {
  const typesOf = (path: string, method: string, status: string): unknown =>
    at(body, 'paths', path, method, 'x-problem-types', status);
  const urns = (...names: string[]): string[] => names.map((name) => `urn:passback:problem:${name}`);
  assert.deepEqual(
    typesOf('/v1/launches', 'post', '422'),
    urns(
      ...['unknown-platform', 'ltik-rejected', 'invalid-id-token', 'launch-without-context', 'no-service-key'],
      'idempotency-key-reused',
    ),
  );
  assert.deepEqual(typesOf('/v1/runs', 'get', '404'), undefined);
  assert.deepEqual(typesOf('/v1/runs/{id}', 'get', '404'), urns('not-found'));
});
