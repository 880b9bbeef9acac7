import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { packNotices } from '../../../db/notices/notice-outbox.js';
import { revealEndpoint } from '../../../db/notices/notice-endpoints.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import { createTestVault, insertApiKey } from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call } = api;
const vault = createTestVault();
const URL = 'https://hooks.example.org/services/T0/B0/the-credential';
const make = (change: Record<string, unknown> = {}, key?: string) =>
  call('POST', '/v1/notices', {
    body: { url: URL, format: 'standard-webhooks', kinds: ['breakerOpen'], reason: 'a test', ...change },
    ...(key !== undefined && { key }),
  });

test('makes, shows, changes and deletes an endpoint, tells its secret once and its address never', async () => {
  const made = await make({ description: 'on call' });
  assert.equal(made.status, 201, made.text);
  const id = textAt(made.body, 'id');
  const secret = textAt(made.body, 'secret');
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(made.headers['cache-control'], 'no-store');
  assert.equal(at(made.body, 'origin'), 'https://hooks.example.org');
  assert.deepEqual([at(made.body, 'platforms'), at(made.body, 'digestMinutes')], [null, 1_440]);

  const changed = await call('PATCH', `/v1/notices/${id}`, {
    body: { kinds: ['launchNeeded', 'scoreOutcome'], platformId: 'lms', contextId: 'bio', reason: 'a test' },
  });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(
    [at(changed.body, 'kinds'), at(changed.body, 'contextId')],
    [['launchNeeded', 'scoreOutcome'], 'bio'],
  );
  assert.equal(at(changed.body, 'description'), 'on call');
  const listed = await call('GET', '/v1/notices');
  assert.equal(textAt(listed.body, 'noticeEndpoints', 0, 'id'), id);
  for (const { text } of [changed, listed, await call('GET', `/v1/notices/${id}`)]) {
    assert.ok(!text.includes(secret.slice(6)) && !text.includes('the-credential'), text);
  }
  assert.equal((await call('DELETE', `/v1/notices/${id}?reason=done`)).status, 204);
  assert.equal((await call('GET', `/v1/notices/${id}`)).status, 404);
  const audits = await queryRows<{ action: string; details: Json }>(db, 'select action, details from audit_entries');
  assert.deepEqual(
    audits.map(({ action }) => action),
    ['notices.create', 'notices.change', 'notices.delete'],
  );
});

test('keeps address and secrets encrypted, each bound to its row', async () => {
  const made = await make();
  const id = textAt(made.body, 'id');
  assert.deepEqual(await revealEndpoint(db, vault, id), { url: URL, secrets: [textAt(made.body, 'secret')] });
  const rows = JSON.stringify(await queryRows(db, 'select * from notice_endpoints, notice_secrets'));
  assert.ok(!rows.includes('the-credential') && !rows.includes(textAt(made.body, 'secret').slice(6)));
  const other = textAt((await make()).body, 'id');
  await db.raw(
    'update notice_endpoints e set url_ciphertext = o.url_ciphertext from notice_endpoints o where e.id = ? and o.id = ?',
    [other, id],
  );
  await assert.rejects(revealEndpoint(db, vault, other), { name: 'DecryptionError' });
});

test('a new secret signs beside the one before for a day', async () => {
  const made = await make();
  const id = textAt(made.body, 'id');
  const first = textAt(made.body, 'secret');
  const rotate = () => call('POST', `/v1/notices/${id}/rotate-secret`, { body: { reason: 'it leaked' } });
  const rotated = await rotate();
  assert.equal(rotated.status, 200, rotated.text);
  const second = textAt(rotated.body, 'secret');
  const signing = async () => (await revealEndpoint(db, vault, id))?.secrets;
  assert.deepEqual(await signing(), [second, first]);
  assert.deepEqual(
    [at(rotated.body, 'secrets', 0, 'endsAt'), typeof at(rotated.body, 'secrets', 1, 'endsAt')],
    [null, 'string'],
  );
  const third = textAt((await rotate()).body, 'secret');
  assert.deepEqual(await signing(), [third, second]);
  await db.raw(`update notice_secrets set ends_at = now() where endpoint = ? and ends_at is not null`, [id]);
  assert.deepEqual(await signing(), [third]);
});

test('refuses an address that notices must not go to, without repeating it', async () => {
  const bad = [
    'http://tool.example',
    'ftp://x',
    'https://u:p@x',
    'https://x/#y',
    'not a url',
    'https://a b',
    'javascript:x',
  ];
  const near = [
    'https://127.0.0.1',
    'https://10.0.0.1',
    'https://[::1]',
    'https://169.254.169.254',
    'https://2130706433',
  ];
  for (const url of [...bad, ...near]) {
    const answer = await make({ url });
    assert.equal(answer.status, 422, url);
    assert.equal(problemOf(answer.body), 'invalid-notice-endpoint');
    assert.equal(at(answer.body, 'pointer'), '/url');
  }
  const { body } = await make();
  const patched = await call('PATCH', `/v1/notices/${textAt(body, 'id')}`, { body: { url: 'http://x', reason: 'x' } });
  assert.equal(patched.status, 422);
  assert.equal((await make({ contextId: 'bio' })).status, 422);
});

