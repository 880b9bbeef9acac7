import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBodyRoom } from '../../../api/webhooks/body-room.js';
import { createTestApi } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { connectRaw, headOf } from '../../helpers/raw-connection.js';
import { createSource, graded, namingMapping, sendStandard, signStandard } from '../../helpers/webhooks.js';

const api = await createTestApi();
const { app } = api;
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());
await createSource(api, { name: 'standard', mapping: namingMapping('lms') });
const TYPE = ['content-type: application/json', 'content-length: 1000000'];

test('refuses what is not signed at all before its body has come, whether or not there is such a source', async () => {
  for (const source of ['standard', 'nobody']) {
    const connection = await connectRaw(address);
    connection.write(headOf('POST', `/v1/webhooks/${source}`, TYPE));
    await eventually('the answer', () => connection.received().endsWith('}'), 3_000);
    assert.match(connection.received(), /^HTTP\/1.1 401 [^]*signature-refused/);
    await eventually('the end of the connection', () => connection.isClosed(), 3_000);
  }
});

test('has room for some dozens of bodies that dribble; beyond them 429, until the oldest have had their time', async () => {
  const signed = Object.entries(signStandard('{}')).map(([name, value]) => `${name}: ${value}`);
  const open = async () => {
    const connection = await connectRaw(address);
    connection.write(`${headOf('POST', '/v1/webhooks/standard', [...TYPE, ...signed])}{`);
    return connection;
  };
  const slow = await Promise.all(Array.from({ length: 70 }, open));
  const answered = (status: number) => slow.filter((one) => one.received().startsWith(`HTTP/1.1 ${status} `));
  await eventually('a full room', () => answered(429).length === 6);
  assert.equal((await sendStandard(app, 'standard', graded())).status, 429);
  assert.equal(answered(408).length, 0);
  await eventually('room again', async () => (await sendStandard(app, 'standard', graded())).status === 202, 8_000);
  await eventually('the answer to the oldest', () => answered(408).length > 0);
  for (const connection of slow) connection.destroy();
  await eventually('an empty room', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendStandard(app, 'standard', graded())));
    return answers.every(({ status }) => status === 202);
  });
});

test('gives up no body that is whole, and gives room back once', () => {
  let at = 0;
  const room = createBodyRoom({ mostBytes: 10, now: () => at });
  const given: string[] = [];
  const enter = (name: string, bytes: number) => room.enter(bytes, () => given.push(name));
  const whole = enter('whole', 4);
  whole?.arrive(4);
  const coming = enter('coming', 6);
  assert.equal(enter('too early', 1), undefined);
  at = 5_000;
  assert.equal(enter('too long', 7), undefined);
  assert.deepEqual(given, ['coming']);
  coming?.leave();
  coming?.arrive(6);
  const last = enter('last', 6);
  assert.ok(last);
  last.arrive(1);
  assert.ok(enter('beside', 5));
  whole?.leave();
  whole?.leave();
  assert.equal(enter('beyond', 5), undefined);
  assert.ok(enter('the rest', 4));
});
