import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Knex } from 'knex';
import { createKnex, queryRows } from '../../../db/server/knex.js';
import { createTestDatabase } from '../../helpers/database.js';

const { url } = await createTestDatabase();

interface Proxy {
  url: string;
  /** What is connected now hears nothing any more, and is not told. */
  silence(): void;
  /** Nor does what connects from now on. */
  silenceAll(): void;
  hear(): void;
  connections(): number;
}

/** Stands between us and PostgreSQL, like a pooler or a network that loses its memory. */
async function startProxy(t: TestContext): Promise<Proxy> {
  const target = new URL(url);
  const open: { near: Socket; far: Socket }[] = [];
  let isSilent = false;
  const cut = ({ near, far }: { near: Socket; far: Socket }): void => {
    near.unpipe(far);
    far.unpipe(near);
    near.resume();
    far.resume();
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
    open.push({ near, far });
    if (isSilent) cut({ near, far });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const { near, far } of open) for (const socket of [near, far]) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const through = new URL(url);
  through.port = String(address.port);
  through.hostname = '127.0.0.1';
  return {
    url: through.href,
    silence: () => open.forEach(cut),
    silenceAll: () => {
      isSilent = true;
      open.forEach(cut);
    },
    hear: () => (isSilent = false),
    connections: () => open.length,
  };
}

function openPool(t: TestContext, proxy: Proxy, silenceMs: number | null): Knex {
  const db = createKnex({ url: proxy.url, poolMax: 1, silenceMs });
  t.after(() => db.destroy());
  return db;
}

const ask = (db: Knex): Promise<unknown> => queryRows(db, 'select 1 as one');

async function takesLessThan(ms: number, action: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await action();
  assert.ok(performance.now() - startedAt < ms, `${performance.now() - startedAt} ms`);
}

test('a query to a database that went silent fails in time, and the next takes a new connection', async (t) => {
  const proxy = await startProxy(t);
  const db = openPool(t, proxy, 200);
  await ask(db);
  assert.equal(proxy.connections(), 1);
  proxy.silence();
  await takesLessThan(2_000, () => assert.rejects(ask(db), { code: 'ETIMEDOUT' }));
  assert.deepEqual(await ask(db), [{ one: 1 }]);
  assert.equal(proxy.connections(), 2);
});

test('a transaction whose database went silent fails in time, its rollback too', async (t) => {
  const proxy = await startProxy(t);
  const db = openPool(t, proxy, 200);
  await takesLessThan(2_000, () =>
    assert.rejects(
      db.transaction(async (trx) => {
        await trx.raw('select 1');
        proxy.silence();
        await trx.raw('select 2');
      }),
    ),
  );
  assert.deepEqual(await ask(db), [{ one: 1 }]);
  assert.equal(proxy.connections(), 2);
});

test('a database that takes connections and says nothing is given up, and used again when it speaks', async (t) => {
  const proxy = await startProxy(t);
  const db = openPool(t, proxy, 200);
  proxy.silenceAll();
  await takesLessThan(2_000, () => assert.rejects(ask(db), { code: 'ETIMEDOUT' }));
  proxy.hear();
  assert.deepEqual(await ask(db), [{ one: 1 }]);
});

test('a statement longer than the silence that is borne is given up, unless any is borne', async (t) => {
  const proxy = await startProxy(t);
  await assert.rejects(openPool(t, proxy, 200).raw('select pg_sleep(0.6)'), { code: 'ETIMEDOUT' });
  await openPool(t, proxy, null).raw('select pg_sleep(0.6)');
});

test('a connection that rests in the pool for longer is not the worse for it', async (t) => {
  const proxy = await startProxy(t);
  const db = openPool(t, proxy, 600);
  await ask(db);
  await db.transaction(async (trx) => {
    for (let turn = 0; turn < 4; turn += 1) await trx.raw('select pg_sleep(0.2)');
  });
  await queryRows(openPool(t, proxy, null), 'select pg_sleep(0.9)');
  assert.deepEqual(await ask(db), [{ one: 1 }]);
});
