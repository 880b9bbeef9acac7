import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createHttp, type BeginBy, type Http, type HttpCall, type HttpOptions } from '../../ltiaas/http.js';
import { LtiaasError } from '../../ltiaas/error.js';
import { programArguments } from '../helpers/repository.js';
import { json, startServer } from './server.js';

const call: HttpCall = {
  method: 'POST', template: '/api/x/{id}', path: '/api/x/1', authorization: 'A', secrets: [], body: { score: 1 },
}; // prettier-ignore

function makeHttp(t: TestContext, baseUrl: string, options: Partial<HttpOptions> = {}): Http {
  const http = createHttp({ baseUrl, secrets: [], timeoutMs: 5_000, ...options });
  t.after(() => http.close());
  return http;
}

async function failureOf(promise: Promise<unknown>): Promise<LtiaasError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof LtiaasError, String(error));
  return error;
}

const inMs = (ms: number): BeginBy => ({ monotonicMs: performance.now() + ms, wallMs: Date.now() + ms });

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('connections are kept for calls one after another', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  const http = makeHttp(t, server.url);
  for (let i = 0; i < 20; i += 1) assert.equal((await http.send(call)).status, 204);
  assert.equal(server.received.length, 20);
  // undici checks a connection for a moment after each answer, and the next call takes a second one meanwhile.
  assert.ok(server.connections() <= 2, String(server.connections()));
});

test('never more connections than allowed are open, and all calls get through', async (t) => {
  const server = await startServer(t, (_, response) => setImmediate(() => response.writeHead(204).end()));
  const http = makeHttp(t, server.url, { connections: 3 });
  await Promise.all(Array.from({ length: 40 }, () => http.send(call)));
  assert.equal(server.received.length, 40);
  assert.equal(server.connections(), 3);
});

test('the path prefix of the base URL is kept', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  await makeHttp(t, `${server.url}/lti/`).send(call);
  assert.equal(server.received[0]?.url, '/lti/api/x/1');
});

test('a call whose time to begin has passed is not made', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  const http = makeHttp(t, server.url);
  for (const beginBy of [
    { ...inMs(1000), monotonicMs: 0 },
    { ...inMs(1000), wallMs: Date.now() - 1 },
  ]) {
    const error = await failureOf(http.send({ ...call, beginBy }));
    assert.deepEqual([error.kind, error.sent], ['notBegun', false]);
  }
  await http.send({ ...call, beginBy: inMs(5_000) });
  assert.equal(server.received.length, 1);
});

test('a process that stands still while connecting does not send afterwards', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  const http = makeHttp(t, server.url);
  const late = failureOf(http.send({ ...call, beginBy: inMs(30) }));
  const inTime = http.send({ ...call, beginBy: inMs(10_000) });
  block(60);
  assert.deepEqual([(await late).kind, (await late).sent], ['notBegun', false]);
  assert.equal((await inTime).status, 204);
  assert.equal(server.received.length, 1);
});

test('a call that waits for a connection beyond its time to begin is not sent, and the connection lives on', async (t) => {
  const server = await startServer(t, (_, response) => setTimeout(() => response.writeHead(204).end(), 60));
  const http = makeHttp(t, server.url, { connections: 1 });
  const first = http.send(call);
  const late = await failureOf(http.send({ ...call, beginBy: inMs(30) }));
  assert.equal(late.kind, 'notBegun');
  await first;
  await http.send(call);
  assert.deepEqual([server.received.length, server.connections()], [2, 1]);
});

test('a worker stopped by SIGSTOP while connecting wakes up harmless', { skip: process.platform !== 'linux' }, async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  for (const [beginInMs, outcome] of [[150, 'notBegun'], [60_000, '204']] as const) {
    const child = spawn(process.execPath, [...programArguments('test/ltiaas/stopped-caller.ts'), server.url, String(beginInMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    await isStopped(child.pid ?? 0);
    await delay(200);
    child.kill('SIGCONT');
    await once(child, 'close');
    assert.equal(output, outcome);
  }
  assert.equal(server.received.length, 1);
}); // prettier-ignore

async function isStopped(pid: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (/^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))) return;
    await delay(5);
  }
  assert.fail('The child was not stopped in time.');
}

test('a server that does not answer is given up after the timeout, as sent', async (t) => {
  const server = await startServer(t, () => undefined);
  const error = await failureOf(makeHttp(t, server.url).send({ ...call, timeoutMs: 40 }));
  assert.deepEqual([error.kind, error.sent, error.route], ['timeout', true, 'POST /api/x/{id}']);
  assert.ok(error.durationMs >= 39 && error.durationMs < 2_000, String(error.durationMs));
});

