import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLtiaasClient } from '../../ltiaas/client.js';
import { all, json, rejection, start, startServer } from './server.js';

const lineItemId = 'https://lms.example.edu/lineitems/3';
const serviceKey = 'sk-1';

test('a roster comes page by page, with what could not be used counted', async (t) => {
  const [client, server] = await start(t, ({ url }) =>
    url.includes('url=')
      ? { context: { id: 'c1' }, members: [{ userId: 'u2', roles: ['Learner'], status: 'INACTIVE' }], next: null }
      : { context: { id: 'c1' }, members: [{ userId: 'u1', roles: 'Learner' }, { roles: [] }], next: 'https://lms/2' },
  );
  const pages = await all(client.membershipPages({ serviceKey, limit: 50, resourceLinkId: 'r' }));
  assert.deepEqual(pages, [
    { contextId: 'c1', skipped: 1, members: [{ userId: 'u1', roles: ['Learner'], status: 'Active' }] },
    { contextId: 'c1', skipped: 0, members: [{ userId: 'u2', roles: ['Learner'], status: 'Inactive' }] },
  ]);
  assert.equal(server.received[0]?.url, '/api/memberships?resourceLinkId=r&limit=50');
});

const nexts: [string, unknown, RegExp][] = [
  ['repeats itself', 'https://lms/2', /circle/],
  ['is no HTTP address', 'file:///etc/passwd', /not an HTTP address/],
  ['is no text', { url: 'https://lms/2' }, /not a text/],
];
for (const [name, next, message] of nexts) {
  test(`a roster whose next page ${name} is an error and not a shorter roster`, async (t) => {
    const [client] = await start(t, () => ({ members: [{ userId: 'u', roles: [] }], next }));
    const error = await rejection(all(client.membershipPages({ serviceKey })));
    assert.equal(error.kind, 'invalidAnswer');
    assert.match(error.excerpt ?? '', message);
  });
}

test('members whose ids are numbers beyond 2^53 keep their digits', async (t) => {
  const server = await startServer(t, (_, response) =>
    response.end('{"members":[{"userId":74140000000062630,"roles":[]},{"userId":74140000000062629,"roles":[]}]}'),
  );
  const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak' });
  t.after(() => client.close());
  const [page] = await all(client.membershipPages({ serviceKey }));
  assert.deepEqual(
    page?.members.map(({ userId }) => userId),
    ['74140000000062630', '74140000000062629'],
  );
});

test('a next page without a host is meant from the page on which it stands', async (t) => {
  const roster = 'https://lms.example.edu/api/lti/courses/7/names_and_roles';
  const [client, server] = await start(t, ({ url }) => {
    if (!url.includes('url='))
      return { id: `${roster}?page=1`, members: [], next: '/api/lti/courses/7/names_and_roles?page=2' };
    return { members: [], next: url.includes('page%3D2') ? '?page=3' : '' };
  });
  assert.deepEqual(
    (await all(client.membershipPages({ serviceKey }))).map(({ skipped }) => skipped),
    [0, 0, 0],
  );
  assert.deepEqual(
    server.received.slice(1).map(({ url }) => decodeURIComponent(url.split('url=')[1] ?? '')),
    [`${roster}?page=2`, `${roster}?page=3`],
  );
});

test('where nobody knows the host of a next page the roster is incomplete, and a list of columns an error', async (t) => {
  const [client, server] = await start(t, () => ({
    ...{ members: [{ userId: 'u', roles: [] }], scores: [], lineItems: [], next: '/courses/7?page=2' },
  }));
  const [page, ...others] = await all(client.membershipPages({ serviceKey }));
  assert.deepEqual([page?.members.length, page?.skipped, others], [1, 1, []]);
  const results = await client.resultPages({ serviceKey, lineItemId }).next();
  assert.deepEqual(results.value, { results: [], skipped: 1 });
  assert.equal((await rejection(client.listLineItems({ serviceKey }))).kind, 'invalidAnswer');
  assert.equal(server.received.length, 3);
});

test('pages that never end are given up after a thousand', async (t) => {
  let page = 0;
  const [client, server] = await start(t, () => ({ lineItems: [], next: `https://lms/${(page += 1)}` }));
  await rejection(client.listLineItems({ serviceKey }));
  assert.equal(server.received.length, 1_000);
});

test('a second page that fails fails the list', async (t) => {
  const server = await startServer(t, ({ url }, response) =>
    json(response, url.includes('url=') ? 500 : 200, { scores: [], next: `${lineItemId}/results?page=2` }),
  );
  const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak' });
  t.after(() => client.close());
  assert.equal((await rejection(client.listResults({ serviceKey, lineItemId }))).status, 500);
});

test('the address of a next page is given to LTIAAS and never called', async (t) => {
  const other = await startServer(t, (_, response) => json(response, 200, { members: [] }));
  const [client, server] = await start(t, ({ url }) => ({
    members: [],
    next: url.includes('url=') ? '' : `${other.url}/2`,
  }));
  await all(client.membershipPages({ serviceKey }));
  assert.deepEqual([server.received.length, other.received.length], [2, 0]);
});
