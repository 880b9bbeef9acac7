import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { makeSecret } from '../../api/bearer-secret.js';
import { createTestApi } from '../helpers/app.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { createVisitor, signInWith, textOf, type Shown } from '../helpers/console.js';
import { insertApiKey } from '../helpers/factories.js';

const api = await createTestApi();
const { app, db } = api;
const course = await insertConsoleCourse(db);
const aScore = `/console/scores/${course.scores.held}`;

const isSignedOut = ({ status, location }: Shown): boolean =>
  status === 303 && location?.startsWith('/console/sign-in') === true;

describe('signing in', () => {
  it('gives a cookie that no script and no other site gets, and keeps neither key nor cookie', async () => {
    const { secret } = await insertApiKey(db);
    const visitor = createVisitor(app);
    const { status, location, headers } = await visitor.signIn(secret);
    assert.deepEqual([status, location], [303, '/console']);
    const [cookie = ''] = [headers['set-cookie']].flat().map(String);
    assert.match(cookie, /^passback_console=[\w-]{43}; Path=\/console; Expires=[^;]+ GMT; HttpOnly; SameSite=Strict$/);
    const token = visitor.cookies.get('passback_console') ?? '';
    const { rows } = await db.raw<{ rows: { kept: string }[] }>(
      'select row_to_json(s)::text as kept from console_sessions s',
    );
    for (const { kept } of rows) assert.ok(!kept.includes(token) && !kept.includes(secret));
    assert.ok(!api.logs.join('').includes(token) && !api.logs.join('').includes(secret));
  });

  it('marks the cookie Secure where the browser came by TLS', async () => {
    const behindProxy = await createTestApi({ db, settings: { trustProxy: true } });
    const { secret } = await insertApiKey(db);
    const { headers } = await createVisitor(behindProxy.app).post(
      '/console/sign-in',
      { key: secret },
      { 'sec-fetch-site': 'same-origin', 'x-forwarded-proto': 'https' },
    );
    assert.match(String(headers['set-cookie']), /; Secure/);
    await behindProxy.app.close();
  });

  it('refuses an unknown, a revoked and no key in the same words', async () => {
    const { secret } = await insertApiKey(db, { columns: { revoked_at: new Date() } });
    for (const key of ['passback_unknown', makeSecret(), secret, '']) {
      const shown = await createVisitor(app).signIn(key);
      assert.equal(shown.status, 401);
      assert.match(textOf(shown), /No valid API key\./);
      assert.deepEqual(shown.cookies, []);
      if (key !== '') assert.ok(!shown.html.includes(key));
    }
  });

  it('lets one address try so many wrong keys only, as the API does', async () => {
    const other = await createTestApi({ db });
    const visitor = createVisitor(other.app);
    for (let tried = 0; tried < 20; tried += 1) await visitor.signIn(`passback_wrong_${tried}`);
    const refused = await visitor.signIn('passback_wrong_more');
    assert.equal(refused.status, 429);
    assert.match(textOf(refused), /wait a minute/);
    assert.equal((await visitor.signIn(api.adminKey)).location, '/console');
    await other.app.close();
  });

  it('is for keys that may read', async () => {
    const { secret } = await insertApiKey(db, { scopes: ['scores:write'] });
    const shown = await createVisitor(app).signIn(secret);
    assert.deepEqual([shown.status, shown.cookies], [403, []]);
  });

  it('leads back to where somebody wanted to go', async () => {
    const visitor = createVisitor(app);
    const { location = '' } = await visitor.get(`${aScore}?a=1&b=2`);
    assert.equal(location, `/console/sign-in?to=${encodeURIComponent(`${aScore}?a=1&b=2`)}`);
    const { html } = await visitor.get(location);
    assert.ok(html.includes(`name="to" value="${aScore}?a=1&amp;b=2"`), html);
    const answer = await visitor.post('/console/sign-in', { key: api.adminKey, to: `${aScore}?a=1&b=2` });
    assert.equal(answer.location, `${aScore}?a=1&b=2`);
  });

  for (const to of [
    'https://evil.example/console/scores',
    '//evil.example/console/scores',
    String.raw`/\evil.example/console`,
    '/console/../v1/scores',
    '/console/..//evil.example',
    '/consolevil',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/console/sign-out',
    'http://[',
  ]) {
    it(`leads nowhere else: ${JSON.stringify(to)}`, async () => {
      const { location } = await createVisitor(app).post('/console/sign-in', { key: api.adminKey, to });
      assert.equal(location, '/console');
    });
  }
});

