import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { at, createTestApi } from '../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';

const { app, db, call, adminKey } = await createTestApi();
const platform = await insertPlatform(db, { platformId: 'lms', deploymentId: 'd1' });
const context = await insertContext(db, { deployment: platform.deployment, contextId: 'course' });
const column = await insertLineItem(db, { context: context.id });

const place = { platformId: 'lms', contextId: 'course' };
const score = { ...place, lineItem: { id: column.line_item_id }, userId: 'ada', scoreGiven: 1, scoreMaximum: 2 };
const key = { ...place, deploymentId: 'd1', resourceLinkId: 'quiz', serviceKey: 'key' };

async function post(url: string, payload: Buffer, type = 'application/json') {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': type };
  return app.inject({ method: 'POST', url, headers, payload });
}

test('refuses JSON that is not UTF-8, wherever it is sent', async () => {
  const bytes = (body: unknown): Buffer => Buffer.from(JSON.stringify(body), 'latin1');
  const bodies: [string, unknown][] = [
    ['/v1/scores', { ...score, userId: 'Müller' }],
    ['/v1/service-keys', { ...key, resourceLinkId: 'Übung' }],
    ['/v1/launches', { idToken: { platform: { id: 'Hülle' } } }],
    ['/v1/syncs', { contextId: 'Müller' }],
  ];
  for (const [url, body] of bodies) {
    const answer = await post(url, bytes(body));
    assert.equal(answer.statusCode, 400, answer.body);
    assert.match(answer.body, /malformed-json.*not valid UTF-8/);
  }
  assert.deepEqual(await queryRows(db, 'select 1 from scores'), []);
});

test('refuses the rows of service keys that are not UTF-8, and those alone', async () => {
  const head = 'platformId,deploymentId,contextId,resourceLinkId,serviceKey\n';
  const rows = `lms,d1,course,Übung,k1\nlms,d1,course,plain,k2\n`;
  const answer = await post('/v1/service-keys', Buffer.from(head + rows, 'latin1'), 'text/csv');
  assert.equal(answer.statusCode, 200, answer.body);
  const links = await queryRows(db, 'select resource_link_id from resource_links');
  assert.deepEqual(links, [{ resource_link_id: 'plain' }]);
  // JSON with a member of this name is a key like another, and no file.
  const json = await call('POST', '/v1/service-keys', { body: { csv: head + rows } });
  assert.equal(json.status, 422, json.text);
});

const ODD = { NUL: 'a\0b', 'half a pair': 'a\ud800b', 'the other half': '\udc00' };
for (const [what, odd] of Object.entries(ODD)) {
  test(`refuses ${what} in whatever text is sent, by name`, async () => {
    const idToken = {
      platform: { id: 'other', deploymentId: 'd' },
      launch: { context: { id: 'c', title: odd } },
      services: { assignmentAndGrades: { available: true }, serviceKey: 'k' },
    };
    const uuid = '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10';
    const bodies: ['POST' | 'PUT' | 'PATCH', string, unknown, string][] = [
      ['POST', '/v1/syncs', { contextId: odd, reason: 'x' }, '/contextId'],
      ['POST', '/v1/syncs', { platformId: 'lms', reason: odd }, '/reason'],
      ['POST', '/v1/scores/retry', { filter: { tag: odd } }, '/filter/tag'],
      ['POST', '/v1/api-keys', { name: 'x', scopes: ['read'], platforms: ['lms', odd] }, '/platforms/1'],
      [
        'POST',
        '/v1/webhook-sources',
        { name: 'x', mapping: { type: { pointer: '/t', in: [odd] } } },
        '/mapping/type/in/0',
      ],
      ['POST', '/v1/backfills', { reason: 'x', author: odd, filter: { userId: 'a' }, action: 'resend' }, '/author'],
      ['POST', `/v1/scores/${uuid}/decide`, { reason: odd, decision: 'replace' }, '/reason'],
      ['POST', '/v1/launches', { ltik: odd }, '/ltik'],
      ['PUT', '/v1/references/some/ref', { ...place, lineItem: { id: odd }, userId: 'a' }, '/lineItem/id'],
      [
        'POST',
        '/v1/launches',
        { idToken: { ...idToken, platform: { id: odd, deploymentId: 'd' } } },
        '/idToken/platform/id',
      ],
      ['POST', '/v1/launches', { idToken: { ...idToken, user: { id: odd, roles: [] } } }, '/idToken/user/id'],
    ];
    for (const [method, path, body, pointer] of bodies) {
      const answer = await call(method, path, { body });
      assert.ok([400, 422].includes(answer.status), `${path} ${answer.text}`);
      assert.equal(at(answer.body, 'pointer'), pointer, answer.text);
    }
    for (const name of ['userId', 'tag', 'cursor']) {
      const path = `/v1/scores?${name}=${odd === 'a\0b' ? '%00' : '%ED%A0%80'}`;
      assert.ok((await call('GET', path)).status < 500);
    }
    for (const items of [
      { ...score, comment: odd },
      { ...score, lineItem: { id: odd } },
    ]) {
      const answer = await call('POST', '/v1/scores', { body: items });
      assert.equal(answer.status, 422, answer.text);
    }
    // The title is only read by people, and the LMS wrote it.
    const launch = await call('POST', '/v1/launches', { body: { idToken } });
    assert.equal(launch.status < 300, true, launch.text);
  });
}

