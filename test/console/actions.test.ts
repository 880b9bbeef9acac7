import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { SCOPES } from '../../api/callers.js';
import { at } from '../../console/api-client.js';
import { SCREENS } from '../../console/screens/index.js';
import { hrefOf } from '../../console/screen.js';
import { createTestApi } from '../helpers/app.js';
import { CONSOLE_SOURCE } from '../helpers/console-events.js';
import { insertApiKey, insertMembership, insertScore } from '../helpers/factories.js';
import { insertConsoleCourse, type ConsoleCourse } from '../helpers/console-course.js';
import { createSchedules, signInWith, textOf } from '../helpers/console.js';

const api = await createTestApi({ schedules: createSchedules() });
const { db } = api;
const course = await insertConsoleCourse(db);
const { id: session } = await openSession();
const { id: otherKey } = await insertApiKey(db);
const actions = SCREENS.flatMap((screen) => screen.actions);

function pathOf(path: string): string {
  if (path.startsWith('/sessions')) return hrefOf({ path }, { id: session });
  if (path.startsWith('/keys')) return hrefOf({ path }, { id: otherKey });
  if (path.startsWith('/bulk-operations')) return hrefOf({ path }, { id: course.bulk.running });
  if (path.startsWith('/notices')) return hrefOf({ path }, { id: noticeFor(path) });
  const { platform, deployment, course: id, column, serviceKey, scores, backfills, events } = course;
  if (path.startsWith('/backfills')) return hrefOf({ path }, { id: backfillFor(path, backfills) });
  if (path.startsWith('/webhooks')) return hrefOf({ path }, { id: events.invalid, source: CONSOLE_SOURCE });
  const ofScore = path === '/scores/:id/help' ? scores.held : path.endsWith('/withdraw') ? scores.due : scores.rejected;
  const of = path.startsWith('/scores') ? ofScore : path.startsWith('/platforms') ? platform : id;
  return hrefOf(
    { path },
    { id: of, score: scores.rejected, column, key: serviceKey, deployment, name: 'nightly-sync' },
  );
}

function backfillFor(path: string, { awaiting, releasing, finished }: ConsoleCourse['backfills']): string {
  if (path.endsWith('/undo')) return finished;
  return path.endsWith('/approve') ? awaiting : releasing;
}

function noticeFor(path: string): string {
  return path.includes('/deliveries/') ? course.notices.delivery : course.notices.endpoint;
}

/** Of a key that reaches everything, which a limited one must not end. */
async function openSession(): Promise<{ id: string }> {
  const { id: apiKey } = await insertApiKey(db);
  return api.deps.store.consoleSessions.open({ hash: randomBytes(32), apiKey, endsBy: null, requestId: null });
}

/** What its form holds, filled in. Of what the API says helps: the first that it names on the page. */
async function fieldsOf(path: string): Promise<Record<string, string>> {
  const call = path.endsWith('/help') ? await findHelp(pathOf(path).replace(/\/help$/, '')) : '';
  const ofWebhook = { mapping: '{}', 'filter.source': CONSOLE_SOURCE };
  const ofPlatform = { deployment: '1', inFlightMax: '3', ratePerSecond: '' };
  const ofKey = { name: 'new', scopes: 'read', overlapHours: '1', expiresAt: '' };
  return { reason: 'a test', what: 'ada', call, gradePolicy: 'ask', until: '', ...ofKey, ...ofPlatform, ...ofWebhook };
}

/** Kept: a thing that is done is named no more. */
const helps = new Map<string, string>();

async function findHelp(page: string): Promise<string> {
  const found = helps.get(page);
  if (found !== undefined) return found;
  const { visitor } = await signInWith(api);
  const { html } = await visitor.get(page);
  const call = /name="call" value="([^"]+)"/.exec(html)?.[1];
  assert.ok(call, `${page} names nothing that helps`);
  helps.set(page, call.replaceAll('&quot;', '"'));
  return findHelp(page);
}

const FORBIDDEN = /This needs an API key with the scope/;

