import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestApi, textAt } from '../helpers/app.js';
import { insertApiKey } from '../helpers/factories.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { createSchedules, signInWith, textOf } from '../helpers/console.js';

const api = await createTestApi({ schedules: createSchedules() });
const { db, call } = api;
const course = await insertConsoleCourse(db);

describe('API keys', () => {
  it('are shown once, on the answer to the form alone', async () => {
    const { visitor } = await signInWith(api);
    const fields = { name: 'grader', scopes: 'read', platforms: ' lms \r\n\r\nlms', reason: 'for the grader' };
    const sent = { ...fields, once: '7a3c1a52-0000-4000-8000-000000000001' };
    const made = await visitor.post('/console/keys', sent);
    assert.deepEqual([made.status, made.location], [200, undefined], textOf(made));
    assert.equal(made.headers['cache-control'], 'no-store');
    const [, key = ''] = /<code>([\w-]{40,})<\/code>/.exec(made.html) ?? [];
    assert.equal((await call('GET', '/v1/contexts', { key })).status, 200);
    const again = await visitor.post('/console/keys', sent);
    assert.equal(again.status, 409);
    assert.equal((await db('api_keys').where({ name: 'grader' }).pluck('id')).length, 1);
    for (const page of [again, await visitor.get('/console/keys'), await visitor.get('/console/audit')]) {
      assert.ok(!page.html.includes(key));
      assert.match(textOf(page), /grader/);
    }
    const [row] = await db('api_keys').where({ name: 'grader' }).select<{ platforms: string[] }[]>('platforms');
    assert.deepEqual(row?.platforms, ['lms']);
  });

  it('are asked for again with what was filled in, where they cannot be made', async () => {
    const { visitor } = await signInWith(api);
    const fields = { name: '"><b>', scopes: 'operate', platforms: 'lms', reason: '' };
    const refused = await visitor.post('/console/keys', fields);
    assert.equal(refused.status, 400);
    assert.match(refused.html, /<details class="act" open>.*role="alert"/s);
    assert.match(refused.html, /name="name" value="&quot;>&lt;b>"/);
    assert.match(refused.html, /value="operate" checked/);
    assert.doesNotMatch(refused.html, /value="read" checked/);
    assert.match(refused.html, /<textarea[^>]*>lms<\/textarea>/);
  });

  it('are limited to deployments, and end, as the form says', async () => {
    const { visitor } = await signInWith(api);
    const fields = {
      name: 'north',
      scopes: 'read',
      deployments: 'an lms 1:a93f',
      expiresAt: '2036-12-24T08:30',
      reason: 'x',
    };
    const made = textOf(await visitor.post('/console/keys', fields));
    assert.match(made, /On: an lms \(deployment 1:a93f\)\. It ends/);
    assert.match(textOf(await visitor.get('/console/keys')), /north .* an lms \(deployment 1:a93f\)/);
    const [end] = await db('api_keys').where({ name: 'north' }).pluck<Date[]>('expires_at');
    assert.equal(end?.toISOString(), '2036-12-24T08:30:00.000Z');
    const wrong = await visitor.post('/console/keys', { ...fields, deployments: 'without-a-blank' });
    assert.equal(wrong.status, 400);
    assert.match(wrong.html, /<textarea name="deployments"[^>]*>without-a-blank</);
  });

  it('get another secret, which is shown once', async () => {
    const { visitor, secret } = await signInWith(api);
    const { body } = await call('POST', '/v1/api-keys', {
      key: secret,
      body: { name: 'to rotate', scopes: ['read'], reason: 'x' },
    });
    const fields = { overlapHours: '0', reason: 'a laptop was lost' };
    const shown = await visitor.post(`/console/keys/${textAt(body, 'id')}/rotate`, fields);
    const [, fresh = ''] = /<code>(pb_live_\w+)<\/code>/.exec(shown.html) ?? [];
    assert.equal((await call('GET', '/v1/contexts', { key: fresh })).status, 200);
    assert.equal((await call('GET', '/v1/contexts', { key: textAt(body, 'key') })).status, 401);
    assert.ok(!(await visitor.get('/console/keys')).html.includes(fresh));
  });

  it('are revoked with a reason, and then are listed apart', async () => {
    const { visitor } = await signInWith(api);
    const { id, secret: key } = await insertApiKey(db, { columns: { name: 'lost one' } });
    const page = await visitor.submit(`/console/keys/${id}/revoke`, { reason: 'lost in a train' });
    assert.match(textOf(page), /The key is revoked/);
    assert.doesNotMatch(textOf(page), /lost one/);
    assert.equal((await call('GET', '/v1/contexts', { key })).status, 401);
    assert.match(textOf(await visitor.get('/console/keys?revoked=true')), /lost one/);
    assert.match(textOf(await visitor.get(`/console/audit?subject=${id}`)), /api-keys.revoke .* lost in a train/);
  });

  it('and what was done with them are no link for who is no admin', async () => {
    const { visitor } = await signInWith(api, { scopes: ['read', 'operate'] });
    const { html } = await visitor.get('/console');
    for (const path of ['/console/keys', '/console/audit']) {
      assert.ok(!html.includes(path));
      assert.equal((await visitor.get(path)).status, 403);
    }
  });
});

