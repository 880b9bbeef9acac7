import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { describe, it, test } from 'node:test';
import { createTestApi, parseJson } from '../helpers/app.js';
import { serveToBrowser, withoutBrowser } from '../helpers/browser.js';

const { app, adminKey } = await createTestApi();
const { origin, browser } = await serveToBrowser(app);

const SCRIPT = '/docs/scalar.js';

function directivesOf(policy: unknown): Record<string, string> {
  const directives = [...String(policy).matchAll(/([a-z-]+) ([^;]+)/g)];
  return Object.fromEntries(directives.map(([, name = '', sources = '']) => [name, sources]));
}

test('is one page, with a slash at its end and without', async () => {
  const [page, other] = [await app.inject('/docs'), await app.inject('/docs/')];
  assert.equal(page.statusCode, 200);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.equal(page.payload, other.payload);
  assert.equal(page.headers['content-security-policy'], other.headers['content-security-policy']);
  const addresses = [...page.payload.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.deepEqual(addresses, ['data:,', SCRIPT]);
});

test('is led to from the root', async () => {
  const answer = await app.inject('/');
  assert.equal(answer.statusCode, 302);
  assert.equal(answer.headers['location'], '/docs');
});

test('allows its own script and styles, and nothing of another host', async () => {
  const page = await app.inject('/docs');
  const { 'script-src': scripts = '', ...others } = directivesOf(page.headers['content-security-policy']);
  assert.match(scripts, /^'self' 'sha256-[\w+/=]{44}'$/);
  assert.deepEqual(others, {
    'default-src': "'none'",
    'style-src': "'unsafe-inline'",
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
  });
});

test('is the only thing that may load any', async () => {
  for (const path of ['/openapi.json', '/', '/v1/scores', SCRIPT]) {
    const { 'default-src': whatever, ...others } = directivesOf(
      (await app.inject(path)).headers['content-security-policy'],
    );
    assert.equal(whatever, "'none'", path);
    assert.deepEqual(Object.keys(others).toSorted(), ['base-uri', 'form-action', 'frame-ancestors'], path);
  }
});

test('has its script packed, or as it is, and not again for who has it', async () => {
  const packed = await app.inject({ url: SCRIPT, headers: { 'accept-encoding': 'gzip, br' } });
  const plain = await app.inject(SCRIPT);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.ok(packed.rawPayload.length < 1_200_000, `${packed.rawPayload.length} bytes`);
  assert.ok(gunzipSync(packed.rawPayload).equals(plain.rawPayload));
  for (const { headers } of [packed, plain]) {
    assert.equal(headers['vary'], 'accept-encoding');
    assert.match(String(headers['content-type']), /^text\/javascript/);
  }
  const again = await app.inject({
    url: SCRIPT,
    headers: { 'accept-encoding': 'gzip', 'if-none-match': String(packed.headers['etag']) },
  });
  assert.equal(again.statusCode, 304);
  assert.equal(again.payload, '');
});

describe('the reference in Chromium', { skip: withoutBrowser }, () => {
  it('shows operations and sends a request, and asks nobody but us', async () => {
    assert.ok(browser);
    const page = await browser.newPage({ baseURL: origin });
    // A megabyte of script, on a machine that may be busy.
    page.setDefaultTimeout(60_000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.addInitScript(`globalThis.violations = [];
      addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
        violations.push(effectiveDirective + ' ' + blockedURI));`);

    await page.goto('/docs#tag/scores/GET/v1/scores');
    await page.getByRole('heading', { name: 'List scores' }).waitFor();
    await page.getByLabel('Bearer Token').first().fill(adminKey);
    await page.getByRole('button', { name: /Test Request ?\(get \/v1\/scores\)/ }).click();
    const answered = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/v1/scores');
    await page.getByRole('button', { name: /^Send/ }).first().click();
    assert.equal((await answered).status(), 200);

    assert.deepEqual([...new Set(asked.map((url) => new URL(url).origin))], [origin]);
    // The validator that is in the script asks whether it may compile text, and takes no for an answer.
    assert.deepEqual(parseJson(JSON.stringify(await page.evaluate('violations'))), ['script-src eval']);
    const kept = JSON.stringify(await page.evaluate('[{ ...localStorage }, { ...sessionStorage }]'));
    assert.ok(!kept.includes(adminKey), 'the key is kept in the browser');
    await page.close();
  });
});
