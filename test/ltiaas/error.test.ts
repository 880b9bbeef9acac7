import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { createLtiaasClient } from '../../ltiaas/client.js';
import { readErrorBody } from '../../ltiaas/error-body.js';
import { LtiaasError } from '../../ltiaas/error.js';
import { toRetryAfterMs } from '../../ltiaas/http.js';
import { createScrub } from '../../ltiaas/scrub.js';
import { json, startServer } from './server.js';

const apiKey = 'api-key-0123456789';
const serviceKey = 'service+key/with=signs&more';
const userId = 'lms-user-4711';
const secrets = [apiKey, serviceKey, encodeURIComponent(serviceKey), userId, 'ada@example.edu', 'Ada Lovelace'];
const scrub = createScrub([]);

const score = {
  userId, scoreGiven: 1, scoreMaximum: 2, activityProgress: 'Completed', gradingProgress: 'FullyGraded',
} as const; // prettier-ignore

async function failedCall(t: TestContext, baseUrl: string): Promise<LtiaasError> {
  const client = createLtiaasClient({ baseUrl, apiKey, timeoutMs: 500 });
  t.after(() => client.close());
  const lineItemId = 'https://lms.example.edu/items/1?secret=inUrl';
  const call = { serviceKey, lineItemId, score, family: undefined, reGrade: false, beginBy: undefined };
  const error: unknown = await client.submitScore(call).catch((reason: unknown) => reason);
  assert.ok(error instanceof LtiaasError, inspect(error));
  return error;
}

function assertClean(error: LtiaasError): void {
  const shown = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), error.stack, error.message];
  shown.push(inspect(error.cause, { depth: 10, showHidden: true }), inspect({ ...error }, { depth: 10 }));
  for (const text of shown) {
    for (const secret of [...secrets, 'inUrl']) assert.ok(!text?.includes(secret), `${secret} is in ${text}`);
  }
}

test('an answer that repeats all we sent leaves none of it in the error', async (t) => {
  const server = await startServer(t, ({ headers, body, url }, response) => {
    const message = `${headers.authorization} ${url} ${encodeURIComponent(serviceKey)} ada@example.edu ${body}`;
    json(response, 422, {
      status: 422,
      error: 'x',
      details: { message, bodySent: { name: 'Ada Lovelace' }, bodyReceived: message },
    });
  });
  const error = await failedCall(t, server.url);
  assert.equal(error.status, 422);
  assert.match(error.excerpt ?? '', /\[redacted\]/);
  const { excerpt } = error;
  assert.ok((excerpt?.length ?? 0) <= 500);
  for (const secret of secrets) assert.ok(!excerpt?.includes(secret), secret);
});

test('no form of an error of the transport shows a secret', async (t) => {
  assertClean(await failedCall(t, 'http://127.0.0.1:9'));
  const server = await startServer(t, ({ headers }, response) => {
    response.socket?.end(`HTTP/1.1 nonsense ${headers.authorization} ada@example.edu Ada Lovelace\r\n\r\n`);
  });
  const error = await failedCall(t, server.url);
  assert.equal(error.kind, 'network');
  assert.ok(error.cause instanceof Error);
  assertClean(error);
});

test('no form of a timeout shows a secret', async (t) => {
  const server = await startServer(t, () => undefined);
  const error = await failedCall(t, server.url);
  assert.equal(error.kind, 'timeout');
  assertClean(error);
});

test('a secret that no header can carry does not show in the error about it', async (t) => {
  const client = createLtiaasClient({ baseUrl: 'http://127.0.0.1:9', apiKey });
  t.after(() => client.close());
  const call = client.listLineItems({ serviceKey: 'bad\nservice key value' });
  const error: unknown = await call.catch((reason: unknown) => reason);
  assert.ok(error instanceof LtiaasError);
  assert.deepEqual([error.code, error.sent], ['UNUSABLE_SERVICE_KEY', false]);
  assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes('service key value'));
});

