import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt, type Json } from '../helpers/app.js';

const { call, app } = await createTestApi();

test('describes itself as OpenAPI 3.1, each operation with tags, summary, description and answers', async () => {
  const { body, status } = await call('GET', '/openapi.json', { key: null });
  assert.equal(status, 200);
  assert.match(textAt(body, 'openapi'), /^3\.1/);
  const paths = at(body, 'paths');
  const operations = Object.entries(paths ?? {}).flatMap(([path, methods]: [string, Json]) =>
    Object.entries(methods ?? {}).map(([method, operation]: [string, Json]) => ({
      name: `${method} ${path}`,
      operation,
    })),
  );
  assert.ok(operations.length >= 25, `${operations.length} operations`);
  for (const { name, operation } of operations) {
    for (const member of ['tags', 'summary', 'description', 'responses']) {
      assert.ok(at(operation, member), `${name} has no ${member}`);
    }
  }
  const stream = at(body, 'paths', '/v1/scores', 'post', 'requestBody', 'content', 'application/x-ndjson');
  assert.ok(stream, 'the stream is described');
});

test('serves its documentation under its own content security policy', async () => {
  const page = await app.inject('/docs/');
  assert.equal(page.statusCode, 200, page.payload.slice(0, 200));
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-eval|upgrade-insecure-requests/);
  const script = /src="([^"]*swagger-initializer\.js)"/.exec(page.payload)?.[1];
  assert.ok(script, page.payload.slice(0, 500));
  const initializer = await app.inject(new URL(script, 'http://api/docs/').pathname);
  assert.equal(initializer.statusCode, 200);
});

test('leads from the root to the documentation', async () => {
  const answer = await app.inject('/');
  assert.equal(answer.statusCode, 302);
  assert.equal(answer.headers['location'], '/docs');
});
