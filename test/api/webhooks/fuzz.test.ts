import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readContent } from '../../../api/webhooks/read-content.js';
import { findSignatureFault } from '../../../api/webhooks/verify.js';
import { ProblemError } from '../../../api/problems.js';
import { queryRows } from '../../../db/server/knex.js';
import { readEvent } from '../../../domain/read-event.js';
import { splitEvent } from '../../../domain/split-event.js';
import type { EventMapping, Verification } from '../../../domain/webhook-source.js';
import { createTestApi } from '../../helpers/app.js';
import {
  createSource,
  GITHUB,
  namingMapping,
  PLAIN_SECRET,
  send,
  STANDARD_SECRET,
  STRIPE,
} from '../../helpers/webhooks.js';

const api = await createTestApi();
const { app, db, call } = api;
const sources: Record<string, Verification> = {
  ...{ standard: { scheme: 'standardWebhooks' }, github: GITHUB, stripe: STRIPE },
  slack: {
    ...{ scheme: 'hmacSha256', header: 'X-Slack-Signature', encoding: 'base64', prefix: 'v0=' },
    ...{ timestampHeader: 'X-Slack-Request-Timestamp', signedContent: 'v0:{timestamp}:{body}' },
  },
};
for (const [name, verification] of Object.entries(sources)) {
  await createSource(api, { name, verification, mapping: namingMapping('lms', { eventId: '/id' }) });
}
await createSource(api, {
  name: 'several',
  mapping: namingMapping('lms', { events: '', eventId: '/id' }),
  verification: GITHUB,
});
const countEvents = async (): Promise<number> => (await queryRows(db, 'select 1 from webhook_events')).length;

const now = new Date();
const seconds = String(Math.floor(now.getTime() / 1_000));
const HEADERS = [
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'svix-id', 'svix-timestamp', 'svix-signature'],
  ...['x-hub-signature-256', 'stripe-signature', 'x-slack-signature', 'x-slack-request-timestamp'],
];
/** What looks like a signature, a time or a list of both, and what does not. */
const junk = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 100 }),
  fc.constantFrom('v1,', 'v1, v1,', 't=,v1=', 't=1,v1', 'sha256=', '=', ',', seconds, 'NaN', '1e3', '-1', '', '\t'),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).chain((bytes) => {
    const hex = Buffer.from(bytes).toString('hex');
    const base64 = Buffer.from(bytes).toString('base64');
    return fc.constantFrom(`v1,${base64}`, `sha256=${hex}`, `t=${seconds},v1=${hex}`, `v0=${base64}`, hex);
  }),
);
const headersOf = (value: fc.Arbitrary<string>) => fc.dictionary(fc.constantFrom(...HEADERS), value, { maxKeys: 8 });
const bytes = fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array));
const encoding = fc.constantFrom(undefined, 'gzip', 'x-gzip', 'br', 'identity', 'gzip, gzip', 'GZIP ', '\u00ff');

test('accepts nothing that is not signed, whatever stands in its headers, and never throws', () => {
  const headers = fc.dictionary(fc.constantFrom(...HEADERS), fc.oneof(junk, fc.array(junk, { maxLength: 3 })));
  fc.assert(
    fc.property(
      headers,
      bytes,
      fc.constantFrom(...Object.entries(sources)),
      (presented, body, [name, verification]) => {
        const secrets = [name === 'standard' ? STANDARD_SECRET : PLAIN_SECRET];
        for (const known of [secrets, [], ['!', 'too short']]) {
          assert.ok(findSignatureFault({ headers: presented, body }, { verification, secrets: known }, now));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('accepts what is signed, and none of it with one byte changed', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, place, change) => {
      const sign = (content: Buffer): string => createHmac('sha256', PLAIN_SECRET).update(content).digest('hex');
      const signature = sign(Buffer.concat([Buffer.from(`${seconds}.`), body]));
      const stripe = { verification: STRIPE, secrets: [PLAIN_SECRET] };
      const fault = (sent: Buffer, text: string) =>
        findSignatureFault({ headers: { 'stripe-signature': `t=${seconds},v1=${text}` }, body: sent }, stripe, now);
      assert.equal(fault(body, signature), undefined);
      const at = place % (body.length + 1);
      const longer = Buffer.concat([body.subarray(0, at), Buffer.from([change]), body.subarray(at)]);
      assert.equal(fault(longer, signature), 'signatureWrong');
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ change;
      if (at < body.length) assert.equal(fault(changed, signature), 'signatureWrong');
      const digit = place % 64;
      const other = ((parseInt(signature.charAt(digit), 16) + 1) % 16).toString(16);
      const forged = `${signature.slice(0, digit)}${other}${signature.slice(digit + 1)}`;
      assert.equal(fault(body, forged), 'signatureWrong');
    }),
  );
});

test('gives back what was zipped, and refuses any cut of it, and any other bytes, by name', async () => {
  const isRefused = (error: unknown): boolean =>
    error instanceof ProblemError && [413, 415].includes(error.problem.status);
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(), encoding, async (body, place, name) => {
      const zipped = gzipSync(body);
      assert.deepEqual(await readContent(zipped, 'gzip', 2_000), body);
      await assert.rejects(readContent(zipped.subarray(0, place % zipped.length), 'gzip', 2_000), isRefused);
      await readContent(body, name, 1_000).catch((error: unknown) => assert.ok(isRefused(error)));
    }),
  );
});

