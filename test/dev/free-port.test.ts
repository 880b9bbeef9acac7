import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { findFreePort } from '../../dev/machine/free-port.js';

test('finds a port that the system lends to no connection before somebody listens on it', async () => {
  for (const port of await Promise.all(Array.from({ length: 50 }, () => findFreePort()))) {
    assert.ok(port >= 20_000 && port < 32_768, String(port));
  }
});

test('prefers what is preferred, unless it is taken', async (t) => {
  const preferred = await findFreePort();
  assert.equal(await findFreePort([undefined, preferred]), preferred);
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen({ port: preferred, host: '127.0.0.1' }, resolve));
  assert.notEqual(await findFreePort([undefined, preferred]), preferred);
});
