import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createRetention } from '../../../db/privacy/retention.js';
import { queryRows } from '../../../db/server/knex.js';
import { at, createTestApi, problemOf, textAt, type Json } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';
import { createWebhookRig } from '../../helpers/webhook-rig.js';
import { createSource, graded, namingMapping, sendStandard } from '../../helpers/webhooks.js';

const { api, become, look, scoreOf } = await createWebhookRig();
const { app, db, call } = api;

test('takes what a process stored and left behind', async (t) => {
  const body = JSON.stringify(graded({ student: 'orphan' }));
  const { id: source } =
    (await queryRows<{ id: string }>(db, `select id from webhook_sources where name = 'grader'`))[0] ?? {};
  const { id } = await api.deps.store.webhooks.events.store({
    ...{ source: source ?? '', eventId: 'orphan', digest: Buffer.alloc(32), body },
  });
  const successor = await createTestApi({ cleanup: t, db });
  await successor.app.ready();
  await look(id, (shown) => at(shown, 'state') === 'scored');
});

test('is not kept from the others by one event that fails on our side', async () => {
  const source =
    (await queryRows<{ id: string }>(db, `select id from webhook_sources where name = 'grader'`))[0]?.id ?? '';
  const store = (name: string, body: string) =>
    api.deps.store.webhooks.events.store({ source, eventId: name, digest: Buffer.alloc(32), body });
  await db.raw(`alter table scores add constraint no_thirteen check (user_id <> 'thirteen')`);
  const stored = [];
  for (const student of ['twelve', 'thirteen', 'fourteen']) {
    stored.push(await store(student, JSON.stringify(graded({ student }))));
  }
  const [twelve, thirteen, fourteen] = stored.map(({ id }) => id);
  for (const id of [twelve, fourteen]) await look(id ?? '', (shown) => at(shown, 'state') === 'scored');
  const failed = await look(thirteen ?? '', (shown) => at(shown, 'reason', 'type') === 'troubleOfOurs');
  assert.equal(at(failed, 'state'), 'stored');
  await db.raw('alter table scores drop constraint no_thirteen');
  await db.raw('update webhook_events set look_at = now() where id = ?', [thirteen ?? '']);
  await look(thirteen ?? '', (shown) => at(shown, 'state') === 'scored' && at(shown, 'reason') === null);
});

test('replays one event after the mapping was corrected, and says who did it', async () => {
  await createSource(api, { name: 'wrong', mapping: namingMapping('lms', { score: '/points' }) });
  const first = await become(graded({ student: 'replayed', grade: 6 }), 'wrong');
  const second = await become(graded({ student: 'filtered', grade: 5 }), 'wrong');
  assert.equal(at(first, 'reason', 'pointer'), '/points');
  const path = `/v1/webhook-events/${textAt(first, 'id')}/replay`;
  const still = await call('POST', path, { body: { reason: 'a test' } });
  assert.equal(at(still.body, 'state'), 'invalid', still.text);
  const patched = await call('PATCH', '/v1/webhook-sources/wrong', {
    body: { mapping: namingMapping('lms'), reason: 'a test' },
  });
  assert.equal(patched.status, 200, patched.text);
  const replayed = await call('POST', path, { body: { reason: 'mapping corrected' } });
  assert.equal(at(replayed.body, 'state'), 'scored', replayed.text);
  assert.equal(at(await scoreOf('replayed'), 'scoreGiven'), 6);
  const filter = { source: 'wrong', reason: 'nothingThere' };
  const many = await call('POST', '/v1/webhook-events/replay', { body: { filter, reason: 'the same' } });
  assert.deepEqual([at(many.body, 'replayed'), at(many.body, 'withoutBody')], [1, 0], many.text);
  await look(textAt(second, 'id'), (shown) => at(shown, 'state') === 'scored');
  const audits = await queryRows<{ action: string; reason: string | null; text: string }>(
    db,
    `select action, reason, to_json(a)::text as text from audit_entries a where action like 'webhook-%' order by id desc limit 4`,
  );
  assert.deepEqual(
    audits.map(({ action, reason }) => [action, reason]),
    [
      ['webhook-events.replay', 'the same'],
      ['webhook-events.replay', 'mapping corrected'],
      ['webhook-sources.change', 'a test'],
      ['webhook-events.replay', 'a test'],
    ],
  );
});

