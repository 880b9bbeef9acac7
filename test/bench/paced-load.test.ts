import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { describeLatencies, quantilesOf, sendPaced } from '../../bench/paced-load.js';
import { parseWebhooksOptions } from '../../bench/webhooks-options.js';

test('gives the quantiles that so many answers stayed within', () => {
  const times = Array.from({ length: 200 }, (_, place) => 200 - place);
  assert.deepEqual(quantilesOf(times), { median: 100, p95: 190, p99: 198, longest: 200 });
  assert.deepEqual(quantilesOf([3]), { median: 3, p95: 3, p99: 3, longest: 3 });
});

test('counts what a server that stands still keeps from being answered, and what it refuses', async (t) => {
  let seen = 0;
  const server = createServer((request, response) => {
    request.resume();
    const status = (seen += 1) === 1 ? 500 : 202;
    if (seen === 10) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const requests = Array.from({ length: 40 }, () => ({ path: '/', headers: {}, body: 'x' }));
  const latencies = await sendPaced(`http://127.0.0.1:${port}`, requests, 100);
  assert.equal(latencies.refused, 1);
  assert.ok(latencies.longest > 250, `${latencies.longest} ms`);
  assert.ok(latencies.p95 > 100, 'those behind it waited too');
  assert.match(describeLatencies('x', latencies), /^x +median \d+\.\d ms, .*; refused 1$/);
});

test('reads its flags, and names the one that makes no sense', () => {
  assert.deepEqual(parseWebhooksOptions(['--rate', '50']), {
    ...{ events: 4_000, rate: 50, courses: 20, runs: 1, pauseWorker: false },
  });
  assert.throws(() => parseWebhooksOptions(['--events', '0']), /--events/);
});