const bodies: [string, unknown, ReturnType<typeof readErrorBody>][] = [
  [
    'an LMS answer as an object',
    { status: 422, error: 'Unprocessable', details: { message: 'LMS said no', bodyReceived: { errors: { type: 'x', message: 'User not found in course' } } } },
    { answeredBy: 'lms', excerpt: 'User not found in course; LMS said no' },
  ],
  [
    'an LMS answer as JSON in a text, with a list of errors',
    { status: 422, error: 'x', details: { bodyReceived: '{"errors":[{"field":"grade","message":"assignment is still unpublished"}]}' } },
    { answeredBy: 'lms', excerpt: 'assignment is still unpublished' },
  ],
  [
    'an LMS page in a text',
    { status: 500, error: 'x', details: { bodyReceived: '<!DOCTYPE html><html><style>p{}</style><h1>Server&nbsp;Error (500)</h1></html>', externalError: true } },
    { answeredBy: 'lms', excerpt: 'Server Error (500)' },
  ],
  ['an empty LMS answer', { status: 404, error: 'Not Found', details: { bodyReceived: '' } }, { answeredBy: 'lms', excerpt: 'Not Found' }],
  [
    'a documented error',
    { status: 401, error: 'Unauthorized', details: { message: 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER', description: 'The header is wrong.' } },
    { answeredBy: 'ltiaas', code: 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER', excerpt: 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER; The header is wrong.' },
  ],
  [
    'an error with a code',
    { status: 400, error: 'x', details: { code: 'INACTIVE_SERVICE', message: 'Not in your plan.' } },
    { answeredBy: 'ltiaas', code: 'INACTIVE_SERVICE', excerpt: 'Not in your plan.' },
  ],
  [
    'a list of errors in details',
    { status: 400, error: 'x', details: { errors: [{ message: 'scoreGiven must be a number' }, 'MISSING_SCORE'] } },
    { answeredBy: 'ltiaas', code: 'MISSING_SCORE', excerpt: 'scoreGiven must be a number; MISSING_SCORE' },
  ],
  ['a gateway', { message: 'Forbidden' }, { answeredBy: 'other', excerpt: 'Forbidden' }],
  ['a page', '<html><title>502 Bad Gateway</title><center>nginx</center></html>', { answeredBy: 'other', excerpt: '502 Bad Gateway nginx' }],
  ['a plain text', 'nothing here', { answeredBy: 'other', excerpt: 'nothing here' }],
  ['nothing', '', {}],
]; // prettier-ignore

for (const [name, body, expected] of bodies) {
  test(`the body of a failed call is understood: ${name}`, () => {
    assert.deepEqual(readErrorBody(typeof body === 'string' ? body : JSON.stringify(body), scrub), expected);
  });
}

test('a secret at the place of the cut is not left as a half', () => {
  const text = `${'x'.repeat(490)}${apiKey} and more`;
  const { excerpt } = readErrorBody(text, createScrub([apiKey]));
  assert.doesNotMatch(excerpt ?? '', /api-key/);
});

test('whatever looks like a credential or an e-mail address is taken out', () => {
  const text =
    'Bearer abc.def {"serviceKey":"sk1","api_key": "k2"} ltik=eyJhbGciOi.J9.sig a.b+c@uni.example.edu x%40y.org eyJhbGciOiJI.eyJzdWIi.c2ln';
  const clean = scrub(text);
  assert.doesNotMatch(clean, /abc\.def|sk1|k2|eyJ|@uni|x%40y/);
  assert.equal(
    scrub('Provided timestamp of 2026-11-23 before 2026-11-24'),
    'Provided timestamp of 2026-11-23 before 2026-11-24',
  );
});

test('a short value is taken out where it stands as a word', () => {
  const short = createScrub(['5', 'ada', 'a+', '']);
  assert.equal(
    short('user 5 (id=5, "ada", a+) of 35 in 5.5: 1052 ada1 Nevada a+b'),
    'user [redacted] (id=[redacted], "[redacted]", [redacted]) of 35 in [redacted].[redacted]: 1052 ada1 Nevada a+b',
  );
});

test('scrubbing hostile text takes no noticeable time', () => {
  const startedAt = performance.now();
  scrub('a'.repeat(100_000));
  scrub('a@'.repeat(50_000));
  readErrorBody(`{"a":${'['.repeat(50_000)}`, scrub);
  readErrorBody(`${'<'.repeat(100_000)}`, scrub);
  readErrorBody(`{"details":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, scrub);
  assert.ok(performance.now() - startedAt < 1_000);
});

test('Retry-After is read as seconds and as a date, and never exceeds a day', () => {
  const now = Date.parse('2026-11-23T10:00:00Z');
  const read: [string | undefined, number | undefined][] = [
    ['30', 30_000], ['0', 0], ['-5', 0], ['999999', 86_400_000], ['1.5', 1_500],
    ['Mon, 23 Nov 2026 10:01:00 GMT', 60_000], ['Mon, 23 Nov 2026 09:00:00 GMT', 0], ['soon', undefined], ['', undefined], [undefined, undefined],
  ]; // prettier-ignore
  for (const [header, ms] of read) assert.equal(toRetryAfterMs(header, now), ms, header);
});
