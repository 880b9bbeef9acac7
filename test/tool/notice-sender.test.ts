import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { createNoticeSender, type NoticeAnswer } from '../../tool/notice-sender.js';
import { createNoticeReceiver } from '../helpers/notice-receiver.js';

const secrets = [`whsec_${Buffer.alloc(32, 3).toString('base64')}`];

/** Names that stand for what each test says. */
function looksUp(addresses: string[]): typeof lookup {
  const fake = (_name: string, _options: unknown, callback: (error: null, all: object[]) => void): void =>
    callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))); // prettier-ignore
  return Object.assign(fake, lookup);
}

async function sendTo(
  url: string,
  options: Partial<Parameters<typeof createNoticeSender>[0]> = {},
): Promise<NoticeAnswer> {
  const sender = createNoticeSender({ mayBePrivate: false, timeoutMs: 2_000, ...options });
  try {
    return await sender.send({ id: 'msg_1', url, secrets, body: '{}', signal: new AbortController().signal });
  } finally {
    await sender.close();
  }
}

const REFUSED = { status: null, failure: 'AddressNotAllowed' };

test('no private address is called, whether it stands in the address or behind a name', async () => {
  const receiver = await createNoticeReceiver();
  const { port } = new URL(receiver.url);
  const hosts = ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.169.254', '[fd00::1]', '[::ffff:127.0.0.1]', '0.0.0.0'];
  for (const host of hosts) assert.deepEqual(await sendTo(`https://${host}:${port}/`), REFUSED, host);
  assert.deepEqual(await sendTo(`https://localhost:${port}/`), REFUSED);
  for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fe80::1']) {
    const answer = await sendTo(`https://tool.example:${port}/`, { lookup: looksUp([address]) });
    assert.deepEqual(answer, REFUSED, address);
  }
  const mixed = await sendTo(`https://tool.example:${port}/`, { lookup: looksUp(['1.1.1.1', '127.0.0.1']) });
  assert.deepEqual(mixed, REFUSED);
  assert.equal(receiver.received.length, 0);
});

test('nothing goes over http unless that is wanted', async () => {
  const receiver = await createNoticeReceiver();
  assert.deepEqual(await sendTo(receiver.url), REFUSED);
  assert.deepEqual(await sendTo('http://tool.example/', { lookup: looksUp(['1.1.1.1']) }), REFUSED);
  assert.deepEqual(await sendTo(receiver.url, { mayBePrivate: true }), { status: 204, failure: null });
  assert.equal(receiver.received.length, 1);
});

test('a receiver that does not answer, or never ends, costs no more than the deadline', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/silent') return;
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(100_000)), 5);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.closeAllConnections());
  after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const url = `http://127.0.0.1:${address.port}`;
  const options = { mayBePrivate: true, timeoutMs: 300 };
  assert.deepEqual(await sendTo(`${url}/silent`, options), { status: null, failure: 'EndpointTooSlow' });
  const began = performance.now();
  assert.deepEqual(await sendTo(`${url}/endless`, options), { status: 200, failure: null });
  assert.ok(performance.now() - began < 2_000);
  const closed = await sendTo('http://127.0.0.1:1/', options);
  assert.deepEqual(closed, { status: null, failure: 'EndpointUnreachable' });
});