test('the timeout covers a body that never ends', async (t) => {
  const server = await startServer(t, (_, response) => void response.writeHead(200).write('{'));
  const error = await failureOf(makeHttp(t, server.url).requestJson({ ...call, timeoutMs: 400 }));
  assert.deepEqual([error.kind, error.status], ['timeout', 200]);
});

test('a call that gets no connection in time was not sent, and stays unsent', async (t) => {
  const server = await startServer(t, (_, response) => setTimeout(() => response.writeHead(204).end(), 80));
  const http = makeHttp(t, server.url, { connections: 1 });
  const first = http.send(call);
  const error = await failureOf(http.send({ ...call, timeoutMs: 20 }));
  assert.deepEqual([error.kind, error.sent], ['timeout', false]);
  await first;
  await http.send(call);
  assert.equal(server.received.length, 2);
});

test('the signal ends a call under way, and one that has not begun', async (t) => {
  const server = await startServer(t, () => undefined);
  const http = makeHttp(t, server.url);
  const controller = new AbortController();
  const underWay = failureOf(http.send({ ...call, signal: controller.signal }));
  while (server.received.length === 0) await delay(2);
  controller.abort();
  assert.deepEqual([(await underWay).kind, (await underWay).sent], ['aborted', true]);
  const notBegun = await failureOf(http.send({ ...call, signal: controller.signal }));
  assert.deepEqual([notBegun.kind, notBegun.sent], ['aborted', false]);
});

test('many calls share one signal without a warning', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  const warnings: Error[] = [];
  const onWarning = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const { signal } = new AbortController();
  const http = makeHttp(t, server.url);
  await Promise.all(Array.from({ length: 100 }, () => http.send({ ...call, signal })));
  await delay(5);
  assert.deepEqual(warnings, []);
});

test('a refused connection was certainly not seen by the server', async (t) => {
  const error = await failureOf(makeHttp(t, 'http://127.0.0.1:9').send(call));
  assert.deepEqual([error.kind, error.sent, error.code], ['network', false, 'ECONNREFUSED']);
});

test('a connection that breaks after the request may have carried it', async (t) => {
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const error = await failureOf(makeHttp(t, `http://127.0.0.1:${port}`).send(call));
  assert.deepEqual([error.kind, error.sent], ['network', true]);
});

test('a redirect is an error and never followed', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
  const error = await failureOf(makeHttp(t, server.url).send(call));
  assert.deepEqual([error.kind, error.status, server.received.length], ['http', 302, 1]);
});

test('an endless good answer is cut and is an error', async (t) => {
  const server = await startServer(t, (_, response) => {
    response.writeHead(200);
    const feed = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
    };
    response.on('drain', feed);
    feed();
  });
  const error = await failureOf(makeHttp(t, server.url, { maxResponseBytes: 200_000 }).requestJson(call));
  assert.deepEqual([error.kind, error.status], ['tooLarge', 200]);
});

test('an endless bad answer keeps its status and its first words', async (t) => {
  const server = await startServer(t, (_, response) => {
    response.writeHead(500);
    response.write(`the beginning ${'x'.repeat(300_000)}`);
  });
  const error = await failureOf(makeHttp(t, server.url, { maxResponseBytes: 100_000 }).requestJson(call));
  assert.deepEqual([error.kind, error.status], ['http', 500]);
  assert.match(error.excerpt ?? '', /^the beginning x+…$/);
});

test('an accepted score stays accepted whatever comes after the status', async (t) => {
  const server = await startServer(t, (_, response) => {
    response.writeHead(200);
    response.write('x'.repeat(10_000));
  });
  const http = makeHttp(t, server.url, { maxResponseBytes: 20_000 });
  assert.equal((await http.send({ ...call, timeoutMs: 40 })).status, 200);
  const broken = await startServer(t, (_, response) => {
    response.writeHead(201, { 'content-length': '50' });
    response.write('half', () => response.destroy());
  });
  assert.equal((await makeHttp(t, broken.url).send(call)).status, 201);
});

test('JSON is read whatever content type it names; HTML is not', async (t) => {
  const server = await startServer(t, ({ url }, response) => {
    response.writeHead(200, { 'content-type': url.endsWith('1') ? 'text/html' : 'application/json' });
    response.end(url.endsWith('1') ? '\uFEFF{"a":1}' : '<html><body>Please <b>log in</b></body></html>');
  });
  const http = makeHttp(t, server.url);
  assert.deepEqual(await http.requestJson(call), { a: 1 });
  const error = await failureOf(http.requestJson({ ...call, path: '/api/x/2' }));
  assert.deepEqual([error.kind, error.status], ['invalidAnswer', 200]);
});

test('Retry-After is kept in milliseconds', async (t) => {
  const server = await startServer(t, (_, response) => json(response, 429, {}, { 'retry-after': '7' }));
  assert.equal((await failureOf(makeHttp(t, server.url).send(call))).retryAfterMs, 7_000);
});