test('refuses JSON that is nested without end, with an Idempotency-Key too', async () => {
  for (const path of ['/v1/scores', '/v1/syncs', '/v1/launches', '/v1/backfills']) {
    for (const deep of ['['.repeat(5_000) + ']'.repeat(5_000), '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)]) {
      const headers = { 'idempotency-key': path };
      const answer = await call('POST', path, { body: deep, headers });
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, /nested more than 100 deep/);
    }
  }
});

test('refuses ids of more bytes than an index holds, by name, and takes those that fit', async () => {
  const long = '漢'.repeat(1_024);
  // Nothing that PostgreSQL could make shorter.
  const random = (length: number): string =>
    Array.from({ length }, (_, place) => String.fromCodePoint(0x4e00 + ((place * 7_919 + length) % 20_000))).join('');
  for (const id of [long, random(1_024), random(342)]) {
    const items = [
      { ...score, userId: id },
      { ...score, lineItem: { id } },
      { ...score, lineItem: { resourceLinkId: id } },
      { ...score, lineItem: { resourceId: 'r', tag: id, label: 'l', scoreMaximum: 1 } },
      { ...score, contextId: id },
    ];
    const answer = await call('POST', '/v1/scores', { body: items });
    assert.equal(at(answer.body, 'invalid'), items.length, answer.text.slice(0, 500));
    assert.match(answer.text, /userId must not be longer than 1024 bytes/);
    const keys = await call('POST', '/v1/service-keys', { body: [{ ...key, contextId: id }] });
    assert.match(keys.text, /contextId must not be longer than 1024 bytes/);
    const reference = await call('PUT', '/v1/references/some/ref', {
      body: { ...place, lineItem: { id: 'a' }, userId: id },
    });
    assert.match(reference.text, /userId must not be longer than 1024 bytes/);
    const launch = await call('POST', '/v1/launches', { body: { idToken: tokenOf({ id, deploymentId: 'd' }) } });
    assert.equal(at(launch.body, 'pointer'), '/idToken/platform/id', launch.text);
  }
  const lineItem = { resourceId: random(341), tag: random(340), label: random(1_000), scoreMaximum: 1 };
  const fits = await call('POST', '/v1/scores', { body: { ...score, userId: random(341), lineItem } });
  assert.equal(fits.status, 202, fits.text);
});

function tokenOf(platform: Record<string, unknown>, services: Record<string, unknown> = {}): unknown {
  return {
    platform,
    launch: { context: { id: 'c' } },
    services: { assignmentAndGrades: { available: true }, serviceKey: 'k', ...services },
  };
}

