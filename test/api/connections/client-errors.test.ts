import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestApi } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { connectRaw, headOf } from '../../helpers/raw-connection.js';

const { app, call } = await createTestApi();
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());

for (const [what, bytes, status, type] of [
  ['a head that is too large', headOf('GET', '/livez', [`x-long: ${'a'.repeat(20_000)}`]), 431, 'head-too-large'],
  ['an address that is too long', headOf('GET', `/v1/scores?cursor=${'a'.repeat(20_000)}`), 431, 'head-too-large'],
  ['what is no HTTP', 'HELO passback\r\n\r\n', 400, 'invalid-request'],
] as const) {
  test(`answers ${what} as a problem`, async () => {
    const connection = await connectRaw(address);
    connection.write(bytes);
    await eventually('the end of the connection', () => connection.isClosed());
    const [head = '', body = ''] = connection.received().split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} [A-Z].*content-type: application/problem\\+json`, 's'));
    assert.match(body, new RegExp(`"type":"urn:passback:problem:${type}".*"status":${status}`));
  });
}

test('answers a method that nobody has with what the path takes, and a path of its own is no id', async () => {
  const answer = await app.inject({ method: 'OPTIONS', url: '/v1/scores/retry' });
  assert.deepEqual([answer.statusCode, answer.headers['allow']], [405, 'POST']);
  for (const path of ['/v1/scores/retry', '/v1/webhook-events/replay']) {
    const { status, headers } = await call('GET', path);
    assert.deepEqual([status, headers['allow']], [405, 'POST'], path);
  }
  assert.equal((await call('GET', '/v1/scores/none')).status, 404);
  const query = await app.inject({ method: 'QUERY' as 'GET', url: '/v1/runs' });
  assert.deepEqual([query.statusCode, query.headers['allow']], [405, 'GET, HEAD']);
});

test('a key that is brought is told what is wrong with it, and not with a score', async () => {
  const answer = await call('POST', '/v1/service-keys', { body: { platformId: '', contextId: 'c', serviceKey: 'k' } });
  assert.equal(answer.status, 422, answer.text);
  assert.match(answer.text, /problem:invalid-request/);
  assert.doesNotMatch(answer.text, /invalid-score/);
});