describe('every action', () => {
  for (const { path, scope } of actions) {
    for (const other of SCOPES.filter(
      (one) => one !== scope && one !== 'admin' && one !== 'read' && scope !== 'read',
    )) {
      it(`${path} is refused to a key that may only read and ${other}`, async () => {
        const { visitor, apiKey } = await signInWith(api, { scopes: ['read', other] });
        const refused = await visitor.post(pathOf(path), await fieldsOf(path));
        assert.equal(refused.status, 403);
        assert.match(textOf(refused), FORBIDDEN);
        assert.doesNotMatch(refused.html, new RegExp(`action="/console${path.replaceAll(/:\w+/g, '[^/"]+')}"`));
        const done = await db('audit_entries').where({ api_key: apiKey }).whereNot({ action: 'console-sessions.open' });
        assert.deepEqual(done, []);
      });
    }
    it(`${path} is not refused to a key with the scope ${scope}`, async () => {
      const { visitor, apiKey } = await signInWith(api, { scopes: [...new Set(['read', scope])] });
      if (path.startsWith('/keys')) await db('api_keys').where({ id: otherKey }).update({ created_by: apiKey });
      const taken = await visitor.post(pathOf(path), await fieldsOf(path));
      assert.notEqual(taken.status, 403, textOf(taken));
      assert.ok(taken.status < 500 || /Temporal|LTIAAS/.test(textOf(taken)), textOf(taken));
    });
    it(
      `${path} is not done to what the key cannot see`,
      { skip: path === '/find' || path.startsWith('/schedules') },
      async () => {
        const { visitor, apiKey } = await signInWith(api, { platforms: ['another'] });
        await visitor.post(pathOf(path), await fieldsOf(path));
        const subjects = await db('audit_entries').where({ api_key: apiKey }).pluck<string[]>('subject');
        const { scores, bulk, backfills, events, notices, ...others } = course;
        const ids = Object.values({
          ...others,
          ...scores,
          ...bulk,
          ...backfills,
          ...events,
          ...notices,
          session,
          otherKey,
        });
        assert.deepEqual(
          ids.filter((id) => subjects.includes(id)),
          [],
        );
      },
    );
  }
});

describe('who may only read', () => {
  it('sees no button but those to look and to leave', async () => {
    const { visitor } = await signInWith(api, { scopes: ['read'] });
    for (const path of [
      '/console',
      `/console/scores/${course.scores.rejected}`,
      `/console/scores/${course.scores.rejected}/person`,
      `/console/platforms/${course.platform}`,
      `/console/courses/${course.course}`,
      '/console/runs',
      '/console/triage',
      '/console/triage/retry?failureType=ScoreRejected',
      '/console/scores?state=rejected',
      `/console/bulk-operations/${course.bulk.running}`,
      ...['new', 'undo-key'].map((name) => `/console/backfills/${name}`),
      ...Object.values(course.backfills).map((id) => `/console/backfills/${id}`),
      ...Object.values(course.events).map((id) => `/console/webhooks/events/${id}`),
    ]) {
      const { html } = await visitor.get(path);
      const forms = [...html.matchAll(/<form[^>]* method="post" action="([^"]+)"/g)].map(([, to]) => to);
      assert.deepEqual(forms, ['/console/find', '/console/sign-out']);
      assert.doesNotMatch(html, /Retry all/);
    }
  });
});

