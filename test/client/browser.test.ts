/** The built client in a real browser, at the origin of the API. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { serveToBrowser, withoutBrowser } from '../helpers/browser.js';
import { insertContext, insertLineItem, insertPlatform } from '../helpers/factories.js';
import { STANDARD_SECRET } from '../helpers/webhooks.js';
import { buildClient } from './built-client.js';

const { dist } = await buildClient();
const api = await createTestApi();
const { deployment } = await insertPlatform(api.db, { platformId: 'lms' });
const { id: context } = await insertContext(api.db, { deployment, contextId: 'bio' });
const { line_item_id: column } = await insertLineItem(api.db, { context });
const { origin, browser } = await serveToBrowser(api.app);

/** What the page does; as a text, for the modules are the page's. */
const IN_PAGE = `async ({ apiKey, column, secret }) => {
  const { createClient, createNoticeVerifier, isProblem, signWebhook } = await import('/client/index.js');
  const passback = createClient({ url: location.origin, apiKey });
  const scores = Array.from({ length: 1_200 }, (_, n) => ({
    platformId: 'lms', contextId: 'bio', lineItem: { id: column }, userId: 'u-' + n, scoreGiven: 1, scoreMaximum: 10,
  }));
  const outcomes = {};
  let last;
  for await (const { index, outcome } of passback.streamScores(scores)) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    last = index;
  }
  const { accepted, unchanged } = await passback.handInScores({ body: { scores: scores.slice(0, 2) } });
  let listed = 0;
  for await (const score of passback.all.listScores({ platformId: 'lms', limit: 500 })) listed += 1;
  const refusal = await passback.getScore({ id: '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10' }).catch((error) => error);
  const body = JSON.stringify({ type: 'passback.digest', data: { notices: [] } });
  const message = await createNoticeVerifier(secret).verify(body, await signWebhook(secret, body, { id: 'msg-1' }));
  return { outcomes, last, accepted, unchanged, listed, problem: isProblem(refusal) && refusal.problem.type, told: message.type };
}`;

describe('the client in Chromium', { skip: withoutBrowser }, () => {
  it('sends, reads, tells problems apart, and checks signatures', async () => {
    assert.ok(browser);
    // The API's pages may load nothing but their own, and this one brings the client along.
    const page = await (await browser.newContext({ baseURL: origin, bypassCSP: true })).newPage();
    await page.route('**/client/**', (route) => {
      const file = new URL(route.request().url()).pathname.replace('/client/', '');
      return route.fulfill({ contentType: 'text/javascript', body: readFileSync(path.join(dist, file)) });
    });
    await page.goto('/livez');
    const given = JSON.stringify({ apiKey: api.adminKey, column, secret: STANDARD_SECRET });
    assert.deepEqual(await page.evaluate(`(${IN_PAGE})(${given})`), {
      ...{ outcomes: { accepted: 1_200 }, last: 1_199, accepted: 0, unchanged: 2, listed: 1_200 },
      ...{ problem: 'urn:passback:problem:not-found', told: 'passback.digest' },
    });
  });
});
