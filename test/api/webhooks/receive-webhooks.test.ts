import assert from 'node:assert/strict';
import crypto, { randomUUID } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Answer } from '../../helpers/app.js';
import { insertContext, insertPlatform } from '../../helpers/factories.js';
import {
  createSource,
  GITHUB,
  graded,
  hmac,
  namingMapping,
  PLAIN_SECRET,
  send,
  sendStandard,
  signStandard,
  STRIPE,
} from '../../helpers/webhooks.js';

const api = await createTestApi({ settings: { webhookSourceCacheMs: 60_000 } });
const { app, db, call } = api;
const platform = await insertPlatform(db, { platformId: 'lms' });
await insertContext(db, { deployment: platform.deployment, contextId: 'bio' });
const mapping = namingMapping('lms');
await createSource(api, { name: 'standard', mapping });
await createSource(api, { name: 'github', mapping, verification: GITHUB });
await createSource(api, { name: 'stripe', mapping: { ...mapping, eventId: '/id' }, verification: STRIPE });

const body = JSON.stringify(graded());
const seconds = (ageMs = 0): string => String(Math.floor((Date.now() - ageMs) / 1_000));
const countEvents = async (): Promise<number> => (await queryRows(db, 'select 1 from webhook_events')).length;

/** What a caller can tell answers apart by; without any signature, whatever the source, the connection is closed at once. */
function whole({ status, text, headers }: Answer): unknown {
  const others = Object.entries(headers).filter(([name]) => !['x-request-id', 'date', 'connection'].includes(name));
  return { status, text, headers: others };
}

test('takes what the standardwebhooks package signs, once for each id, with the same answer', async () => {
  const id = randomUUID();
  const first = await sendStandard(app, 'standard', graded(), { id });
  assert.equal(first.status, 202, first.text);
  const before = await countEvents();
  const again = await sendStandard(app, 'standard', graded(), { id });
  assert.deepEqual(whole(again), whole(first));
  assert.equal(await countEvents(), before);
  const shown = await call('GET', `/v1/webhook-events/${textAt(first.body, 'id')}`);
  assert.equal(at(shown.body, 'repeats'), 1);
  assert.equal(at(shown.body, 'differing'), 0);
});

test('takes nothing of another body under the same id, and shows that it came', async () => {
  const id = randomUUID();
  const first = await sendStandard(app, 'standard', graded({ student: 'reuse' }), { id });
  const other = await sendStandard(app, 'standard', graded({ student: 'reuse', grade: 9 }), { id });
  assert.deepEqual(whole(other), whole(first));
  const shown = await call('GET', `/v1/webhook-events/${textAt(first.body, 'id')}`);
  assert.equal(at(shown.body, 'differing'), 1);
  const health = await call('GET', '/v1/health/operations');
  assert.match(health.text, /"webhookEventIdsReused"/);
});

test('takes what GitHub and Stripe would sign, made by node:crypto', async () => {
  const github = await send(app, 'github', { body, headers: { 'x-hub-signature-256': `sha256=${hmac(body)}` } });
  assert.equal(github.status, 202, github.text);
  const t = seconds();
  const v1 = hmac(`${t}.${body}`);
  const stripe = await send(app, 'stripe', {
    body,
    headers: { 'stripe-signature': `t=${t},v1=${'0'.repeat(64)},v1=${v1}` },
  });
  assert.equal(stripe.status, 202, stripe.text);
});

test('takes base64, ISO timestamps and secrets written in hex where the source says so', async () => {
  const key = Buffer.alloc(24, 9);
  await createSource(api, {
    ...{ name: 'varied', mapping, secret: key.toString('hex') },
    verification: {
      ...{ scheme: 'hmacSha256', header: 'x-signature', encoding: 'base64', secretEncoding: 'hex', prefix: 'v0=' },
      ...{ timestampHeader: 'x-sent-at', timestampFormat: 'iso8601', signedContent: 'v0:{timestamp}:{body}' },
    },
  });
  const sentAt = new Date().toISOString();
  const signature = hmac(`v0:${sentAt}:${body}`, { secret: key.toString('latin1'), encoding: 'base64' });
  const headers = { 'x-signature': `v0=${signature}`, 'x-sent-at': sentAt };
  assert.equal((await send(app, 'varied', { body, headers })).status, 202);
});

