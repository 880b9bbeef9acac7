import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import {
  createClient,
  createNoticeVerifier,
  createWebhookVerifier,
  isProblem,
  rawJson,
  signWebhook,
  WebhookRefusedError,
  type IncomingHeaders,
  type WebhookFault,
} from '../../client/index.js';
import { writeMessage } from '../../domain/notice-body.js';
import { signWebhook as signAsPassback } from '../../tool/sign-webhook.js';
import { createTestApi } from '../helpers/app.js';
import { insertContext, insertPlatform } from '../helpers/factories.js';
import { createSource, namingMapping, STANDARD_SECRET } from '../helpers/webhooks.js';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const bytesOf = (text: string): Buffer => Buffer.from(text.replace('whsec_', ''), 'base64');
const at = new Date();
const body = writeMessage({
  ...{ format: 'standard-webhooks', type: 'attention', createdAt: at },
  notices: [
    {
      ...{ id: 'n-1', kind: 'contextParked', status: 'needsAttention', incident: 'i-1', since: at, createdAt: at },
      facts: { platformId: 'lms', contextId: 'bio', failureType: 'ContextConcluded', waiting: 12 },
    },
  ],
});
const headers = signAsPassback([bytesOf(other), bytesOf(secret)], { id: 'msg-1', at, body });

const isRefused =
  (fault: WebhookFault) =>
  (error: unknown): boolean =>
    error instanceof WebhookRefusedError && error.fault === fault;

describe('a message of notices', () => {
  const verifier = createNoticeVerifier(secret);

  it('is read when it is signed with the secret, among others', async () => {
    const message = await verifier.verify(body, headers);
    assert.deepEqual([message.id, message.type], ['msg-1', 'passback.attention']);
    assert.equal(Math.floor(message.sentAt.getTime() / 1_000), Math.floor(at.getTime() / 1_000));
    const [notice] = message.notices;
    assert.deepEqual([notice?.kind, notice?.['contextId'], notice?.['waiting']], ['contextParked', 'bio', 12]);
    assert.match(notice?.sentence ?? '', /12 scores/);
  });

  it('is read whatever the headers are in, and as bytes', async () => {
    const kinds: IncomingHeaders[] = [
      new Headers(headers),
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    ];
    for (const kind of kinds) assert.equal((await verifier.verify(Buffer.from(body), kind)).id, 'msg-1');
  });

  it('is read with either secret while one is changed', async () => {
    const both = createNoticeVerifier([`whsec_${Buffer.alloc(32, 9).toString('base64')}`, other]);
    assert.equal((await both.verify(body, headers)).id, 'msg-1');
  });

  it('is refused when anything of it is not as it was signed', async () => {
    const refusals: [string, string, Record<string, string>, WebhookFault][] = [
      ['body', body.replace('12', '13'), headers, 'signatureWrong'],
      ['id', body, { ...headers, 'webhook-id': 'msg-2' }, 'signatureWrong'],
      ['secret', body, signAsPassback(bytesOf(other), { id: 'msg-1', at, body }), 'signatureWrong'],
      [
        'version',
        body,
        { ...headers, 'webhook-signature': headers['webhook-signature'].replaceAll('v1,', 'v1a,') },
        'signatureWrong',
      ],
      ['signature', body, { ...headers, 'webhook-signature': 'v1,???' }, 'signatureWrong'],
      ['no signature', body, { ...headers, 'webhook-signature': '' }, 'headersMissing'],
      ['no id', body, { ...headers, 'webhook-id': '' }, 'headersMissing'],
      ['text for a time', body, { ...headers, 'webhook-timestamp': '1e9' }, 'timestampWrong'],
    ];
    for (const [what, text, given, fault] of refusals) {
      await assert.rejects(verifier.verify(text, given), isRefused(fault), what);
    }
  });

  it('is refused when it is too old, or of a time to come', async () => {
    for (const seconds of [-301, 302]) {
      const late = createNoticeVerifier(secret, { now: () => new Date(at.getTime() + seconds * 1_000) });
      await assert.rejects(late.verify(body, headers), isRefused('timestampWrong'), String(seconds));
    }
    const patient = createNoticeVerifier(secret, {
      now: () => new Date(at.getTime() + 900_000),
      toleranceSeconds: 1_000,
    });
    assert.equal((await patient.verify(body, headers)).id, 'msg-1');
  });

  it('is refused when it is signed, and no message of ours', async () => {
    for (const text of ['{"type":"other","data":{"notices":[]}}', 'not json', '[]']) {
      const signed = await signWebhook(secret, text);
      await assert.rejects(verifier.verify(text, signed), isRefused('bodyUnknown'), text);
    }
  });

  it('needs a secret that is one', async () => {
    for (const wrong of ['', 'whsec_', 'whsec_?']) {
      await assert.rejects(createWebhookVerifier(wrong).verify(body, headers), TypeError, wrong);
    }
  });
});

describe('an event that the client signs', async () => {
  const api = await createTestApi();
  const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
  await insertContext(api.db, { deployment, contextId: 'bio' });
  await createSource(api, { name: 'essay-grader', mapping: namingMapping('lms') });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  after(() => api.app.close());
  // A grading service has no key.
  const client = createClient({ url, retries: 0 });
  const event = JSON.stringify({ type: 'graded', course: 'bio', student: 'ada', grade: 7, max: 10, feedback: 'Schön' });

  it('is taken by the API, and once under its id', async () => {
    const signed = await signWebhook(STANDARD_SECRET, event, { id: 'msg_e1' });
    const first = await client.receiveWebhook({ source: 'essay-grader', body: rawJson(event) }, { headers: signed });
    const again = await client.receiveWebhook({ source: 'essay-grader', body: rawJson(event) }, { headers: signed });
    assert.equal(first.events, 1);
    assert.equal(again.id, first.id);
  });

  it('is refused by it with another secret', async () => {
    const signed = await signWebhook(secret, event);
    await assert.rejects(
      client.receiveWebhook({ source: 'essay-grader', body: rawJson(event) }, { headers: signed }),
      (error) => isProblem(error, 'urn:passback:problem:signature-refused'),
    );
  });

  it('is signed as others would', async () => {
    const signed = await signWebhook(secret, event);
    assert.deepEqual(new Webhook(secret).verify(event, signed), JSON.parse(event));
  });
});
