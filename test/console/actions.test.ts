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
import { createSchedules, insertConsoleCourse, signInWith, textOf, type ConsoleCourse } from '../helpers/console.js';

const api = await createTestApi({ schedules: createSchedules() });
const { db } = api;
const course = await insertConsoleCourse(db);
const { id: session } = await openSession();
const [gate = ''] = await db('gates').where({ platform: course.platform }).pluck<string[]>('id');
const actions = SCREENS.flatMap((screen) => screen.actions);

/** Things that are there, by the names that paths have for them. */
function pathOf(path: string): string {
  if (path.startsWith('/sessions')) return hrefOf({ path }, { id: session });
  const { platform, course: id, column, serviceKey, scores, backfills, events } = course;
  if (path.startsWith('/backfills')) return hrefOf({ path }, { id: backfillFor(path, backfills) });
  if (path.startsWith('/webhooks')) return hrefOf({ path }, { id: events.invalid, source: CONSOLE_SOURCE });
  const ofScore = path.endsWith('/decide') ? scores.held : path.endsWith('/withdraw') ? scores.due : scores.rejected;
  const of = path.startsWith('/scores') ? ofScore : path.startsWith('/platforms') ? platform : id;
  return hrefOf({ path }, { id: of, score: scores.rejected, column, key: serviceKey, name: 'nightly-sync' });
}

function backfillFor(path: string, { awaiting, releasing, finished }: ConsoleCourse['backfills']): string {
  if (path.endsWith('/undo')) return finished;
  return path.endsWith('/approve') ? awaiting : releasing;
}

/** Of a key that reaches everything, which a limited one must not end. */
async function openSession(): Promise<{ id: string }> {
  const { id: apiKey } = await insertApiKey(db);
  return api.deps.store.consoleSessions.open({ hash: randomBytes(32), apiKey });
}

const FIELDS = { reason: 'a test', decision: 'keep', what: 'ada', mapping: '{}', 'filter.source': CONSOLE_SOURCE };
const FORBIDDEN = /This needs an API key with the scope/;

describe('every action', () => {
  for (const { path, scope } of actions) {
    for (const other of SCOPES.filter(
      (one) => one !== scope && one !== 'admin' && one !== 'read' && scope !== 'read',
    )) {
      it(`${path} is refused to a key that may only read and ${other}`, async () => {
        const { visitor, apiKey } = await signInWith(api, { scopes: ['read', other] });
        const refused = await visitor.post(pathOf(path), FIELDS);
        assert.equal(refused.status, 403);
        assert.match(textOf(refused), FORBIDDEN);
        assert.doesNotMatch(refused.html, new RegExp(`action="/console${path.replaceAll(/:\w+/g, '[^/"]+')}"`));
        const done = await db('audit_entries').where({ api_key: apiKey }).whereNot({ action: 'console-sessions.open' });
        assert.deepEqual(done, []);
      });
    }
    it(`${path} is not refused to a key with the scope ${scope}`, async () => {
      const { visitor } = await signInWith(api, { scopes: [...new Set(['read', scope])] });
      const taken = await visitor.post(pathOf(path), FIELDS);
      assert.notEqual(taken.status, 403, textOf(taken));
      assert.ok(taken.status < 500 || /Temporal|LTIAAS/.test(textOf(taken)), textOf(taken));
    });
    it(
      `${path} is not done to what the key cannot see`,
      { skip: path === '/find' || path.startsWith('/schedules') },
      async () => {
        const { visitor, apiKey } = await signInWith(api, { platforms: ['another'] });
        await visitor.post(pathOf(path), FIELDS);
        const subjects = await db('audit_entries').where({ api_key: apiKey }).pluck<string[]>('subject');
        const { scores, backfills, events, ...others } = course;
        const ids = Object.values({ ...others, ...scores, ...backfills, ...events, session });
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
      `/console/courses/${course.course}`,
      '/console/runs',
      '/console/backfills/new',
      ...Object.values(course.backfills).map((id) => `/console/backfills/${id}`),
      ...Object.values(course.events).map((id) => `/console/webhooks/events/${id}`),
    ]) {
      const { html } = await visitor.get(path);
      const forms = [...html.matchAll(/<form[^>]* action="([^"]+)"/g)].map(([, to]) => to);
      assert.deepEqual(forms, ['/console/find', '/console/sign-out']);
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

  it('keeps within the path of what it is done to', async () => {
    const { visitor } = await signInWith(api);
    const shown = await visitor.get(`/console/scores/${encodeURIComponent('../api-keys')}`);
    assert.equal(shown.status, 404);
    assert.equal(at`/v1/scores/${'../api-keys?x'}`, '/v1/scores/..%2Fapi-keys%3Fx');
  });
});

describe('finding', () => {
  const found: Record<string, [what: string, to: string]> = {
    'a score by its id': [course.scores.due, `/console/scores/${course.scores.due}`],
    'a course by its id in the LMS': ['bio-101', `/console/courses/${course.course}`],
    'a course by its workflow': [`sync-context/${course.course}`, `/console/courses/${course.course}`],
    'a column by its id': [course.column, `/console/courses/${course.course}`],
    'a platform by its sender': [`send/${gate}`, '/console/scores?platformId=canvas-of-the-north'],
    'a run by its id': [course.run, `/console/runs/${course.run}`],
    'a student of one course': ['grace', `/console/scores/${course.scores.rejected}/person`],
  };
  for (const [name, [what, to]] of Object.entries(found)) {
    it(`leads to ${name}`, async () => {
      const { visitor } = await signInWith(api);
      const { status, location } = await visitor.post('/console/find', { what: ` ${what} ` });
      assert.deepEqual([status, location], [303, to]);
    });
  }

  it('shows the scores of a student of several courses, under no address', async () => {
    const { visitor } = await signInWith(api);
    const shown = await visitor.post('/console/find', { what: 'alan' });
    assert.equal(shown.status, 200);
    assert.match(textOf(shown), /Scores of alan/);
  });

  it('finds nothing that the key may not see', async () => {
    const { visitor } = await signInWith(api, { platforms: ['another'] });
    // Runs are everybody's: a limited key sees the counts of its platforms.
    for (const [what] of Object.values(found).filter(([one]) => one !== course.run)) {
      const shown = await visitor.post('/console/find', { what });
      assert.match(textOf(shown), /Nothing found/);
    }
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