test('answers strangers 401 and keeps nothing, whatever they send', async () => {
  const before = await countEvents();
  const types = fc.constantFrom('application/json', 'text/plain', 'x', 'application/json; charset=latin1');
  await fc.assert(
    fc.asyncProperty(
      headersOf(junk),
      bytes,
      encoding,
      types,
      fc.constantFrom(...Object.keys(sources), '%00', '..%2f', 'none'),
      async (presented, body, name, type, source) => {
        const headers = { 'content-type': type, ...(name !== undefined && { 'content-encoding': name }), ...presented };
        const { status, text } = await send(app, source, { body, headers });
        assert.equal(status, 401, text);
      },
    ),
    { numRuns: 200 },
  );
  assert.equal(await countEvents(), before);
});

test('keeps or refuses by name whatever comes signed, and fails at none of it', async () => {
  const contents = fc.oneof(
    bytes,
    fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
    fc.string().map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      contents,
      encoding,
      fc.boolean(),
      fc.constantFrom('github', 'several'),
      async (content, name, zips, source) => {
        const body = zips ? gzipSync(content) : content;
        const signature = createHmac('sha256', PLAIN_SECRET).update(body).digest('hex');
        const headers = {
          'x-hub-signature-256': `sha256=${signature}`,
          ...(name !== undefined && { 'content-encoding': name }),
        };
        const { status, text } = await send(app, source, { body, headers });
        assert.ok([202, 413, 415].includes(status), text);
      },
    ),
    { numRuns: 200 },
  );
});

const pointer = fc
  .array(fc.oneof(fc.constantFrom('0', '1', 'a', '', '__proto__', 'length'), fc.string()))
  .map((tokens) => tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''));
const mapping: fc.Arbitrary<EventMapping> = fc.record(
  {
    events: pointer,
    reference: pointer,
    student: pointer,
    score: pointer,
    maximum: pointer,
    comment: pointer,
    time: pointer,
  },
  { requiredKeys: [] },
);

test('takes an event whatever its type is called, and without one', async () => {
  const body = Buffer.from('{}');
  const signature = createHmac('sha256', PLAIN_SECRET).update(body).digest('hex');
  for (const type of ['x', '', 'json', 'application/json; charset', 'text/plain']) {
    const headers = { 'content-type': type, 'x-hub-signature-256': `sha256=${signature}` };
    const { status, text } = await send(app, 'github', { body, headers });
    assert.equal(status, 202, `${type}: ${text}`);
  }
});

test('reads any document by any mapping, whole or in parts, without failing', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), mapping, (document, mapped) => {
      const text = JSON.stringify(document);
      const reading = readEvent(JSON.parse(text), mapped, now);
      assert.ok('reason' in reading || 'item' in reading);
      const split = splitEvent(text, mapped);
      if (split && 'parts' in split) for (const { body } of split.parts) readEvent(JSON.parse(body), mapped, now);
    }),
    { numRuns: 500 },
  );
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (sample) => {
      for (const source of ['github', 'several']) {
        const { status, text } = await call('POST', `/v1/webhook-sources/${source}/dry-run`, { body: { sample } });
        assert.ok(status === 200 || status === 400, text);
      }
    }),
    { numRuns: 50 },
  );
});
