import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { buildApp } from '../../api/app.js';
import { makeSecret } from '../../api/bearer-secret.js';
import { createFacts } from '../../api/operations/facts.js';
import { createApiMetrics } from '../../api/watching/api-metrics.js';
import { createApiStore } from '../../db/api-store.js';
import { sealedPlace } from '../../db/vault/sealed-columns.js';
import type { Sealed } from '../../db/vault/vault.js';
import { createKnex, queryRows } from '../../db/server/knex.js';
import { at, createTestApi, textAt, problemOf, type Answer } from '../helpers/app.js';
import { createTestVault, insertApiKey, testKeyRing } from '../helpers/factories.js';

const api = await createTestApi();
const { db, call } = api;

const launchBody = (context: string): unknown => ({
  idToken: {
    platform: { id: 'lms', deploymentId: 'd' },
    launch: { context: { id: context } },
    services: {
      assignmentAndGrades: { available: true },
      namesAndRoles: { available: true },
      serviceKey: `key of ${context}`,
    },
  },
});

const apiKeyOf = async (key: string): Promise<string> => {
  const rows = await queryRows<{ apiKey: string }>(
    db,
    'select api_key as "apiKey" from idempotency_keys where key = ?',
    [key],
  );
  return rows[0]?.apiKey ?? '';
};

const makeKey = (change: object) =>
  call('POST', '/v1/api-keys', { body: { name: 'x', scopes: ['read'], reason: 'x', ...change } });

test('lets no cache keep an answer, whatever it is', async () => {
  for (const [method, url, key] of [
    ['GET', '/v1/scores', api.adminKey],
    ['GET', '/v1/scores', null],
    ['GET', '/v1/scores/nonsense', api.adminKey],
    ['POST', '/v1/scores', api.adminKey],
    ['POST', '/v1/webhooks/nobody', null],
  ] as const) {
    const { headers } = await call(method, url, { key });
    assert.equal(headers['cache-control'], 'no-store', `${method} ${url}`);
  }
});

test('answers 401 without a key, with a wrong one, and with a revoked one', async () => {
  const { secret } = await insertApiKey(db, { columns: { revoked_at: new Date() } });
  for (const key of [null, 'wrong', secret]) {
    const answer = await call('GET', '/v1/scores', { key });
    assert.equal(answer.status, 401);
    assert.equal(problemOf(answer.body), 'unauthorized');
    assert.equal(answer.headers['www-authenticate'], 'Bearer');
  }
});

test('answers 403 and names the scope that is missing', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['read'] });
  const answer = await call('POST', '/v1/scores', { key: secret, body: {} });
  assert.equal(answer.status, 403);
  assert.match(textAt(answer.body, 'detail'), /"scores:write"/);
  assert.equal((await call('GET', '/v1/scores', { key: secret })).status, 200);
});

test('answers with a problem for what it does not know or cannot take', async () => {
  const cases: [Promise<Answer>, number, string][] = [
    [call('GET', '/nowhere'), 404, 'not-found'],
    [call('GET', '/v1/nowhere'), 404, 'not-found'],
    [call('PUT', '/v1/scores', { body: {} }), 405, 'method-not-allowed'],
    [call('DELETE', '/v1/contexts/6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10'), 405, 'method-not-allowed'],
    [call('POST', '/v1/launches', { body: '{', headers: {} }), 400, 'malformed-json'],
    [
      call('POST', '/v1/launches', { body: 'x', headers: { 'content-type': 'text/plain' } }),
      415,
      'unsupported-media-type',
    ],
    [
      call('POST', '/v1/launches', { body: 'x', headers: { 'content-type': 'application/x-ndjson' } }),
      415,
      'unsupported-media-type',
    ],
    [call('POST', '/v1/launches', { body: { ltik: 'x'.repeat(2_000_000) } }), 413, 'body-too-large'],
    [call('GET', '/v1/contexts/%00'), 404, 'not-found'],
    [call('GET', '/v1/contexts/%'), 404, 'not-found'],
    [call('GET', `/v1/contexts/${'x'.repeat(400)}`), 404, 'not-found'],
    [makeKey({ name: 'a\0b' }), 400, 'invalid-request'],
    [makeKey({ scopes: ['everything'] }), 400, 'invalid-request'],
  ];
  for (const [pending, status, type] of cases) {
    const answer = await pending;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(at(answer.body, 'type'), `urn:passback:problem:${type}`);
  }
});

test('carries a request out once for an Idempotency-Key and replays its answer', async () => {
  const headers = { 'idempotency-key': 'once' };
  const body = launchBody('replayed');
  const first = await call('POST', '/v1/launches', { body, headers });
  const second = await call('POST', '/v1/launches', { body, headers });
  assert.equal(second.status, 201);
  assert.deepEqual(second.body, first.body);
  assert.equal(second.headers['idempotent-replayed'], 'true');
  assert.equal(first.headers['idempotent-replayed'], undefined);
  const rows = await queryRows<{ body: Buffer }>(db, `select body from idempotency_keys where key = 'once'`);
  assert.ok(!rows[0]?.body.includes(textAt(first.body, 'context')), 'a stored answer is encrypted');
  const other = await call('POST', '/v1/launches', { body: launchBody('other'), headers });
  assert.equal(other.status, 422);
  assert.equal(problemOf(other.body), 'idempotency-key-reused');
});