describe('what a key wrote', () => {
  it('is undone by a backfill that is previewed first', async () => {
    const { visitor, apiKey } = await signInWith(api);
    assert.ok((await visitor.get('/console/keys')).html.includes('href="/console/backfills/undo-key"'));
    const form = { apiKey, since: '2026-11-01T00:00', until: '', reason: 'it was stolen', author: 'Ada' };
    const wrong = await visitor.post('/console/backfills/undo-key', { ...form, since: 'yesterday' });
    assert.equal(wrong.status, 400);
    const begun = await visitor.submit('/console/backfills/undo-key', form);
    assert.match(textOf(begun), /it was stolen/);
    const kept = await db('backfills').where({ reason: 'it was stolen' }).pluck<object[]>('parameters');
    const restore = { apiKeyId: apiKey, since: '2026-11-01T00:00:00.000Z', until: null };
    assert.deepEqual(kept, [{ filter: {}, restore }]);
  });
});

describe('the audit trail', () => {
  it('leads to what was acted on, and to what else a key did', async () => {
    const { visitor, apiKey } = await signInWith(api);
    await visitor.submit(`/console/courses/${course.course}/pause`, { reason: 'exams' });
    const { html } = await visitor.get(`/console/audit?apiKey=${apiKey}`);
    assert.ok(html.includes(`href="/console/courses/${course.course}"`));
    assert.ok(html.includes(`href="/console/audit?apiKey=${apiKey}"`));
    assert.match(textOf({ html }), /contexts\.pause .* exams/);
    const [, request = ''] = /requestId=([0-9a-f-]{36})/.exec(html) ?? [];
    assert.match(textOf(await visitor.get(`/console/audit?requestId=${request}`)), /contexts\.pause .* exams done/);
    assert.match(textOf(await visitor.get('/console/audit?outcome=failed&platformId=x')), /Nobody did anything/);
  });

  it('is asked for by days, the last one included', async () => {
    const { visitor } = await signInWith(api);
    const of = async (query: string): Promise<string> => textOf(await visitor.get(`/console/audit?${query}`));
    await db('audit_entries').insert({ action: 'a.test', subject: 'late', at: '2026-05-02T23:59:59Z' });
    assert.match(await of('since=2026-05-02&until=2026-05-02'), /a\.test late/);
    assert.doesNotMatch(await of('until=2026-05-01'), /a\.test late/);
    assert.doesNotMatch(await of('since=2026-05-03'), /a\.test late/);
    assert.equal((await visitor.get('/console/audit?since=yesterday')).status, 400);
  });

  it('shows what concerns the platforms of a key, and calls other keys by no name', async () => {
    const { visitor } = await signInWith(api, { platforms: ['canvas-of-the-north'] });
    const shown = textOf(await visitor.get(`/console/audit?subject=${course.course}`));
    assert.match(shown, /a key of more platforms/);
    const { visitor: other } = await signInWith(api, { platforms: ['moodle-of-the-south'] });
    assert.match(textOf(await other.get(`/console/audit?subject=${course.course}`)), /Nobody did anything like that/);
  });
});
