import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveMetrics } from '../../metrics/serve-metrics.js';

async function serve(text: () => Promise<string>): Promise<string> {
  const server = await serveMetrics(text, { host: '127.0.0.1', port: 0 });
  after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}

test('a port of metrics serves them and nothing else', async () => {
  const url = await serve(async () => 'one 1\n');
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.equal(await answer.text(), 'one 1\n');
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/readyz'],
    ['POST', '/metrics'],
  ] as const) {
    assert.equal((await fetch(url + path, { method })).status, 404, `${method} ${path}`);
  }
});

test('what cannot be told is a 500 without a reason', async () => {
  const url = await serve(async () => Promise.reject(new Error('postgres://user:secret@host')));
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 500);
  assert.equal(await answer.text(), '');
});
