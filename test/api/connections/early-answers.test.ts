import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestApi } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';
import { connectRaw, headOf } from '../../helpers/raw-connection.js';

const api = await createTestApi({ settings: { requestsPerMinute: 1 } });
const { db, app, adminKey } = api;
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());

const JSON_TYPE = 'content-type: application/json';
const LONG = 'content-length: 900000';
const bearer = (key: string): string => `authorization: Bearer ${key}`;

test('answers what it refuses by its head at once, and hangs up on the rest of its body', async () => {
  const { secret: reader } = await insertApiKey(db, { scopes: ['read'] });
  const { secret: busy } = await insertApiKey(db, { scopes: ['admin'] });
  await fetch(new URL('/v1/contexts', address), { headers: { authorization: `Bearer ${busy}` } });
  const cases: [status: number, method: string, path: string, headers: string[]][] = [
    [401, 'POST', '/v1/scores', [JSON_TYPE, LONG]],
    [401, 'POST', '/v1/scores', [JSON_TYPE, 'transfer-encoding: chunked', bearer('wrong')]],
    [403, 'POST', '/v1/scores', [JSON_TYPE, LONG, bearer(reader)]],
    [404, 'POST', '/v1/nowhere', [JSON_TYPE, LONG, bearer(adminKey)]],
    [404, 'POST', '/nowhere', [JSON_TYPE, LONG]],
    [405, 'PUT', '/v1/scores', [JSON_TYPE, LONG, bearer(adminKey)]],
    [413, 'POST', '/v1/launches', [JSON_TYPE, 'content-length: 9000000', bearer((await insertApiKey(db)).secret)]],
    [415, 'POST', '/v1/launches', ['content-type: text/plain', LONG, bearer((await insertApiKey(db)).secret)]],
    [429, 'POST', '/v1/launches', [JSON_TYPE, LONG, bearer(busy)]],
  ];
  for (const [status, method, path, headers] of cases) {
    const connection = await connectRaw(address);
    connection.write(headOf(method, path, headers));
    await eventually(
      `the answer ${status}`,
      () => connection.received().includes('requestId') || connection.received().endsWith('}'),
      3_000,
    );
    assert.match(connection.received(), new RegExp(`^HTTP/1.1 ${status} `), `${method} ${path}`);
    assert.match(connection.received(), /connection: close/i);
    const dribble = setInterval(() => connection.write('1\r\n{\r\n'), 50);
    await eventually(`the end of the connection of ${status}`, () => connection.isClosed(), 3_000).finally(() =>
      clearInterval(dribble),
    );
  }
});

test('gives the whole answer to a client that sends its body first, and keeps a connection whose body has come', async () => {
  const big = 'x'.repeat(900_000);
  const answer = await fetch(new URL('/v1/scores', address), {
    ...{ method: 'POST', body: big, headers: { 'content-type': 'application/json', authorization: 'Bearer wrong' } },
  });
  assert.equal(answer.status, 401);
  assert.match(await answer.text(), /unauthorized/);

  const connection = await connectRaw(address);
  connection.write(`${headOf('POST', '/livez', [JSON_TYPE, 'content-length: 2'])}{}`);
  await eventually('the first answer', () => connection.received().includes('method-not-allowed'));
  connection.write(headOf('GET', '/livez'));
  await eventually('the second answer', () => connection.received().includes('"ok"'));
  connection.destroy();
});
