import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestApi } from '../helpers/app.js';
import { CONSOLE_SOURCE } from '../helpers/console-events.js';
import { insertConsoleCourse } from '../helpers/console-course.js';
import { signInWith, textOf } from '../helpers/console.js';
import { eventually } from '../helpers/database.js';
import { graded, namingMapping } from '../helpers/webhooks.js';

const api = await createTestApi();
const { db } = api;
const { events } = await insertConsoleCourse(db);
const SOURCE = `/console/webhooks/sources/${CONSOLE_SOURCE}`;
const EVENT = { ...graded({ course: 'bio-101' }), grade: undefined, points: 9 };
const corrected = namingMapping('canvas-of-the-north', { score: '/points' });

const stateOf = async (id: string): Promise<string | undefined> =>
  (await db('webhook_events').where({ id }).pluck<string[]>('state'))[0];

describe('a mapping', () => {
  it('is tried on a pasted event, and nothing of it is kept', async () => {
    const { visitor } = await signInWith(api);
    const before = await db('webhook_events').count();
    const mapping = JSON.stringify(namingMapping('canvas-of-the-north'));
    const body = JSON.stringify(EVENT);
    const bad = await visitor.post(`${SOURCE}/dry-run`, { body, mapping });
    assert.equal(bad.status, 200);
    assert.match(textOf(bad), /invalid .*Of the mapping *score/);
    const good = await visitor.post(`${SOURCE}/dry-run`, { body, mapping: JSON.stringify(corrected) });
    assert.match(textOf(good), /It became a score\..*It would hand in:.*"scoreGiven": 9/);
    assert.match(textOf(good), /"points":9/, 'what was pasted stands there again');
    assert.deepEqual(await db('webhook_events').count(), before);
    assert.match(textOf(await visitor.get(SOURCE)), /score *\/grade/);
  });

  it('that is no JSON, or would not work, is told at the form', async () => {
    const { visitor } = await signInWith(api);
    for (const mapping of ['{', '[]', '{"scores":"/points"}']) {
      const { status, html } = await visitor.post(`${SOURCE}/dry-run`, { body: '{}', mapping });
      assert.ok(status === 400 || status === 422, String(status));
      assert.match(html, /role="alert"/);
    }
  });

  it('takes apart a body with several events', async () => {
    const { visitor } = await signInWith(api);
    const body = JSON.stringify({ results: [graded({ course: 'bio-101' }), graded({ course: 'none' })] });
    const mapping = Object.fromEntries(
      Object.entries(namingMapping('canvas-of-the-north')).map(([name, at]): [string, unknown] => [
        name,
        typeof at === 'string' ? `/results${at}` : name === 'type' ? { ...at, pointer: '/results/type' } : at,
      ]),
    );
    const fields = { body, mapping: JSON.stringify({ ...mapping, events: '/results' }) };
    const shown = await visitor.post(`${SOURCE}/dry-run`, fields);
    assert.match(textOf(shown), /It holds 2 events/);
  });
});

describe('an event', () => {
  it('is replayed with the mapping of now, and says what it became', async () => {
    const { visitor } = await signInWith(api);
    const still = await visitor.submit(`/console/webhooks/events/${events.invalid}/replay`, { reason: 'a test' });
    assert.match(textOf(still), /It was looked at again\. A pointer finds a value that cannot be used\./);
    const gone = await visitor.post(`/console/webhooks/events/${events.expired}/replay`, { reason: 'a test' });
    assert.equal(gone.status, 409);
    assert.match(textOf(gone), /can no longer be replayed/);
  });

  it('is replayed with all of its source that match, and no others', async () => {
    const { visitor, apiKey } = await signInWith(api);
    const mapping = JSON.stringify({ ...corrected, score: { value: 4 } });
    await db('webhook_sources').where({ name: CONSOLE_SOURCE }).update({ mapping });
    const filter = { 'filter.source': CONSOLE_SOURCE, 'filter.state': 'invalid', 'filter.reason': '' };
    const fields = { ...filter, reason: 'the mapping is corrected' };
    const { location } = await visitor.post('/console/webhooks/replay', fields);
    assert.equal(location, `/console/webhooks?source=${CONSOLE_SOURCE}&state=invalid`);
    await eventually('it became a score', async () => (await stateOf(events.invalid)) === 'scored');
    assert.equal(await stateOf(events.unmatched), 'unmatched');
    const kept = await db('audit_entries')
      .where({ api_key: apiKey, subject: CONSOLE_SOURCE })
      .pluck<string[]>('reason');
    assert.deepEqual(kept, ['the mapping is corrected']);
  });
});
