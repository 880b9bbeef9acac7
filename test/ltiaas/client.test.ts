import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLtiaasClient } from '../../ltiaas/client.js';
import { json, rejection, start, startServer } from './server.js';

const lineItemId = 'https://moodle.example.edu/mod/lti/services.php/2/lineitems/3/lineitem?type_id=1';
const serviceKey = 'sk-1';
const plain = { family: undefined, reGrade: false, beginBy: undefined };

test('a score is sent with the id as one part of the path, the key in the header and nothing but the specification in the body', async (t) => {
  const server = await startServer(t, (_, response) => response.writeHead(204).end());
  const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak' });
  t.after(() => client.close());
  const score = {
    userId: 'u1',
    scoreGiven: 0,
    scoreMaximum: 10,
    activityProgress: 'Completed',
    gradingProgress: 'FullyGraded',
    comment: 'ok',
  } as const;
  const { status, durationMs } = await client.submitScore({ serviceKey, lineItemId, score, ...plain });
  assert.equal(status, 204);
  assert.ok(durationMs > 0);
  const [request] = server.received;
  assert.equal(request?.method, 'POST');
  assert.equal(request?.url, `/api/lineitems/${encodeURIComponent(lineItemId)}/scores`);
  assert.equal(request?.headers.authorization, 'SERVICE-AUTH-V1 ak:sk-1');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(request?.body ?? ''), score);
});

test('any 2xx is a success, with or without a body', async (t) => {
  for (const status of [200, 201, 202]) {
    const [client] = await start(t, () => 'no json', status);
    const score = {
      userId: 'u',
      scoreGiven: 1,
      scoreMaximum: 1,
      activityProgress: 'Completed',
      gradingProgress: 'FullyGraded',
    } as const;
    assert.equal((await client.submitScore({ serviceKey, lineItemId, score, ...plain })).status, status);
  }
});

test('an id token is asked for with the ltik and read', async (t) => {
  const [client, server] = await start(t, () => ({
    platform: { id: 'p', deploymentId: 1 },
    services: { serviceKey: 'sk' },
  }));
  const token = await client.getIdToken({ ltik: 'L' });
  assert.equal(token.platform.deploymentId, '1');
  assert.equal(server.received[0]?.headers.authorization, 'LTIK-AUTH-V2 ak:L');
});

test('an id token that cannot be used tells where', async (t) => {
  const [client] = await start(t, () => ({ platform: { id: 'p' } }));
  const error = await rejection(client.getIdToken({ ltik: 'L' }));
  assert.deepEqual([error.kind, error.excerpt], ['invalidAnswer', 'platform.deploymentId is missing']);
});

test('line items are read from all pages and filtered on this side', async (t) => {
  const next = 'https://lms.example.edu/items?page=2&x=a b';
  const [client, server] = await start(t, ({ url }) =>
    url.includes('url=')
      ? { lineItems: [{ id: 'c', tag: 't', resourceLinkId: 'r' }] }
      : { lineItems: [{ id: 'a', tag: 't', resourceLinkId: 'r' }, { id: 'b', tag: 't', resourceLinkId: 'other' }, { label: 'no id' }], next },
  ); // prettier-ignore
  const items = await client.listLineItems({ serviceKey, resourceLinkId: 'r', tag: 't' });
  assert.deepEqual(items.map(({ id }) => id), ['a', 'c']); // prettier-ignore
  assert.deepEqual(
    server.received.map(({ url }) => url),
    ['/api/lineitems?tag=t', `/api/lineitems?url=${encodeURIComponent(next)}`],
  );
});

test('a column is made with exactly what was given', async (t) => {
  const [client, server] = await start(
    t,
    ({ body }) => ({ ...JSON.parse(body), id: 'https://lms/1', startDateTime: null }),
    201,
  );
  const made = await client.createLineItem({
    serviceKey,
    lineItem: { label: 'L', scoreMaximum: 2.5, tag: 't' },
    family: 'openedx',
    beginBy: undefined,
  });
  assert.deepEqual(made, { id: 'https://lms/1', label: 'L', scoreMaximum: 3, tag: 't' });
  assert.deepEqual(JSON.parse(server.received[0]?.body ?? ''), { label: 'L', scoreMaximum: 3, tag: 't' });
});

test('one column is read by its id', async (t) => {
  const [client, server] = await start(t, () => ({ id: lineItemId, scoreMaximum: '20' }));
  assert.deepEqual(await client.getLineItem({ serviceKey, lineItemId }), { id: lineItemId, scoreMaximum: 20 });
  assert.equal(server.received[0]?.url, `/api/lineitems/${encodeURIComponent(lineItemId)}`);
});

test('results are filtered by user even where the LMS sends everyone', async (t) => {
  const scores = [{ userId: 'a', resultScore: 1 }, { userId: 'b', resultScore: null }];
  const [client, server] = await start(t, () => ({ scores }));
  assert.deepEqual(await client.listResults({ serviceKey, lineItemId, userId: 'b' }), [{ userId: 'b', resultMaximum: 1 }]);
  assert.equal((await client.listResults({ serviceKey, lineItemId })).length, 2);
  assert.match(server.received[0]?.url ?? '', /\/scores\?userId=b$/);
  assert.match(server.received[1]?.url ?? '', /\/scores$/);
}); // prettier-ignore

test('a list that is no list is an error', async (t) => {
  const [client] = await start(t, () => ({ lineItems: 'none' }));
  assert.equal((await rejection(client.listLineItems({ serviceKey }))).kind, 'invalidAnswer');
});

test('every call may name what it shares its connections with', async (t) => {
  const server = await startServer(t, ({ headers }, response) => {
    if (!headers.authorization?.includes('slow')) json(response, 200, ANSWER);
  });
  const client = createLtiaasClient({ baseUrl: server.url, apiKey: 'ak', connections: 1 });
  t.after(() => client.close());
  const score = { userId: 'u', scoreGiven: 1, scoreMaximum: 1, activityProgress: 'Completed', gradingProgress: 'FullyGraded' } as const;
  const lineItem = { label: 'L', scoreMaximum: 1 };
  const ends = new AbortController();
  const hung = rejection(client.listLineItems({ serviceKey: 'slow', pool: 'slow', signal: ends.signal }));
  while (server.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const calls: ((pool: string) => Promise<unknown>)[] = [
    (pool) => client.getIdToken({ ltik: 'L', pool }),
    (pool) => client.listLineItems({ serviceKey, pool }),
    (pool) => client.getLineItem({ serviceKey, lineItemId, pool }),
    (pool) => client.createLineItem({ serviceKey, lineItem, family: undefined, beginBy: undefined, pool }),
    (pool) => client.submitScore({ serviceKey, lineItemId, score, ...plain, pool }),
    (pool) => client.listResults({ serviceKey, lineItemId, pool }),
    (pool) => client.resultPages({ serviceKey, lineItemId, pool }).next(),
    (pool) => client.membershipPages({ serviceKey, pool }).next(),
  ];
  for (const call of calls) await call('other');
  assert.equal(server.received.length, 1 + calls.length);
  ends.abort();
  await hung;
}); // prettier-ignore

/** What all calls can read. */
const ANSWER = {
  ...{ id: 'x', lineItems: [], scores: [], members: [], services: {}, launch: {} },
  platform: { id: 'p', deploymentId: 'd' },
};
