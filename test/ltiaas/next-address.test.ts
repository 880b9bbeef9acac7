import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../ltiaas/classify.js';
import { resolveNext } from '../../ltiaas/next-address.js';
import { all, rejection, start } from './server.js';

const ROSTER = 'https://lms.example.edu/api/courses/7/names_and_roles?page=1';
const HOSTILE = {
  'another host': 'https://evil.example/api/courses/7?page=2',
  'a host below': 'https://x.lms.example.edu/2',
  'a host that begins alike': 'https://lms.example.edu.evil.example/2',
  'another port': 'https://lms.example.edu:8443/2',
  'no TLS': 'http://lms.example.edu/2',
  'a user name': 'https://ada@lms.example.edu/2',
  'a host as a password': 'https://lms.example.edu:x@evil.example/2',
  'a host without a scheme': '//evil.example/2',
  'a host behind backslashes': String.raw`\\evil.example\2`,
  'a host that is read in two ways': String.raw`https://lms.example.edu\@evil.example/2`,
  'a line break in the host': 'https://lms.exam\nple.edu/2',
  'an address of digits': 'https://169.254.169.254/latest/meta-data',
  'this machine': 'http://127.0.0.1:6379/',
};

const known = { page: ROSTER, origin: undefined };
for (const [name, next] of Object.entries(HOSTILE)) {
  test(`a roster whose next page has ${name} is none of which a part is taken`, async (t) => {
    assert.deepEqual(resolveNext(next, known), { fault: 'elsewhere' });
    const [client, server] = await start(t, () => ({ id: ROSTER, members: [{ userId: 'u', roles: [] }], next }));
    const seen: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const page of client.membershipPages({ serviceKey: 'sk' })) seen.push(page);
      })(),
    );
    assert.deepEqual([seen, server.received.length], [[], 1]);
    assert.equal(classify({ error, family: 'canvas', operation: 'listMemberships' }).type, 'PageElsewhere');
    assert.doesNotMatch(JSON.stringify(error), /evil|169\.254|ada/);
  });
}

test('a list of columns and one of results are held to their hosts as a roster is', async (t) => {
  const lineItemId = 'https://lms.example.edu/items/1';
  const [client] = await start(t, () => ({
    id: 'https://lms.example.edu/',
    lineItems: [],
    scores: [],
    next: 'https://evil.example',
  }));
  const calls = [client.listLineItems({ serviceKey: 'sk' }), client.listResults({ serviceKey: 'sk', lineItemId })];
  for (const call of calls) assert.equal((await rejection(call)).code, 'ADDRESS_ELSEWHERE');
});

test('results are held to the host of their column, whatever their page calls itself', async (t) => {
  const lineItemId = 'https://lms.example.edu/items/1';
  const id = 'https://evil.example/items/1/results';
  const [client] = await start(t, () => ({ id, scores: [], next: 'https://evil.example/items/1/results?page=2' }));
  assert.equal((await rejection(client.listResults({ serviceKey: 'sk', lineItemId }))).code, 'ADDRESS_ELSEWHERE');
});

test('where no page says its address the first next one binds all others', async (t) => {
  const [client, server] = await start(t, ({ url }) => ({
    members: [],
    next: url.includes('url=') ? 'https://other.example/3' : 'https://lms.example.edu/2',
  }));
  assert.equal((await rejection(all(client.membershipPages({ serviceKey: 'sk' })))).code, 'ADDRESS_ELSEWHERE');
  assert.equal(server.received.length, 2);
  const unknown = { page: undefined, origin: undefined };
  for (const next of ['http://lms.example.edu/2', 'https://10.0.0.7/2', 'https://[fd00::1]/2', '//lms.example.edu/2']) {
    assert.deepEqual(resolveNext(next, unknown), { fault: 'elsewhere' }, next);
  }
  assert.deepEqual(resolveNext('http://localhost:3000/2', unknown), { address: 'http://localhost:3000/2' });
});

test('the same host in other letters, with its usual port, and ways within it are its own', () => {
  for (const next of [
    'https://LMS.example.edu:443/2',
    '../../../2',
    '?page=2',
    '/a/%2e%2e/2',
    'https://lms.example.edu?2',
  ]) {
    assert.ok('address' in resolveNext(next, known), next);
  }
});

test('an id of a column that would change the path of the call is called nowhere', async (t) => {
  const [client, server] = await start(t, () => ({}));
  for (const lineItemId of ['.', '..']) {
    const error = await rejection(client.listResults({ serviceKey: 'sk', lineItemId }));
    assert.equal(classify({ error, family: 'unknown', operation: 'listResults' }).type, 'LineItemNotFound');
  }
  const lineItemId = 'https://lms.example.edu/../../admin?x=1#y';
  await client.getLineItem({ serviceKey: 'sk', lineItemId }).catch(() => undefined);
  assert.deepEqual(
    server.received.map(({ url }) => url),
    [`/api/lineitems/${encodeURIComponent(lineItemId)}`],
  );
});
