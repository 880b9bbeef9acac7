import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { sealedPlace } from '../../db/vault/sealed-columns.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../helpers/app.js';
import { createTestVault, insertApiKey } from '../helpers/factories.js';
import { inlined } from '../helpers/inlined.js';
import { GITHUB, namingMapping } from '../helpers/webhooks.js';

const api = await createTestApi();
const { db, call } = api;
const reason = 'a test';
const { body: description } = await call('GET', '/openapi.json');

const made = await call('POST', '/v1/api-keys', { body: { name: 'x', scopes: ['read'], reason } });
const endpoint = { url: 'https://tool.example', format: 'slack', kinds: ['breakerOpen'], reason };
const notices = await call('POST', '/v1/notices', { body: endpoint });

/** Each answers a secret of ours, named so. */
const CASES: readonly { path: string; operation: string; body: object; secret: string }[] = [
  { path: '/v1/api-keys', operation: '/v1/api-keys', body: { name: 'y', scopes: ['read'], reason }, secret: 'key' },
  {
    ...{ path: `/v1/api-keys/${textAt(made.body, 'id')}/rotate`, operation: '/v1/api-keys/{id}/rotate' },
    ...{ body: { reason }, secret: 'key' },
  },
  { path: '/v1/notices', operation: '/v1/notices', body: endpoint, secret: 'secret' },
  {
    ...{ path: `/v1/notices/${textAt(notices.body, 'id')}/rotate-secret`, operation: '/v1/notices/{id}/rotate-secret' },
    ...{ body: { reason }, secret: 'secret' },
  },
];

/** All that is kept under idempotency keys, in the clear. */
async function keptAnswers(): Promise<string[]> {
  const rows = await queryRows<{ apiKey: string; key: string; ciphertext: Buffer; dataKey: string }>(
    db,
    `select api_key as "apiKey", key, body as ciphertext, data_key as "dataKey" from idempotency_keys
     where body is not null`,
  );
  const opener = await createTestVault().opener(
    db,
    rows.map(({ dataKey }) => dataKey),
  );
  return rows.map(({ apiKey, key, ...sealed }) => opener.open(sealed, sealedPlace('idempotentAnswer', apiKey, key)));
}

for (const { path, operation, body, secret } of CASES) {
  test(`${operation} is carried out once for an Idempotency-Key, and its secret is kept nowhere`, async () => {
    const headers = { 'idempotency-key': `once ${operation}` };
    const first = await call('POST', path, { body, headers });
    assert.ok(first.status < 300, first.text);
    const told = textAt(first.body, secret);
    const again = await call('POST', path, { body, headers });
    assert.deepEqual([again.status, problemOf(again.body)], [409, 'idempotent-answer-not-kept']);
    const kept = await keptAnswers();
    assert.ok(kept.length > 0);
    for (const answer of kept) assert.ok(!answer.includes(told));
    for (const line of api.logs) assert.ok(!line.includes(told));
  });
}

test('answers a secret nowhere else', () => {
  const found = Object.entries(at(description, 'paths') ?? {}).flatMap(([path, methods]: [string, Json]) =>
    Object.entries(methods ?? {}).flatMap(([method, operation]: [string, Json]) => {
      const answers = JSON.stringify(inlined(description, at(operation, 'responses') ?? null));
      return /"(key|secret|token|password)":\{[^{}]*"type":"string"/.test(answers) ? [`${method} ${path}`] : [];
    }),
  );
  assert.deepEqual(found.toSorted(), CASES.map(({ operation }) => `post ${operation}`).toSorted());
});

test('keeps no secret of a webhook source under an Idempotency-Key, though its answer is kept', async () => {
  const secret = 'a-secret-of-the-grading-service';
  const headers = { 'idempotency-key': 'source' };
  const body = { name: 'grader', verification: GITHUB, secret, mapping: namingMapping('lms'), reason };
  const first = await call('POST', '/v1/webhook-sources', { body, headers });
  assert.equal(first.status, 201, first.text);
  const added = `${secret}-two`;
  const more = { secret: added, reason };
  const second = await call('POST', '/v1/webhook-sources/grader/secrets', {
    body: more,
    headers: { 'idempotency-key': 'secret' },
  });
  assert.equal(second.status, 201, second.text);
  const kept = await keptAnswers();
  assert.ok(kept.some((answer) => answer.includes('grader')));
  for (const answer of kept) assert.ok(!answer.includes(secret));
});

test('keeps nothing of a request by which another key could have its answer', async () => {
  const { secret: other } = await insertApiKey(db);
  const headers = { 'idempotency-key': 'once /v1/api-keys' };
  const theirs = await call('POST', '/v1/api-keys', {
    key: other,
    body: { name: 'z', scopes: ['read'], reason },
    headers,
  });
  assert.equal(theirs.status, 201, theirs.text);
});
