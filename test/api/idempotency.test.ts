import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../helpers/app.js';
import { insertPlatform } from '../helpers/factories.js';
import { createSource, GITHUB, graded, hmac, namingMapping, send, STANDARD_SECRET } from '../helpers/webhooks.js';

const api = await createTestApi();
const { db, call } = api;
const { body: description } = await call('GET', '/openapi.json', { key: null });
/** Events have an identity of their own, and senders without an API key. */
const OF_STRANGERS = '/v1/webhooks/{source}';
const posts = Object.entries(at(description, 'paths') ?? {}).flatMap(([path, methods]: [string, Json]) => {
  const operation = at(methods, 'post');
  return operation && path !== OF_STRANGERS ? [{ path, operation }] : [];
});
const typesOf = (operation: Json): string[] => Object.keys(at(operation, 'requestBody', 'content') ?? {});
const addressOf = (path: string): string =>
  path.replace('{id}', '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10').replaceAll(/\{\w+\}/g, 'a-name');

for (const { path, operation } of posts) {
  test(`takes an Idempotency-Key at POST ${path}, and says so`, async () => {
    assert.match(JSON.stringify(at(operation, 'parameters') ?? null), /"idempotency-key"/);
    const headers = { 'idempotency-key': 'x'.repeat(256) };
    const answer = await call('POST', addressOf(path), { headers });
    assert.equal(problemOf(answer.body), 'invalid-request', answer.text);
    assert.match(textAt(answer.body, 'detail'), /Idempotency-Key/);
  });
}

test('refuses the key where lines are answered as they come, and takes it with every other body', async () => {
  const refusing: string[] = [];
  for (const { path, operation } of posts) {
    for (const type of typesOf(operation).filter((name) => name !== 'application/json')) {
      const headers = { 'idempotency-key': `${path} ${type}`, 'content-type': type };
      const { body } = await call('POST', addressOf(path), { headers, body: '{}\n' });
      if (at(body, 'detail') === 'A stream of lines takes no Idempotency-Key: each line may be repeated safely.') {
        refusing.push(`${path} ${type}`);
      }
    }
  }
  const types = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
  assert.deepEqual(
    refusing,
    ['/v1/service-keys', '/v1/scores'].flatMap((path) => types.map((type) => `${path} ${type}`)),
  );
});

test('makes a webhook source once, adds a secret once, and resumes a platform once', async () => {
  const { id } = await insertPlatform(db, { platformId: 'lms' });
  const source = { name: 'grader', verification: { scheme: 'standardWebhooks' }, mapping: namingMapping('lms') };
  const requests: [string, number, unknown][] = [
    ['/v1/webhook-sources', 201, { ...source, secret: STANDARD_SECRET, reason: 'a test' }],
    [
      '/v1/webhook-sources/grader/secrets',
      201,
      { secret: `whsec_${Buffer.alloc(32, 6).toString('base64')}`, reason: 'a test' },
    ],
    [`/v1/platforms/${id}/resume`, 200, { reason: 'mended' }],
    [`/v1/platforms/${id}/roster-refresh`, 202, { reason: 'a new term' }],
  ];
  for (const [path, status, body] of requests) {
    const headers = { 'idempotency-key': path };
    const first = await call('POST', path, { headers, body });
    assert.equal(first.status, status, first.text);
    const audited = await countAudit();
    const second = await call('POST', path, { headers, body });
    assert.deepEqual([second.status, second.headers['idempotent-replayed']], [status, 'true'], path);
    assert.deepEqual(second.body, first.body);
    assert.equal(await countAudit(), audited);
  }
});

test('takes the key of an event where its source is told to', async () => {
  const mapping = namingMapping('lms', { eventId: { header: 'Idempotency-Key' } });
  await createSource(api, { name: 'keyed', mapping, verification: GITHUB });
  const ids = [];
  for (const [student, key] of [
    ['ada', 'one'],
    ['ada', 'one'],
    ['grace', 'two'],
  ] as const) {
    const body = JSON.stringify(graded({ student }));
    const headers = { 'x-hub-signature-256': `sha256=${hmac(body)}`, 'idempotency-key': key };
    ids.push(textAt((await send(api.app, 'keyed', { body, headers })).body, 'id'));
  }
  assert.ok(ids[0] === ids[1] && ids[1] !== ids[2]);
});

const countAudit = async (): Promise<number> => (await queryRows(db, 'select 1 from audit_entries')).length;