describe('a session', () => {
  it('ends by signing out, for a copy of the cookie too', async () => {
    const { visitor } = await signInWith(api);
    const copy = createVisitor(app);
    for (const [name, value] of visitor.cookies) copy.cookies.set(name, value);
    assert.equal((await copy.get('/console')).status, 200);
    assert.match(textOf(await visitor.submit('/console/sign-out')), /You are signed out/);
    assert.equal(visitor.cookies.has('passback_console'), false);
    assert.equal(isSignedOut(await copy.get('/console')), true);
  });

  it('ends with its key, at once', async () => {
    const { visitor, apiKey } = await signInWith(api);
    assert.equal((await visitor.get('/console')).status, 200);
    await api.call('DELETE', `/v1/api-keys/${apiKey}?reason=lost`);
    assert.equal(isSignedOut(await visitor.get('/console')), true);
  });

  it('may what its key may now', async () => {
    const { visitor, apiKey } = await signInWith(api, { scopes: ['read', 'operate'] });
    assert.match((await visitor.get(aScore)).html, /\/help"/);
    await db('api_keys')
      .where({ id: apiKey })
      .update({ scopes: ['read'] });
    assert.doesNotMatch((await visitor.get(aScore)).html, /\/help"/);
  });

  it('is listed, and ended by an admin', async () => {
    const { visitor, apiKey } = await signInWith(api, { scopes: ['read'] });
    const { body } = await api.call('GET', '/v1/console-sessions');
    const listed = JSON.stringify(body);
    const id = new RegExp(`"id":"([0-9a-f-]{36})","apiKey":"${apiKey}"`).exec(listed)?.[1] ?? '';
    assert.equal((await api.call('DELETE', `/v1/console-sessions/${id}?reason=gone`)).status, 204);
    assert.equal(isSignedOut(await visitor.get('/console')), true);
    assert.equal((await api.call('DELETE', `/v1/console-sessions/${id}?reason=gone`)).status, 404);
    const actions = await db('audit_entries').where({ subject: id }).orderBy('id').pluck<string[]>('action');
    assert.deepEqual(actions, ['console-sessions.open', 'console-sessions.end']);
  });

  it('is not kept alive by a page that refreshes itself, which is told in place when it has ended', async () => {
    const { visitor, apiKey } = await signInWith(api);
    const age = () =>
      db('console_sessions')
        .where({ api_key: apiKey })
        .update({ last_seen_at: new Date(Date.now() - 3_500_000) });
    await age();
    assert.equal((await visitor.get('/console', { 'x-console-refresh': '1' })).status, 200);
    const [{ isOld } = { isOld: false }] = await db('console_sessions')
      .where({ api_key: apiKey })
      .select<{ isOld: boolean }[]>(db.raw(`last_seen_at < now() - interval '50 minutes' as "isOld"`));
    assert.equal(isOld, true);
    await db('console_sessions')
      .where({ api_key: apiKey })
      .update({ last_seen_at: new Date(Date.now() - 3_601_000) });
    const refused = await visitor.get('/console', { 'x-console-refresh': '1' });
    assert.deepEqual([refused.status, refused.html], [401, 'Signed out.\n']);
  });

  it('costs the database little to guess at, and lives on meanwhile', async () => {
    const other = await createTestApi({ db });
    const { visitor } = await signInWith(other);
    const guesser = createVisitor(other.app);
    let asked = 0;
    const count = ({ sql }: { sql: string }): void => {
      if (sql.includes('console_sessions')) asked += 1;
    };
    db.on('query', count);
    for (let guess = 0; guess < 200; guess += 1) {
      guesser.cookies.set('passback_console', randomBytes(32).toString('base64url'));
      assert.equal(isSignedOut(await guesser.get('/console')), true);
    }
    db.off('query', count);
    assert.ok(asked < 40, `${asked} statements`);
    assert.equal((await visitor.get('/console')).status, 200);
    await other.app.close();
  });

  it('is none of the API: a cookie opens no door there, and no bearer can be guessed from it', async () => {
    const { visitor } = await signInWith(api);
    const token = visitor.cookies.get('passback_console') ?? '';
    assert.equal((await visitor.get('/v1/scores')).status, 401);
    assert.equal((await api.call('GET', '/v1/scores', { key: token })).status, 401);
  });
});