test('makes one API key for an Idempotency-Key, and keeps no answer that holds it', async () => {
  const headers = { 'idempotency-key': 'secret' };
  const body = { name: 'made once', scopes: ['read'], reason: 'x' };
  const first = await call('POST', '/v1/api-keys', { body, headers });
  assert.equal(first.status, 201, first.text);
  const second = await call('POST', '/v1/api-keys', { body, headers });
  assert.deepEqual([second.status, problemOf(second.body)], [409, 'idempotent-answer-not-kept']);
  assert.equal((await queryRows(db, `select 1 from api_keys where name = 'made once'`)).length, 1);
  const [sealed] = await queryRows<Sealed>(
    db,
    `select body as ciphertext, data_key as "dataKey" from idempotency_keys where key = 'secret'`,
  );
  assert.ok(sealed);
  const opener = await createTestVault().opener(db, [sealed.dataKey]);
  const kept = opener.open(sealed, sealedPlace('idempotentAnswer', await apiKeyOf('secret'), 'secret'));
  assert.ok(!kept.includes(textAt(first.body, 'key')), kept);
});

test('keeps nothing of a request by which its secret could be guessed', async () => {
  const url = '/v1/launches';
  const body = { idToken: { services: { serviceKey: 'a secret that can be guessed' } } };
  await call('POST', url, { body, headers: { 'idempotency-key': 'guessed' } });
  const rows = await queryRows<{ requestHash: Buffer }>(
    db,
    `select request_hash as "requestHash" from idempotency_keys where key = 'guessed'`,
  );
  const guess = createHash('sha256')
    .update(JSON.stringify(['POST', url, body]))
    .digest();
  assert.ok(rows[0] && !rows[0].requestHash.equals(guess));
});

test('keeps the keys of one caller apart from those of another', async () => {
  const { secret } = await insertApiKey(db, { scopes: ['launches:write'] });
  const headers = { 'idempotency-key': 'shared' };
  await call('POST', '/v1/launches', { body: launchBody('mine'), headers });
  const answer = await call('POST', '/v1/launches', { key: secret, body: launchBody('theirs'), headers });
  assert.equal(answer.status, 201, answer.text);
});

test('lets one of many equal requests through at a time', async () => {
  const headers = { 'idempotency-key': 'rush' };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      call('POST', '/v1/api-keys', { body: { name: 'rush', scopes: ['read'], reason: 'x' }, headers }),
    ),
  );
  const rows = await queryRows(db, `select 1 from api_keys where name = 'rush'`);
  assert.equal(rows.length, 1);
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const { status, body } of answers) {
    if (status !== 201) assert.match(problemOf(body) ?? '', /^idempot(ency-in-progress|ent-answer-not-kept)$/);
  }
});

test('forgets an answer of 5xx, so that the request can be repeated', async () => {
  const headers = { 'idempotency-key': 'later' };
  api.ltiaas.getIdToken = async () => Promise.reject(new Error('no LtiaasError: a fault of ours'));
  const first = await call('POST', '/v1/launches', { body: { ltik: 'x' }, headers });
  assert.equal(first.status, 500);
  assert.equal(problemOf(first.body), 'internal-error');
  assert.ok(!first.text.includes('fault of ours'), 'callers see the public sentence only');
  assert.equal(at(first.body, 'requestId'), first.headers['x-request-id']);
  const rows = await queryRows(db, `select 1 from idempotency_keys where key = 'later'`);
  assert.equal(rows.length, 0);
});

test('takes over a request whose process died', async () => {
  const headers = { 'idempotency-key': 'died' };
  const body = launchBody('died');
  await call('POST', '/v1/launches', { body, headers });
  await db.raw(
    `update idempotency_keys set status = null, body = null, data_key = null, content_type = null, completed_at = null where key = 'died'`,
  );
  assert.equal((await call('POST', '/v1/launches', { body, headers })).status, 409);
  await db.raw(`update idempotency_keys set created_at = now() - interval '61 seconds' where key = 'died'`);
  assert.equal((await call('POST', '/v1/launches', { body, headers })).status, 200);
});

test('logs no key, no query and no body', async () => {
  api.logs.length = 0;
  await call('GET', '/v1/scores?userId=very-private-student');
  await call('POST', '/v1/launches', { body: launchBody('secret-course') });
  const log = api.logs.join('');
  assert.match(log, /"route":"\/v1\/launches"/);
  for (const secret of [api.adminKey, 'very-private-student', 'key of secret-course']) {
    assert.ok(!log.includes(secret), secret);
  }
});

test('answers 429 above the limit of an API key, when there is one', async (t) => {
  const limited = await createTestApi({ cleanup: t, db, settings: { requestsPerMinute: 2 } });
  const statuses = [];
  for (let index = 0; index < 3; index += 1) statuses.push((await limited.call('GET', '/v1/contexts')).status);
  assert.deepEqual(statuses, [200, 200, 429]);
});

test('answers 503 with Retry-After when the database is down', async (t) => {
  const down = createKnex({ url: 'postgres://nobody@127.0.0.1:1/none', poolMax: 1 });
  const broken = await createTestApi({ db });
  const deps = { ...broken.deps, store: createApiStore(down, { keyRing: testKeyRing }) };
  const facts = createFacts(deps);
  const app = await buildApp({
    logger: broken.app.log,
    settings: { bodyLimitBytes: 1_000, requestsPerMinute: null },
    ...{ deps, facts },
  });
  t.after(() => app.close().then(() => down.destroy()));
  const answer = await app.inject({ url: '/v1/scores', headers: { authorization: `Bearer ${makeSecret()}` } });
  assert.equal(answer.statusCode, 503, answer.payload);
  assert.equal(answer.headers['retry-after'], '5');
  assert.match(answer.payload, /database-unavailable/);
  assert.equal((await app.inject('/livez')).statusCode, 200);
  assert.equal((await app.inject('/readyz')).statusCode, 503);
  assert.match(await createApiMetrics({ ...deps, facts }).text(), /passback_database_up 0/);
});
