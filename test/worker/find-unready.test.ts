import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { createKnex } from '../../db/server/knex.js';
import { createFindUnready } from '../../worker/find-unready.js';

/** Takes connections and never says a word, as a machine that hangs. */
const sockets = new Set<Socket>();
const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
await once(silent, 'listening');
const address = silent.address();
const port = isAddressInfo(address) ? address.port : 0;

const db = createKnex({ url: `postgres://passback@127.0.0.1:${port}/passback`, poolMax: 2 });
const connection = Connection.lazy({ address: `127.0.0.1:${port}` });

after(async () => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  await Promise.all([db.destroy(), connection.close()]);
});

function isAddressInfo(value: unknown): value is AddressInfo {
  return typeof value === 'object' && value !== null && 'port' in value;
}

test('a worker says within the second of a probe what is not ready, whatever hangs, and piles up no checks', async () => {
  const findUnready = createFindUnready({ db, workers: () => [], connection: () => connection });
  for (let round = 0; round < 3; round += 1) {
    const begun = performance.now();
    assert.deepEqual(await findUnready(), ['database', 'temporal', 'workers']);
    assert.ok(performance.now() - begun < 950, `${performance.now() - begun} ms`);
  }
  assert.ok(sockets.size <= 3, `${sockets.size} connections`);
});

test('before there is a connection to Temporal it says so at once', async () => {
  const findUnready = createFindUnready({ db, workers: () => [], connection: () => undefined });
  assert.ok((await findUnready()).includes('temporal'));
});
