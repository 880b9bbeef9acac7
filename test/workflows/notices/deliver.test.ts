import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { createNoticeDeliveries, type NoticeDelivery } from '../../../db/notices/notice-deliveries.js';
import { createNoticeEndpoints, type NewNoticeEndpoint } from '../../../db/notices/notice-endpoints.js';
import { packNotices } from '../../../db/notices/notice-outbox.js';
import { createGateWakes } from '../../../db/platforms/gate-wakes.js';
import { createWorkflowWaker } from '../../../waking/workflow-waker.js';
import { deliverNoticesWorkflowId } from '../../../workflows/names.js';
import { at, textAt } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { createTestVault } from '../../helpers/factories.js';
import { createNoticeReceiver, type NoticeReceiver, type Received } from '../../helpers/notice-receiver.js';
import { createRig } from '../../helpers/rig.js';

const rig = await createRig();
const { db } = rig;
const endpoints = createNoticeEndpoints(db, createTestVault());
const deliveries = createNoticeDeliveries(db);
const waker = createWorkflowWaker(rig.client.workflow, { lingerMs: 50, gateWakes: createGateWakes(db) });
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

async function endpointAt(
  { url }: Pick<NoticeReceiver, 'url'>,
  change: Partial<NewNoticeEndpoint> = {},
): Promise<string> {
  const { id } = await endpoints.insert({
    ...{ url, secret: SECRET, format: 'standard-webhooks', kinds: ['breakerOpen'], platforms: null },
    ...{ platformId: null, contextId: null, digestMinutes: 1_440, description: null, ...change },
  });
  return id;
}

async function tell(endpoint: string, count = 1): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw(
      `insert into notices (endpoint, kind, status, subject, incident, facts, since)
       select :endpoint, 'breakerOpen', 'needsAttention', 'lms', gen_random_uuid(),
         '{"platformId": "lms", "failureType": "PlatformUnavailable"}', now() from generate_series(1, :count)`,
      { endpoint, count },
    );
    await packNotices(trx);
  });
  await waker.deliverNotices(endpoint);
}

function firstOf({ received: [first] }: NoticeReceiver): Received {
  assert.ok(first);
  return first;
}

const listOf = (endpoint: string): Promise<NoticeDelivery[]> =>
  deliveries.list({ platforms: null, endpoint, before: null, limit: 10 });
const untilStates = (endpoint: string, states: string[]) =>
  eventually(states.join(), async () => {
    const found = (await listOf(endpoint)).toReversed();
    return found.map(({ state }) => state).join() === states.join() ? found : undefined;
  });

test('delivers a message once, signed so that the standard library takes it, and ends', async () => {
  const receiver = await createNoticeReceiver();
  const endpoint = await endpointAt(receiver);
  await tell(endpoint);
  const [delivery] = await untilStates(endpoint, ['delivered']);
  assert.deepEqual([delivery?.attempts, delivery?.lastStatus, delivery?.count], [1, 204, 1]);
  await rig.client.workflow.getHandle(deliverNoticesWorkflowId(endpoint)).result();
  assert.equal(receiver.received.length, 1);
  const { headers, text, body } = firstOf(receiver);
  assert.equal(headers['webhook-id'], delivery?.id);
  const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  assert.deepEqual(new Webhook(SECRET).verify(text, signed), body);
  assert.throws(() => new Webhook(`whsec_${Buffer.alloc(32, 4).toString('base64')}`).verify(text, signed));
  assert.equal(at(body, 'type'), 'passback.attention');
  assert.match(textAt(body, 'data', 'notices', 0, 'sentence'), /^Calls to lms are held back\. /);
});

test('while a secret is exchanged both sign', async () => {
  const receiver = await createNoticeReceiver();
  const endpoint = await endpointAt(receiver);
  const next = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
  await endpoints.rotateSecret(endpoint, next);
  await tell(endpoint);
  await untilStates(endpoint, ['delivered']);
  const { headers, text } = firstOf(receiver);
  const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  for (const secret of [SECRET, next]) new Webhook(secret).verify(text, signed);
});