test('answers a wrong secret, a wrong body, an old or missing timestamp and an unknown source alike', async () => {
  const before = await countEvents();
  const wrongSecret = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;
  const old = new Date(Date.now() - 400_000);
  const ahead = new Date(Date.now() + 400_000);
  const untimed = signStandard(body);
  delete untimed['webhook-timestamp'];
  const t = seconds(400_000);
  const answers = [
    await send(app, 'standard', { body, headers: signStandard(body, { secret: wrongSecret }) }),
    await send(app, 'standard', { body: body.replace('7', '8'), headers: signStandard(body) }),
    await send(app, 'standard', { body, headers: signStandard(body, { sentAt: old }) }),
    await send(app, 'standard', { body, headers: signStandard(body, { sentAt: ahead }) }),
    await send(app, 'standard', { body, headers: untimed }),
    await send(app, 'standard', { body, headers: {} }),
    await send(app, 'nobody', { body, headers: signStandard(body) }),
    await send(app, 'NO name!', { body, headers: {} }),
    await send(app, 'github', { body, headers: { 'x-hub-signature-256': hmac(body) } }),
    await send(app, 'github', { body, headers: { 'x-hub-signature-256': 'sha256=zz' } }),
    await send(app, 'stripe', { body, headers: { 'stripe-signature': `t=${t},v1=${hmac(`${t}.${body}`)}` } }),
    await send(app, 'stripe', { body, headers: { 'stripe-signature': `t=${seconds()},v1=${hmac(`${t}.${body}`)}` } }),
  ];
  for (const answer of answers) assert.deepEqual(whole(answer), whole(answers[0] ?? answer));
  assert.equal(answers[0]?.status, 401);
  assert.equal(problemOf(answers[0]?.body), 'signature-refused');
  assert.equal(await countEvents(), before);
});