describe('an action', () => {
  it('is done in the name of the key, with its reason', async () => {
    const { visitor, apiKey } = await signInWith(api);
    const page = await visitor.submit(`/console/courses/${course.course}/pause`, { reason: '  exams  ' });
    assert.match(textOf(page), /The course is paused/);
    const [entry] = await db('audit_entries')
      .where({ api_key: apiKey, action: 'contexts.pause' })
      .select<{ subject: string; reason: string }[]>('subject', 'reason');
    assert.deepEqual(entry, { subject: course.course, reason: 'exams' });
    assert.doesNotMatch(textOf(await visitor.get(`/console/courses/${course.course}`)), /The course is paused/);
  });

  it('pauses until the minute that was filled in, which is one of UTC', async () => {
    const { visitor } = await signInWith(api);
    const path = `/console/courses/${course.course}`;
    const past = await visitor.post(`${path}/pause`, { reason: 'exams', until: '2026-01-01T08:00' });
    assert.match(textOf(past), /until must be an instant ahead/);
    assert.match(past.html, /type="datetime-local" value="2026-01-01T08:00"/);
    await visitor.submit(`${path}/pause`, { reason: 'exams', until: '2036-12-24T08:30' });
    const { body } = await api.call('GET', `/v1/contexts/${course.course}`);
    assert.match(JSON.stringify(body), /"until":"2036-12-24T08:30:00.000Z"/);
    await visitor.submit(`${path}/resume`, { reason: 'over' });
  });

  it('sets limits, and whose grade counts, and says so on the page', async () => {
    const { visitor } = await signInWith(api);
    const { platform, course: id, column } = course;
    const fields = { reason: 'a test', deployment: '1', inFlightMax: '7', ratePerSecond: '2.5' };
    assert.match((await visitor.submit(`/console/platforms/${platform}/limits`, fields)).html, />2.5</);
    const none = await visitor.post(`/console/platforms/${platform}/limits`, { ...fields, inFlightMax: 'some' });
    assert.equal(none.status, 400);
    const policy = { reason: 'a test', gradePolicy: 'humanWins' };
    assert.match(textOf(await visitor.submit(`/console/courses/${id}/grade-policy`, policy)), /a person’s/);
    await visitor.submit(`/console/courses/${id}/columns/${column}/grade-policy`, {
      reason: 'a test',
      gradePolicy: '',
    });
    const { body } = await api.call('GET', `/v1/line-items/${column}`);
    assert.match(JSON.stringify(body), /"gradePolicy":null/);
  });

  it('that the API refuses is told at its form, with what was filled in', async () => {
    const { visitor } = await signInWith(api);
    const path = `/console/scores/${course.scores.submitted}/withdraw`;
    const refused = await visitor.post(path, { reason: '"><script>alert(1)</script>' });
    assert.equal(refused.status, 409);
    assert.match(textOf(refused), /The LMS has taken it/);
    assert.doesNotMatch(refused.html, /<script>/);
    const { id } = await insertScore(db, { context: course.course, lineItem: course.column });
    const held = await visitor.post(`/console/scores/${id}/withdraw`, { reason: '' });
    assert.equal(held.status, 400);
    assert.match(held.html, /<details class="act" open>.*role="alert"/s);
  });

  it('is done once, however often its button is pressed', async () => {
    const { visitor, apiKey } = await signInWith(api);
    const fields = { reason: 'twice', once: '7a3c1a52-0000-4000-8000-000000000000' };
    const path = `/console/courses/${course.course}/sync`;
    const [one, other] = [await visitor.post(path, fields), await visitor.post(path, fields)];
    assert.deepEqual([one.status, other.location], [303, one.location]);
    const done = await db('audit_entries').where({ api_key: apiKey, action: 'syncs.start' });
    assert.equal(done.length, 1);
  });

  it('that the API does not name as a help is none', async () => {
    const { visitor, apiKey } = await signInWith(api);
    const call = JSON.stringify(['POST', '/v1/api-keys', { name: 'mine', scopes: ['admin'] }]);
    const shown = await visitor.submit(`/console/scores/${course.scores.submitted}/help`, { reason: 'a test', call });
    assert.match(textOf(shown), /This helps no longer/);
    assert.deepEqual(await db('audit_entries').where({ api_key: apiKey, action: 'api-keys.create' }), []);
    assert.deepEqual(await db('api_keys').where({ name: 'mine' }), []);
  });

  it('keeps within the path of what it is done to', async () => {
    const { visitor } = await signInWith(api);
    const shown = await visitor.get(`/console/scores/${encodeURIComponent('../api-keys')}`);
    assert.equal(shown.status, 404);
    assert.equal(at`/v1/scores/${'../api-keys?x'}`, '/v1/scores/..%2Fapi-keys%3Fx');
  });
});

describe('a roster', () => {
  it('is read on by POST, since its cursor holds a student', async () => {
    for (let made = 0; made < 101; made += 1)
      await insertMembership(db, { context: course.course, userId: `m${made}` });
    const { visitor } = await signInWith(api, { scopes: ['read'] });
    const first = await visitor.get(`/console/courses/${course.course}/roster?status=Active`);
    const [, action = '', cursor = ''] =
      /<form class="pager" method="post" action="([^"]+)"><input type="hidden" name="cursor" value="([^"]+)"/.exec(
        first.html,
      ) ?? [];
    const second = await visitor.post(action, { cursor });
    const people = [first, second].flatMap(({ html }) =>
      [...html.matchAll(/<button class="link">([^<]+)/g)].map(([, person]) => person),
    );
    assert.equal(new Set(people).size, 102);
    assert.equal(people.length, 102);
  });
});