test('lists events by state, reason, student and time, newest first, to keys that may see their source', async () => {
  const list = async (query: string, key?: string): Promise<Json[]> => {
    const { body, text } = await call('GET', `/v1/webhook-events?${query}`, key === undefined ? {} : { key });
    const events = at(body, 'webhookEvents');
    assert.ok(Array.isArray(events), text);
    return events;
  };
  const first = await become(graded({ student: 'listed', grade: 'A' }));
  const second = await become('no JSON');
  const third = await become(graded({ student: 'listed' }));
  const ids = (events: Json[]) => events.map((event) => textAt(event, 'id'));
  assert.deepEqual(ids(await list('source=grader&state=invalid')), ids([second, first]));
  assert.deepEqual(ids(await list('source=grader&state=invalid&limit=1')), ids([second]));
  assert.deepEqual(ids(await list('reason=notJson')), ids([second]));
  assert.deepEqual(ids(await list('userId=listed')), ids([third, first]));
  assert.equal((await list(`receivedAfter=${new Date(Date.now() + 60_000).toISOString()}`)).length, 0);
  const limited = await insertApiKey(db, { scopes: ['read'], platforms: ['lms'] });
  assert.deepEqual(await list('limit=500', limited.secret), []);
  const hidden = await call('GET', `/v1/webhook-events/${textAt(first, 'id')}`, { key: limited.secret });
  assert.equal(problemOf(hidden.body), 'not-found');
});

test('gives an event up visibly after its time, keeps no body longer than needed, and forgets its id after thirty days', async () => {
  await createSource(api, { name: 'old', mapping: namingMapping('lms'), limits: { expireDays: 2, keepBodiesDays: 0 } });
  const scored = await become(graded({ student: 'gone' }), 'old');
  assert.equal(at(scored, 'replayable'), false, 'nothing is kept where nothing shall be');
  const [unmatched, invalid] = [
    await become(graded({ course: 'never' }), 'old'),
    await become(graded({ max: -1 }), 'old'),
  ];
  const prune = () => api.deps.store.webhooks.prune();
  const remove = async () => (await createRetention(db).removePage('events')).removed;
  const ageTo = (days: number, ...events: Json[]) =>
    db.raw(`update webhook_events set received_at = now() - make_interval(days => ?) where id = any (?::uuid[])`, [
      days,
      events.map((event) => textAt(event, 'id')),
    ]);
  await ageTo(1, unmatched, invalid);
  assert.deepEqual(await prune(), { expired: 0, bodies: 0 });
  await ageTo(3, unmatched, invalid);
  assert.deepEqual(await prune(), { expired: 1, bodies: 1 });
  const expired = await look(textAt(unmatched, 'id'), () => true);
  assert.equal(at(expired, 'state'), 'expired');
  assert.equal(at(expired, 'reason', 'type'), 'unknownContext');
  const health = await call('GET', '/v1/health/operations');
  for (const finding of ['webhookEventsExpired', 'webhookEventsInvalid'])
    assert.match(health.text, new RegExp(finding));
  const replay = await call('POST', `/v1/webhook-events/${textAt(unmatched, 'id')}/replay`, {
    body: { reason: 'a test' },
  });
  assert.equal(problemOf(replay.body), 'event-body-gone');
  await ageTo(31, unmatched, invalid, scored);
  assert.equal(await remove(), 0, 'what ended lately is still shown');
  await db.raw(
    `update webhook_events set state_since = now() - interval '8 days' where received_at < now() - interval '30 days'`,
  );
  assert.equal(await remove(), 3);
});

test('shows events that nobody has looked at for long as critical', async (t) => {
  const id = randomUUID();
  await sendStandard(app, 'grader', graded({ student: 'late' }), { id });
  await eventually('it is looked at', async () => (await scoreOf('late')) !== undefined);
  await db.raw(
    `update webhook_events set state = 'stored', look_at = 'infinity', state_since = now() - interval '6 minutes'
     where event_id = ?`,
    [id],
  );
  t.after(async () => void (await db.raw('delete from webhook_events where event_id = ?', [id])));
  const { body } = await call('GET', '/v1/health/operations');
  const findings = at(body, 'findings');
  assert.ok(Array.isArray(findings));
  const late = findings.find((finding) => at(finding, 'type') === 'webhookEventsLate');
  assert.equal(at(late, 'severity'), 'critical');
  assert.equal(at(late, 'subject'), 'grader');
});