test('does as much to refuse an unknown source as a wrong signature: two signatures of the whole body', async (t) => {
  const large = `{"text":"${'x'.repeat(200_000)}"}`;
  let hashed = 0;
  const real = crypto.createHmac;
  t.mock.method(crypto, 'createHmac', (...input: Parameters<typeof real>) => {
    const hmacOfBody = real(...input);
    const update = hmacOfBody.update.bind(hmacOfBody);
    return Object.assign(hmacOfBody, {
      update(data: string | Buffer) {
        hashed += data.length;
        update(data);
        return hmacOfBody;
      },
    });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const headers = signStandard('other');
  for (const source of ['standard', 'nobody']) {
    hashed = 0;
    assert.equal((await send(app, source, { body: large, headers })).status, 401);
    assert.ok(hashed >= 2 * large.length && hashed < 2 * large.length + 500, `${source}: ${hashed} bytes`);
  }
});

test('lets two secrets in while one takes the place of the other, and no third', async () => {
  await createSource(api, { name: 'rotating', mapping, verification: GITHUB });
  const secrets = [PLAIN_SECRET, 'the second secret', 'the third secret of all'];
  const statuses = async (): Promise<number[]> => {
    const results: number[] = [];
    for (const secret of secrets) {
      const headers = { 'x-hub-signature-256': `sha256=${hmac(body, { secret })}` };
      results.push((await send(app, 'rotating', { body, headers })).status);
    }
    return results;
  };
  const add = (secret: string | undefined) =>
    call('POST', '/v1/webhook-sources/rotating/secrets', { body: { secret, reason: 'a test' } });
  assert.deepEqual(await statuses(), [202, 401, 401]);
  assert.equal((await add(secrets[1])).status, 201);
  assert.deepEqual(await statuses(), [202, 202, 401]);
  const added = await add(secrets[2]);
  assert.deepEqual(await statuses(), [401, 202, 202]);
  const second = textAt(added.body, 'secrets', 1, 'id');
  assert.equal((await call('DELETE', `/v1/webhook-sources/rotating/secrets/${second}?reason=done`)).status, 204);
  assert.deepEqual(await statuses(), [401, 401, 202]);
  const third = textAt(added.body, 'secrets', 0, 'id');
  const last = await call('DELETE', `/v1/webhook-sources/rotating/secrets/${third}?reason=done`);
  assert.equal(problemOf(last.body), 'last-secret');
  assert.deepEqual(await statuses(), [401, 401, 202]);
});

test('keeps the secret that still signs when the new one is added again', async () => {
  await createSource(api, { name: 'repeating', mapping, verification: GITHUB });
  const add = () =>
    call('POST', '/v1/webhook-sources/repeating/secrets', { body: { secret: 'the second secret', reason: 'a test' } });
  const first = await add();
  const again = await add();
  assert.deepEqual([first.status, again.status], [201, 201]);
  assert.deepEqual(at(again.body, 'secrets'), at(first.body, 'secrets'));
  const headers = { 'x-hub-signature-256': `sha256=${hmac(body)}` };
  assert.equal((await send(app, 'repeating', { body, headers })).status, 202);
});

test('refuses ten megabytes before anything else, and more than its limit after the signature', async () => {
  const huge = 'x'.repeat(10_000_000);
  for (const source of ['standard', 'nobody']) {
    const answer = await send(app, source, { body: huge, headers: signStandard(huge) });
    assert.equal(answer.status, 413);
    assert.equal(problemOf(answer.body), 'body-too-large');
  }
  await createSource(api, { name: 'small', mapping, limits: { maxBodyBytes: 200 } });
  const large = JSON.stringify(graded({ feedback: 'x'.repeat(200) }));
  assert.equal((await send(app, 'small', { body: large, headers: signStandard(large) })).status, 413);
  assert.equal((await send(app, 'small', { body: large, headers: signStandard('other') })).status, 401);
  assert.equal((await sendStandard(app, 'small', graded())).status, 202);
});

test('takes no more events of a source in a minute than it is allowed', async () => {
  await createSource(api, { name: 'paced', mapping, limits: { eventsPerMinute: 2 } });
  const half = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 30_000);
  api.clock.now = () => half;
  const answers = [];
  for (let index = 0; index < 3; index += 1) answers.push(await sendStandard(app, 'paced', graded(), { sentAt: half }));
  api.clock.now = () => new Date();
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 429],
  );
  assert.equal(answers[2]?.headers['retry-after'], '60');
});

test('takes nothing for a source that is disabled, and nothing from an API key in place of a signature', async () => {
  await createSource(api, { name: 'off', mapping });
  assert.equal((await sendStandard(app, 'off', graded())).status, 202);
  await call('PATCH', '/v1/webhook-sources/off', { body: { disabled: true, reason: 'a test' } });
  assert.equal((await sendStandard(app, 'off', graded())).status, 401);
  const withKey = await call('POST', '/v1/webhooks/standard', { body: graded() });
  assert.equal(withKey.status, 401);
});

test('keeps bodies and secrets out of the log, and unreadable in the database', async () => {
  await sendStandard(app, 'standard', graded({ student: 'very-private-student', feedback: 'very private words' }));
  await send(app, 'very-private-name', { body, headers: signStandard(body) });
  const rows = await queryRows<{ text: string }>(
    db,
    `select encode(body, 'escape') as text from webhook_events where body is not null
     union all select encode(ciphertext, 'escape') from webhook_secrets`,
  );
  const kept = `${api.logs.join('')}${rows.map(({ text }) => text).join('')}`;
  for (const word of ['very-private', 'very private', PLAIN_SECRET]) assert.ok(!kept.includes(word), word);
  assert.match(api.logs.join(''), /"fault":"signatureWrong".*an event was refused/);
});
