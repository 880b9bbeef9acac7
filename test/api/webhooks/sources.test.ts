import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, parseJson, problemOf, textAt, type Json } from '../../helpers/app.js';
import { insertApiKey, insertContext, insertPlatform } from '../../helpers/factories.js';
import { readRepositoryFile } from '../../helpers/repository.js';
import {
  createSource,
  GITHUB,
  graded,
  hmac,
  namingMapping,
  PLAIN_SECRET,
  REFERENCE_MAPPING,
  send,
  signStandard,
  STANDARD_SECRET,
} from '../../helpers/webhooks.js';

const api = await createTestApi();
const { app, db, call } = api;
const platform = await insertPlatform(db, { platformId: 'lms' });
await insertContext(db, { deployment: platform.deployment, contextId: 'bio' });
const mapping = namingMapping('lms');
const standard = { scheme: 'standardWebhooks' };
const make = (change: Record<string, unknown> = {}, key?: string) =>
  call('POST', '/v1/webhook-sources', {
    body: { name: 'grader', verification: standard, secret: STANDARD_SECRET, mapping, reason: 'a test', ...change },
    ...(key !== undefined && { key }),
  });

test('makes, shows, changes and deletes a source, tells no secret, and keeps who did it', async () => {
  const made = await make({ limits: { expireDays: 5 }, reason: 'new grader' });
  assert.equal(made.status, 201, made.text);
  assert.equal(at(made.body, 'url'), '/v1/webhooks/grader');
  assert.deepEqual(at(made.body, 'mapping'), mapping);
  assert.deepEqual(at(made.body, 'limits'), {
    ...{ maxBodyBytes: 262_144, eventsPerMinute: null, expireDays: 5, keepBodiesDays: 3 },
  });
  assert.equal((await make()).status, 409);
  const patched = await call('PATCH', '/v1/webhook-sources/grader', {
    body: { limits: { keepBodiesDays: 1 }, reason: 'a test' },
  });
  assert.equal(at(patched.body, 'limits', 'expireDays'), 5);
  assert.equal(at(patched.body, 'limits', 'keepBodiesDays'), 1);
  const next = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const added = await call('POST', '/v1/webhook-sources/grader/secrets', { body: { secret: next, reason: 'a test' } });
  const listed = await call('GET', '/v1/webhook-sources');
  const shown = await call('GET', '/v1/webhook-sources/grader');
  for (const { text } of [made, patched, added, listed, shown])
    for (const secret of [STANDARD_SECRET, next]) assert.ok(!text.includes(secret.slice(6)), text);
  assert.equal((await call('DELETE', '/v1/webhook-sources/grader?reason=done')).status, 204);
  assert.equal((await call('GET', '/v1/webhook-sources/grader')).status, 404);
  const audits = await queryRows<{ action: string; subject: string; details: Json }>(
    db,
    'select action, subject, details from audit_entries order by id',
  );
  assert.deepEqual(
    audits.map(({ action, subject }) => [action, subject]),
    ['create', 'change', 'secrets.add', 'delete'].map((deed) => [`webhook-sources.${deed}`, 'grader']),
  );
  for (const secret of [STANDARD_SECRET, next]) assert.ok(!JSON.stringify(audits).includes(secret.slice(6)));
});

test('refuses what would not work, with every place at once', async () => {
  const cases: [Record<string, unknown>, string, string][] = [
    [{ secret: 'whsec_ not base64 at all!!' }, 'invalid-webhook-source', '/secret'],
    [{ secret: 'whsec_c2hvcnQ=' }, 'invalid-request', '/secret'],
    [{ verification: { scheme: 'md5' } }, 'invalid-request', '/verification'],
    [{ verification: { ...GITHUB, prefx: 'x' } }, 'invalid-request', '/verification'],
    [{ name: 'No Name' }, 'invalid-request', '/name'],
    [{ mapping: { ...mapping, stdent: '/x' } }, 'invalid-request', '/mapping'],
    [{ mapping: { ...mapping, score: 'points' } }, 'invalid-webhook-source', '/mapping/score'],
    [{ limits: { expireDays: 31 } }, 'invalid-request', '/limits/expireDays'],
  ];
  for (const [change, problem, pointer] of cases) {
    const answer = await make({ name: 'faulty', ...change });
    assert.equal(problemOf(answer.body), problem, `${JSON.stringify(change)} ${answer.text}`);
    assert.ok(textAt(answer.body, 'pointer').startsWith(pointer), answer.text);
  }
  const several = await make({ name: 'faulty', mapping: { ...mapping, score: 'points', time: 'at' } });
  assert.deepEqual(at(several.body, 'errors', 1, 'pointer'), '/mapping/time');
  assert.equal((await call('GET', '/v1/webhook-sources/faulty')).status, 404);
});

test('refuses a change of verification that its secrets do not fit', async () => {
  await createSource(api, { name: 'changing', mapping, verification: GITHUB });
  const answer = await call('PATCH', '/v1/webhook-sources/changing', {
    body: { verification: standard, reason: 'a test' },
  });
  assert.equal(problemOf(answer.body), 'invalid-webhook-source', answer.text);
  assert.equal(at(answer.body, 'pointer'), '/verification');
});

