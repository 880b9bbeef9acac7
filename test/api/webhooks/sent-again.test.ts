import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createRetention } from '../../../db/privacy/retention.js';
import { queryRows } from '../../../db/server/knex.js';
import { at, textAt, type Answer } from '../../helpers/app.js';
import { createWebhookRig } from '../../helpers/webhook-rig.js';
import { createSource, GITHUB, graded, hmac, namingMapping, send, STRIPE } from '../../helpers/webhooks.js';

const { api, look, scoreOf } = await createWebhookRig();
const { app, db, call } = api;
const byArrival = { ...namingMapping('lms'), time: undefined };
await createSource(api, { name: 'untimed', mapping: byArrival, verification: GITHUB });
const byHeader = { eventId: { header: 'X-Delivery' } };
await createSource(api, { name: 'timed', mapping: { ...byArrival, ...byHeader }, verification: STRIPE });
await createSource(api, { name: 'dated', mapping: namingMapping('lms', byHeader), verification: GITHUB });

const bodyOf = (student: string, grade: number): string => JSON.stringify(graded({ student, grade, at: undefined }));
const delivery = (): Record<string, string> => ({ 'x-delivery': randomUUID() });

function untimed(body: string, source = 'untimed', headers = {}): Promise<Answer> {
  return send(app, source, { body, headers: { 'x-hub-signature-256': `sha256=${hmac(body)}`, ...headers } });
}

async function taken(answer: Answer): Promise<string> {
  assert.equal(answer.status, 202, answer.text);
  await look(textAt(answer.body, 'id'), (shown) => at(shown, 'state') === 'scored');
  return textAt(answer.body, 'id');
}

/** As if all of it had happened so many days ago, and all pruning had passed since. */
async function letPass(days: number): Promise<void> {
  await db.raw(
    `update webhook_events set received_at = received_at - make_interval(days => :days),
       state_since = state_since - make_interval(days => :days)`,
    { days },
  );
  await db.raw('update webhook_signatures set seen_at = seen_at - make_interval(days => :days)', { days });
  await db.raw('update webhook_secrets set created_at = created_at - make_interval(days => :days)', { days });
  await api.deps.store.webhooks.prune();
  await createRetention(db).removePage('events');
}

async function gradeOf(student: string): Promise<unknown> {
  return at(await scoreOf(student), 'scoreGiven');
}

test('takes no grade back by a request of which nobody knows any more, where its signature tells no time', async () => {
  const first = await untimed(bodyOf('ada', 3));
  await taken(first);
  await taken(await untimed(bodyOf('ada', 9)));
  await letPass(400);
  assert.equal((await call('GET', `/v1/webhook-events/${textAt(first.body, 'id')}`)).status, 404, 'it was pruned');
  const again = await untimed(bodyOf('ada', 3));
  assert.deepEqual([again.status, again.text], [202, first.text]);
  await taken(await untimed(bodyOf('ben', 1)));
  assert.equal(await gradeOf('ada'), 9);
});

test('takes a request once, whatever id its unsigned header says', async () => {
  const t = String(Math.floor(Date.now() / 1_000));
  const body = bodyOf('eve', 3);
  const headers = { 'stripe-signature': `t=${t},v1=${hmac(`${t}.${body}`)}` };
  const first = await send(app, 'timed', { body, headers: { ...headers, ...delivery() } });
  const id = await taken(first);
  const later = bodyOf('eve', 9);
  const signed = { 'stripe-signature': `t=${t},v1=${hmac(`${t}.${later}`)}` };
  await taken(await send(app, 'timed', { body: later, headers: { ...signed, ...delivery() } }));
  const again = await send(app, 'timed', { body, headers: { ...headers, ...delivery() } });
  assert.deepEqual([again.status, again.text], [202, first.text]);
  assert.equal(await gradeOf('eve'), 9);
  const shown = await call('GET', `/v1/webhook-events/${id}`);
  assert.deepEqual([at(shown.body, 'repeats'), at(shown.body, 'differing')], [1, 0]);
  const dated = JSON.stringify(graded({ student: 'fay' }));
  const answers = [await untimed(dated, 'dated', delivery()), await untimed(dated, 'dated', delivery())];
  assert.equal(answers[1]?.text, answers[0]?.text);
});

test('takes a body again that the service signed again, at another time', async () => {
  const body = bodyOf('gil', 3);
  const sign = (ageSeconds: number): Record<string, string> => {
    const t = String(Math.floor(Date.now() / 1_000) - ageSeconds);
    return { 'stripe-signature': `t=${t},v1=${hmac(`${t}.${body}`)}`, ...delivery() };
  };
  const first = await taken(await send(app, 'timed', { body, headers: sign(9) }));
  assert.notEqual(await taken(await send(app, 'timed', { body, headers: sign(1) })), first);
});

test('answers many at once that are the same as one', async () => {
  const body = bodyOf('hal', 3);
  const answers = await Promise.all(Array.from({ length: 8 }, () => untimed(body)));
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  await taken(answers[0] ?? assert.fail());
  assert.equal((await queryRows(db, `select 1 from webhook_events where facts ->> 'userId' = 'hal'`)).length, 1);
});

test('forgets signatures with the secret that made them, and those whose time is over', async () => {
  const count = async (source: string): Promise<number> => {
    const sql = `select 1 from webhook_signatures s join webhook_sources o on o.id = s.source where o.name = ?`;
    return (await queryRows(db, sql.replace('?', ':source'), { source })).length;
  };
  assert.ok((await count('untimed')) > 0 && (await count('timed')) > 0);
  const secret = 'the secret after the first';
  const path = '/v1/webhook-sources/untimed/secrets';
  const added = await call('POST', path, { body: { secret, reason: 'a test' } });
  await api.deps.store.webhooks.prune();
  assert.ok((await count('untimed')) > 0, 'both secrets are valid');
  const old = textAt(added.body, 'secrets', 1, 'id');
  assert.equal((await call('DELETE', `${path}/${old}?reason=ended`)).status, 204);
  await db.raw(`update webhook_signatures set until = now() - interval '1 second' where until is not null`);
  await api.deps.store.webhooks.prune();
  assert.deepEqual([await count('untimed'), await count('timed')], [0, 0]);
  assert.equal((await untimed(bodyOf('ada', 3))).status, 401);
});

test('keeps nothing in the database by which a body could be guessed, or a request be made', async () => {
  const body = JSON.stringify(graded({ student: 'ivy' }));
  await taken(await untimed(body, 'dated', delivery()));
  const rows = await queryRows<{ digest: string }>(
    db,
    `select encode(digest, 'hex') as digest from webhook_signatures`,
  );
  assert.ok(rows.length > 0 && rows.every(({ digest }) => digest !== hmac(body)));
});