test('tries again after a failure, under the same id, and follows no redirect', async () => {
  const receiver = await createNoticeReceiver();
  const elsewhere = await createNoticeReceiver();
  receiver.answers = [{ status: 500 }, { status: 307, headers: { location: elsewhere.url } }, { status: 429 }];
  const endpoint = await endpointAt(receiver);
  await tell(endpoint);
  const [delivery] = await untilStates(endpoint, ['delivered']);
  assert.equal(delivery?.attempts, 4);
  assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(new Set(receiver.received.map(({ text }) => text)).size, 1);
  assert.equal(elsewhere.received.length, 0);
  const found = await endpoints.find({ id: endpoint, platforms: null });
  assert.deepEqual([found?.failures, found?.failingSince], [0, null]);
});

test('a message that is refused for itself does not stand before the others', async () => {
  const receiver = await createNoticeReceiver();
  receiver.answers = [{ status: 400 }];
  const endpoint = await endpointAt(receiver);
  await tell(endpoint, 150);
  await untilStates(endpoint, ['delivered', 'delivered']);
  const counts = receiver.received.map(({ body }) => [at(body, 'data', 'notices')].flat().length);
  assert.deepEqual(counts, [100, 50, 100]);
});

test('an endpoint that failed for days is switched off, and what waits is given up and can be sent again', async () => {
  const receiver = await createNoticeReceiver();
  receiver.answers = [{ status: 503 }];
  const endpoint = await endpointAt(receiver);
  await db.raw(`update notice_endpoints set failures = 1, failing_since = now() - interval '4 days' where id = ?`, [
    endpoint,
  ]);
  await tell(endpoint, 101);
  const [first] = await untilStates(endpoint, ['failed', 'failed']);
  const off = await endpoints.find({ id: endpoint, platforms: null });
  assert.equal(off?.disabledBy, 'failures');
  assert.deepEqual([first?.lastFailure, first?.lastStatus], ['EndpointRefused', 503]);
  assert.equal(receiver.received.length, 1);

  assert.ok(off && first);
  await endpoints.change({ ...off, disabled: false });
  await deliveries.resend(first.id);
  await waker.deliverNotices(endpoint);
  await untilStates(endpoint, ['delivered', 'failed']);
  assert.equal(receiver.received.at(-1)?.headers['webhook-id'], first.id);
});

test('an endpoint that says it is gone is believed at once', async () => {
  const receiver = await createNoticeReceiver();
  receiver.answers = [{ status: 410 }];
  const endpoint = await endpointAt(receiver);
  await tell(endpoint);
  await untilStates(endpoint, ['failed']);
  assert.equal((await endpoints.find({ id: endpoint, platforms: null }))?.disabledBy, 'gone');
});

test('Slack gets a text, in which nothing is a command', async () => {
  const receiver = await createNoticeReceiver();
  const endpoint = await endpointAt(receiver, { format: 'slack' });
  await db.raw(
    `insert into notices (endpoint, kind, status, subject, incident, facts, since)
     values (?, 'breakerOpen', 'needsAttention', 'x', gen_random_uuid(), '{"platformId": "<!channel> & co"}', now())`,
    [endpoint],
  );
  await tell(endpoint);
  await untilStates(endpoint, ['delivered']);
  const text = textAt(receiver.received[0]?.body ?? null, 'text');
  assert.match(
    text,
    /^Needs attention: Calls to &lt;!channel&gt; &amp; co are held back\. .+\nNeeds attention: Calls to lms/,
  );
});

test('a history has ids and counts, and neither address nor secret', async () => {
  const receiver = await createNoticeReceiver();
  const endpoint = await endpointAt({ url: `${receiver.url}/the-credential` });
  await tell(endpoint);
  await untilStates(endpoint, ['delivered']);
  const handle = rig.client.workflow.getHandle(deliverNoticesWorkflowId(endpoint));
  await handle.result();
  const history = JSON.stringify(await handle.fetchHistory());
  const decoded = [...history.matchAll(/"data":"([^"]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString(),
  );
  for (const text of [history, ...decoded]) assert.doesNotMatch(text, /the-credential|whsec_|held back/);
});

test('a sweep has sent what nobody was told of', async () => {
  const receiver = await createNoticeReceiver();
  const endpoint = await endpointAt(receiver);
  await db.transaction(async (trx) => {
    await trx.raw(
      `insert into notices (endpoint, kind, status, subject, incident, facts, since)
       values (?, 'breakerOpen', 'recovered', 'lms', gen_random_uuid(), '{}', now())`,
      [endpoint],
    );
    await packNotices(trx);
  });
  await rig.activities.wakeUntended({ after: null });
  await untilStates(endpoint, ['delivered']);
});