test('is for admins, who make and see no source that reaches further than their key', async () => {
  const reader = await insertApiKey(db, { scopes: ['read', 'scores:write', 'operate'] });
  assert.equal((await make({ name: 'mine' }, reader.secret)).status, 403);
  const limited = await insertApiKey(db, { platforms: ['lms'] });
  assert.equal(problemOf((await make({ name: 'mine', platforms: ['lms', 'x'] }, limited.secret)).body), 'forbidden');
  const refused = textAt((await make({ name: 'mine' }, limited.secret)).body, 'detail');
  const [, name = ''] = /name it "(.+)"/.exec(refused) ?? [];
  const made = await make({ name }, limited.secret);
  assert.deepEqual(at(made.body, 'platforms'), ['lms']);
  const { body } = await call('GET', '/v1/webhook-sources', { key: limited.secret });
  const names = at(body, 'webhookSources');
  assert.deepEqual(Array.isArray(names) && names.map((source) => at(source, 'name')), [name]);
  assert.equal((await call('GET', '/v1/webhook-sources/changing', { key: limited.secret })).status, 404);
});

test('shows what a sample would become, with a mapping on trial, and keeps nothing', async () => {
  await createSource(api, { name: 'trial', mapping: namingMapping('lms', { score: '/points' }) });
  const dryRun = (body: object) => call('POST', '/v1/webhook-sources/trial/dry-run', { body });
  const wrong = await dryRun({ sample: graded() });
  assert.equal(at(wrong.body, 'state'), 'invalid', wrong.text);
  assert.equal(at(wrong.body, 'reason', 'pointer'), '/points');
  const right = await dryRun({ sample: graded(), mapping });
  assert.equal(at(right.body, 'state'), 'scored');
  assert.equal(at(right.body, 'outcome'), 'accepted');
  assert.equal(at(right.body, 'item', 'scoreGiven'), 7);
  assert.equal(at(right.body, 'signature'), null);
  const unknown = await dryRun({ sample: { ...graded(), submission: 's1' }, mapping: REFERENCE_MAPPING });
  assert.equal(at(unknown.body, 'reason', 'type'), 'unknownReference');
  assert.equal(problemOf((await dryRun({})).body), 'invalid-request');
  assert.equal(
    problemOf((await dryRun({ sample: 1, mapping: { ...mapping, time: 'x' } })).body),
    'invalid-webhook-source',
  );
  for (const table of ['webhook_events', 'scores', 'line_items']) {
    assert.equal((await queryRows(db, `select 1 from ${table}`)).length, 0, table);
  }
});

test('says by a dry run what is wrong with a signature', async () => {
  const rawBody = JSON.stringify(graded());
  const dryRun = (headers: Record<string, string>) =>
    call('POST', '/v1/webhook-sources/trial/dry-run', { body: { rawBody, headers } });
  const found = [];
  for (const headers of [
    signStandard(rawBody),
    signStandard('other'),
    signStandard(rawBody, { sentAt: new Date(Date.now() - 600_000) }),
    {},
  ]) {
    found.push(at((await dryRun(headers)).body, 'signature'));
  }
  assert.deepEqual(found, ['valid', 'signatureWrong', 'timestampOutside', 'signatureMissing']);
});

test('takes every verification and the source that docs/webhooks.md shows', async () => {
  const text = readRepositoryFile('docs/webhooks.md');
  const verifications = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => parseJson(json));
  assert.equal(verifications.length, 3);
  for (const [index, verification] of verifications.entries()) {
    const answer = await make({ name: `documented-${index}`, verification, secret: PLAIN_SECRET });
    assert.equal(answer.status, 201, answer.text);
  }
  const [, body = ''] = /webhook-sources -H .*? -d '(.*?)'\n```/s.exec(text) ?? [];
  const whole = await call('POST', '/v1/webhook-sources', { body });
  assert.equal(whole.status, 201, whole.text);
  const reasons: unknown[] = [];
  for (const [, sample = ''] of text.matchAll(/dry-run -H .*? -d '(.*?)'\n```/gs)) {
    const { body: tried } = await call('POST', '/v1/webhook-sources/essay-grader/dry-run', { body: sample });
    const several = at(tried, 'events');
    const events = Array.isArray(several) && several.length > 0 ? several : [tried];
    reasons.push(events.map((event) => at(event, 'reason', 'type')));
  }
  assert.deepEqual(reasons, [['unknownReference'], ['unknownReference', 'unknownReference']]);
});

test('has events of a source sent again whose secret cannot be decrypted, and says so in the log', async (t) => {
  await createSource(api, { name: 'locked', mapping, verification: GITHUB });
  await db.raw(`update webhook_secrets set ciphertext = '\\x00'
    where source = (select id from webhook_sources where name = 'locked')`);
  const other = await createTestApi({ cleanup: t, db });
  const headers = { 'x-hub-signature-256': `sha256=${hmac('{}', { secret: PLAIN_SECRET })}` };
  const answer = await send(other.app, 'locked', { body: '{}', headers });
  assert.deepEqual([answer.status, problemOf(answer.body)], [503, 'secrets-unreadable']);
  assert.match(other.logs.join(''), /"source":"locked".*cannot be decrypted/);
  assert.ok(app !== other.app);
});
