import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { createVisitor, signInWith, textOf } from '../helpers/console.js';

const api = await createTestApi();
const { app, db } = api;
const course = await insertConsoleCourse(db);
const aScore = `/console/scores/${course.scores.held}`;

describe('a form', () => {
  const foreign: Record<string, Record<string, string>> = {
    'another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    'a neighbour': { 'sec-fetch-site': 'same-site' },
    'no page at all': { 'sec-fetch-site': 'none' },
    'a page that hides where it is': { origin: 'null' },
    'another site, in an old browser': { origin: 'https://evil.example' },
    'who does not say': {},
    'another port': { origin: 'http://localhost:81' },
  };
  for (const [who, headers] of Object.entries(foreign)) {
    it(`from ${who} does nothing`, async () => {
      const { visitor } = await signInWith(api);
      const refused = await visitor.post(`${aScore}/help`, { decision: 'send', reason: 'x' }, headers);
      assert.equal(refused.status, 403);
      const { state } = await db('scores').where({ id: course.scores.held }).first<{ state: string }>('state');
      assert.equal(state, 'held');
      assert.equal((await createVisitor(app).post('/console/sign-in', { key: api.adminKey }, headers)).status, 403);
    });
  }

  it('is taken from our own page without TLS, where browsers tell the origin only', async () => {
    const { visitor } = await signInWith(api);
    const taken = await visitor.post('/console/find', { what: 'grace' }, { origin: 'http://localhost:80' });
    assert.equal(taken.status, 303);
  });

  it('of who was signed out meanwhile does nothing, and says so', async () => {
    const shown = await createVisitor(app).submit(`${aScore}/help`, { decision: 'send' });
    assert.match(textOf(shown), /nothing was done/);
  });

  it('that is none, or too large, is refused', async () => {
    const { visitor } = await signInWith(api);
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    assert.equal((await visitor.post('/console/find', {}, headers)).status, 415);
    assert.equal((await visitor.post('/console/find', { what: 'x'.repeat(70_000) })).status, 413);
  });
});

describe('every answer', () => {
  it('forbids whatever is not ours, and is kept by nobody', async () => {
    const { visitor } = await signInWith(api);
    const anybody = createVisitor(app);
    const answers = [
      await visitor.get('/console'),
      await visitor.get(`/console/scores/${course.platform}`),
      await visitor.get('/console/no-such-page'),
      await visitor.post('/console/find', { what: 'x' }, { 'sec-fetch-site': 'cross-site' }),
      await anybody.get('/console'),
      await anybody.get('/console/sign-in'),
    ];
    for (const { headers } of answers) {
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
          "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'same-origin');
    }
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 404, 404, 403, 303, 200],
    );
  });

  it('loads files that may be kept for ever', async () => {
    const { html } = await createVisitor(app).get('/console/sign-in');
    const hrefs = [...html.matchAll(/(?:href|src)="(\/console\/assets\/[^"]+)"/g)].map(([, href = '']) => href);
    assert.equal(new Set(hrefs).size, 3);
    for (const href of hrefs) {
      const { status, headers } = await createVisitor(app).get(href);
      assert.deepEqual([status, headers['cache-control']], [200, 'public, max-age=31536000, immutable']);
    }
  });
});