test('refuses service keys that no header can carry, wherever they come from', async () => {
  const platform = { id: 'keys', deploymentId: 'd' };
  for (const bad of ['k\0', 'k\nx', 'k\r', 'k\u007f', 'k\ud800', 'schlüssel', ' k', 'k ', 'k'.repeat(4_097)]) {
    const launch = await call('POST', '/v1/launches', { body: { idToken: tokenOf(platform, { serviceKey: bad }) } });
    assert.equal(launch.status, 422, launch.text);
    assert.equal(at(launch.body, 'pointer'), '/idToken/services/serviceKey', launch.text);
    const brought = await call('POST', '/v1/service-keys', { body: [{ ...key, serviceKey: bad }] });
    assert.equal(at(brought.body, 'serviceKeys', 0, 'problem', 'pointer'), '/serviceKey', brought.text);
  }
  const body = { idToken: tokenOf(platform, { serviceKey: 'k'.repeat(4_096) }) };
  assert.equal((await call('POST', '/v1/launches', { body })).status, 201);
});

test('reads instants in one way, and refuses what PostgreSQL would', async () => {
  const filterOf = (changedAfter: string): unknown => ({
    ...{ reason: 'x', author: 'y', action: 'resend' },
    filter: { platformId: 'nowhere', changedAfter },
  });
  const token = tokenOf({ id: 'times', deploymentId: 'd' });
  for (const bad of [
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:00',
    '2016-12-31T23:59:60Z',
    '1969-12-31T23:59:59Z',
  ]) {
    for (const [method, path, body] of [
      ['POST', '/v1/backfills', filterOf(bad)],
      ['POST', '/v1/launches', { idToken: token, launchedAt: bad }],
      ['PUT', '/v1/references/some/ref', { ...place, lineItem: { id: 'a' }, userId: 'a', expiresAt: bad }],
      ['GET', `/v1/webhook-events?receivedAfter=${encodeURIComponent(bad)}`, undefined],
    ] as const) {
      const answer = await call(method, path, body === undefined ? {} : { body });
      assert.equal(answer.status, 400, `${path} ${bad} ${answer.text}`);
      assert.match(answer.text, /(changedAfter|launchedAt|expiresAt|receivedAfter)/);
    }
  }
  const taken = await call('POST', '/v1/backfills', { body: filterOf('2026-01-01T23:30:00+23:00') });
  assert.equal(at(taken.body, 'parameters', 'filter', 'changedAfter'), '2026-01-01T00:30:00.000Z', taken.text);
  const events = await call(
    'GET',
    `/v1/webhook-events?receivedAfter=${encodeURIComponent('2026-01-01T00:00:00+23:00')}`,
  );
  assert.equal(events.status, 200, events.text);
});

test('refuses numbers that are none', async () => {
  for (const limit of ['01', '0', '-1', '1e3', '1.0', '501', '999999999999', '']) {
    assert.equal((await call('GET', `/v1/scores?limit=${limit}`)).status, 400, limit);
  }
  for (const perSecond of ['0', '0.0', '000', `0.${'0'.repeat(400)}1`, '-1', '1e3', '1000001']) {
    const query = `reason=x&author=y&perSecond=${perSecond}`;
    const csv = { headers: { 'content-type': 'text/csv' }, body: 'platformId' };
    const upload = await call('POST', `/v1/backfills?${query}`, csv);
    assert.deepEqual([upload.status, at(upload.body, 'pointer')], [400, '/perSecond'], upload.text);
    const filter = { action: 'resend', filter: { platformId: 'nowhere' } };
    const filtered = await call('POST', `/v1/backfills?${query}`, { body: filter });
    assert.equal(filtered.status, 400, filtered.text);
  }
  const body = { reason: 'x', author: 'y', action: 'resend', filter: { platformId: 'nowhere' }, perSecond: 5e-324 };
  assert.equal((await call('POST', '/v1/backfills', { body })).status, 400);
});

test('tells twenty parts of what is wrong, and each of them short', async () => {
  const body = { name: 'x', scopes: ['read'], platforms: Array.from({ length: 5_000 }, () => 1) };
  const many = await call('POST', '/v1/api-keys', { body });
  assert.equal(many.status, 400);
  const errors = at(many.body, 'errors');
  assert.ok(Array.isArray(errors) && errors.length === 20, many.text.slice(0, 300));
  const long = await call('POST', '/v1/syncs', { body: { ['n'.repeat(50_000)]: 1, reason: 'a test' } });
  assert.ok(long.status === 400 && long.text.length < 5_000, String(long.text.length));
});
