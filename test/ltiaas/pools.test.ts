import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { LtiaasError } from '../../ltiaas/error.js';
import { createHttp, type HttpCall } from '../../ltiaas/http.js';
import { createPools, type Pools, type PoolsOptions } from '../../ltiaas/pools.js';
import { startServer } from './server.js';

function start(t: TestContext, options: Omit<PoolsOptions, 'makePool'> = {}): [Pools, Pool[]] {
  const made: Pool[] = [];
  const makePool = (): Pool => {
    const pool = new Pool('http://127.0.0.1:9');
    made.push(pool);
    return pool;
  };
  const pools = createPools({ makePool, ...options });
  t.after(() => made.every(({ closed }) => closed) || pools.close());
  return [pools, made];
}

function use(pools: Pools, name?: string): Pool {
  const taken = pools.take(name);
  taken.release();
  return taken.pool;
}

test('calls under one name share a pool, and those without a name share another', (t) => {
  const [pools, made] = start(t);
  assert.equal(use(pools, 'a'), use(pools, 'a'));
  assert.notEqual(use(pools, 'a'), use(pools, 'b'));
  assert.equal(use(pools), use(pools));
  assert.equal(made.length, 3);
});

test('a pool that nobody used for a while is closed, and one in use is not', async (t) => {
  const [pools] = start(t, { idleMs: 20 });
  const idle = use(pools, 'idle');
  const { pool: busy } = pools.take('busy');
  await delay(30);
  use(pools, 'other');
  assert.deepEqual([idle.closed, busy.closed], [true, false]);
  assert.equal(use(pools, 'busy'), busy);
  assert.equal(use(pools, 'idle').closed, false);
});

test('more pools than allowed are kept only while they are in use', (t) => {
  const [pools] = start(t, { mostKept: 2 });
  const [first, second] = [pools.take('first'), pools.take('second')];
  assert.equal(use(pools, 'third').closed, false);
  assert.deepEqual([first.pool.closed, second.pool.closed], [false, false]);
  second.release();
  first.release();
  use(pools, 'fourth');
  assert.deepEqual([first.pool.closed, second.pool.closed], [false, true]);
});

test('nothing is opened once all are closed', async (t) => {
  const [pools, made] = start(t);
  use(pools, 'a');
  await pools.close();
  assert.equal(use(pools, 'new').closed, true);
  assert.ok(made.every(({ closed }) => closed));
});

test('a platform that hangs with all its connections does not delay the calls of another', async (t) => {
  const server = await startServer(t, ({ url }, response) => {
    if (!url.endsWith('/hangs')) response.writeHead(204).end();
  });
  const http = createHttp({ baseUrl: server.url, secrets: [], connections: 2 });
  t.after(() => http.close());
  const call: HttpCall = { method: 'POST', template: '/x', path: '/x', authorization: 'A', secrets: [], body: {} };
  const ends = new AbortController();
  const hanging = { ...call, path: '/hangs', pool: 'slow', signal: ends.signal };
  const hung = Promise.allSettled(Array.from({ length: 5 }, () => http.send(hanging)));
  while (server.received.length < 2) await delay(2);
  for (const pool of ['quick', undefined, 'third']) {
    assert.equal((await http.send({ ...call, pool, timeoutMs: 2_000 })).status, 204, pool);
  }
  const behind: unknown = await http.send({ ...call, pool: 'slow', timeoutMs: 40 }).catch((error: unknown) => error);
  assert.ok(behind instanceof LtiaasError);
  assert.deepEqual([behind.kind, behind.sent], ['timeout', false]);
  assert.equal(server.received.filter(({ url }) => url.endsWith('/hangs')).length, 2);
  ends.abort();
  await hung;
  assert.equal((await http.send({ ...call, pool: 'slow' })).status, 204);
});