test('a limited key makes endpoints that hear of its platforms only, and sees no others', async () => {
  const { secret: key } = await insertApiKey(db, { scopes: ['admin'], platforms: ['mine'] });
  const mine = await make({}, key);
  assert.deepEqual(at(mine.body, 'platforms'), ['mine']);
  assert.equal((await make({ platformId: 'theirs' }, key)).status, 403);
  const whole = textAt((await make()).body, 'id');
  const hidden: ['GET' | 'PATCH' | 'DELETE' | 'POST', string][] = [
    ['GET', `/v1/notices/${whole}`],
    ['PATCH', `/v1/notices/${whole}`],
    ['DELETE', `/v1/notices/${whole}?reason=x`],
    ['POST', `/v1/notices/${whole}/rotate-secret`],
  ];
  for (const [method, path] of hidden) {
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: { reason: 'x' } };
    assert.equal((await call(method, path, { key, ...body })).status, 404, `${method} ${path}`);
  }
  const listed = await call('GET', '/v1/notices', { key });
  assert.equal(textAt(listed.body, 'noticeEndpoints', 0, 'id'), textAt(mine.body, 'id'));
  assert.equal(at(listed.body, 'noticeEndpoints', 1), undefined);
  const { secret: reader } = await insertApiKey(db, { scopes: ['read', 'operate'] });
  assert.equal((await call('GET', '/v1/notices', { key: reader })).status, 403);
});

test('switching off and on again forgets failures', async () => {
  const id = textAt((await make()).body, 'id');
  const patch = (body: object) => call('PATCH', `/v1/notices/${id}`, { body: { reason: 'x', ...body } });
  await db.raw(
    `update notice_endpoints set failures = 3, failing_since = now(), rest_until = now() + interval '1 hour' where id = ?`,
    [id],
  );
  const off = await patch({ disabled: true });
  assert.deepEqual([at(off.body, 'disabledBy'), at(off.body, 'failures')], ['operator', 3]);
  const on = await patch({ disabled: false });
  assert.deepEqual([at(on.body, 'disabledBy'), at(on.body, 'disabledAt'), at(on.body, 'failures')], [null, null, 0]);
});

test('health says that an endpoint is switched off by failures, or that nobody looks for what is new', async () => {
  await db.raw('delete from notice_endpoints');
  const { secret: key } = await insertApiKey(db, { scopes: ['read'], platforms: ['mine'] });
  const typesFor = async (as?: string): Promise<Json[]> => {
    const { body } = await call('GET', '/v1/health/operations', as === undefined ? {} : { key: as });
    return [at(body, 'findings')]
      .flat()
      .flatMap((finding) => (/^notice/.test(textAt(finding ?? null, 'type')) ? [textAt(finding ?? null, 'type')] : []));
  };
  const id = textAt((await make()).body, 'id');
  assert.deepEqual(await typesFor(), []);
  await db('notice_endpoints')
    .where({ id })
    .update({ looked_at: new Date(Date.now() - 900_000) });
  assert.deepEqual(await typesFor(), ['noticesNeglected']);
  await db('notice_endpoints').where({ id }).update({ disabled_at: new Date(), disabled_by: 'failures' });
  assert.deepEqual(await typesFor(), ['noticeEndpointsDisabled']);
  assert.deepEqual(await typesFor(key), []);
  await call('PATCH', `/v1/notices/${id}`, { body: { disabled: false, reason: 'it is mended' } });
  assert.deepEqual(await typesFor(), []);
});

test('shows what was sent, to whom it may, and sends it again', async () => {
  const id = textAt((await make()).body, 'id');
  const facts = { platformId: 'lms', failureType: 'PlatformUnavailable' };
  const row = { kind: 'breakerOpen', status: 'needsAttention', subject: 'lms', incident: id, facts, since: new Date() };
  await db('notices').insert({ ...row, endpoint: id });
  await db.transaction(packNotices);
  await db('notice_deliveries').where({ endpoint: id }).update({ state: 'failed', attempts: 7, last_status: 500 });
  const listed = await call('GET', `/v1/notice-deliveries?endpoint=${id}&state=failed`);
  const delivery = textAt(listed.body, 'noticeDeliveries', 0, 'id');
  assert.equal(at(listed.body, 'noticeDeliveries', 0, 'count'), 1);
  const shown = await call('GET', `/v1/notice-deliveries/${delivery}`);
  assert.match(textAt(shown.body, 'notices', 0, 'sentence'), /^Calls to lms are held back/);
  assert.deepEqual(at(shown.body, 'notices', 0, 'facts'), facts);

  const { secret: limited } = await insertApiKey(db, { scopes: ['read', 'operate'], platforms: ['mine'] });
  assert.deepEqual(at((await call('GET', '/v1/notice-deliveries', { key: limited })).body, 'noticeDeliveries'), []);
  const resend = (key: string) =>
    call('POST', `/v1/notice-deliveries/${delivery}/resend`, { key, body: { reason: 'x' } });
  assert.equal((await resend(limited)).status, 404);
  const { secret: reader } = await insertApiKey(db, { scopes: ['read'] });
  assert.equal((await resend(reader)).status, 403);
  const again = await resend(api.adminKey);
  assert.equal(again.status, 202, again.text);
  assert.equal(at(again.body, 'state'), 'pending');
  assert.deepEqual(api.noticed, [id]);
});
