import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../../db/server/knex.js';
import { at, problemOf, textAt, type Answer, type Json } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { createWebhookRig } from '../../helpers/webhook-rig.js';
import { createSource, graded, namingMapping, send, signStandard } from '../../helpers/webhooks.js';

const { api, look, scoreOf, become } = await createWebhookRig();
const { app, call } = api;

/** Facts of all around the list, and those of one in its entries. */
const around = namingMapping('lms', {
  ...{ events: '/results', context: '/course', student: '/results/student', score: '/results/grade' },
  ...{ maximum: { value: 10 }, comment: '/results/feedback', time: '/at' },
});
await createSource(api, { name: 'around', mapping: around });
await createSource(api, { name: 'bare', mapping: namingMapping('lms', { events: '', eventId: '/id' }) });
await createSource(api, { name: 'plain', mapping: namingMapping('lms') });
const first = { student: '/0/student', context: '/0/course', score: '/0/grade', maximum: '/0/max', time: '/0/at' };
const firstOf = namingMapping('lms', { ...first, comment: '/0/feedback', eventId: '/0/id' });
await createSource(api, { name: 'first', mapping: { ...firstOf, type: undefined } });

const post = async (source: string, body: unknown, id?: string): Promise<Answer> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(app, source, { body: text, headers: signStandard(text, id === undefined ? {} : { id }) });
};
/** What was found in an event's body, once all of it was looked at; oldest first. */
const partsOf = (id: string, count: number): Promise<Json[]> =>
  eventually('the parts are looked at', async () => {
    const { body } = await call('GET', `/v1/webhook-events?partOf=${id}`);
    const parts = at(body, 'webhookEvents');
    if (!Array.isArray(parts) || parts.length < count) return null;
    return parts.every((part) => at(part, 'state') !== 'stored') ? parts.toReversed() : null;
  });
const takeApart = async (source: string, body: unknown, count: number, id?: string): Promise<Json[]> => {
  const answer = await post(source, body, id);
  assert.deepEqual([answer.status, at(answer.body, 'events')], [202, count], answer.text);
  return partsOf(textAt(answer.body, 'id'), count);
};
const results = (...entries: unknown[]): object => ({
  ...{ type: 'graded', course: 'bio', at: '2026-11-20T10:00:00Z' },
  results: entries,
});

test('takes each of several events by itself, with what is said of all of them, and says how many', async () => {
  const entries = [
    { student: 'one', grade: 1 },
    { student: 'two', grade: 'B' },
    'nonsense',
    { student: 'three', grade: 3 },
  ];
  const parts = await takeApart('around', results(...entries), 4, 'msg_1');
  assert.deepEqual(
    parts.map((part) => [at(part, 'eventId'), at(part, 'state'), at(part, 'reason', 'fact') ?? null]),
    [
      ['msg_1#/results/0', 'scored', null],
      ['msg_1#/results/1', 'invalid', 'score'],
      ['msg_1#/results/2', 'invalid', 'events'],
      ['msg_1#/results/3', 'scored', null],
    ],
  );
  assert.equal(at(await scoreOf('one'), 'scoreGiven'), 1);
  assert.equal(at(await scoreOf('three'), 'scoreGiven'), 3);
  const whole = await look(textAt(parts[0], 'partOf'), () => true);
  assert.deepEqual([at(whole, 'state'), at(whole, 'reason'), at(whole, 'score')], ['split', null, null]);
});

test('replays one of several events by itself, and each only once however often the body comes', async () => {
  const body = results({ student: 'again', grade: 4 }, { student: 'mended', points: 5 });
  const [, broken] = await takeApart('around', body, 2, 'msg_2');
  assert.equal(at(broken, 'reason', 'type'), 'nothingThere');
  const mapping = { ...around, score: '/results/points' };
  await call('PATCH', '/v1/webhook-sources/around', { body: { mapping, reason: 'a test' } });
  const replayed = await call('POST', `/v1/webhook-events/${textAt(broken, 'id')}/replay`, {
    body: { reason: 'a test' },
  });
  assert.equal(at(replayed.body, 'state'), 'scored', replayed.text);
  assert.equal(at(await scoreOf('mended'), 'scoreGiven'), 5);
  await call('PATCH', '/v1/webhook-sources/around', { body: { mapping: around, reason: 'a test' } });
  const again = await post('around', body, 'msg_2');
  assert.deepEqual([again.status, at(again.body, 'id')], [202, at(broken, 'partOf')]);
  const whole = await call('POST', `/v1/webhook-events/${textAt(again.body, 'id')}/replay`, {
    body: { reason: 'a test' },
  });
  assert.equal(at(whole.body, 'state'), 'split');
  const parts = await partsOf(textAt(again.body, 'id'), 2);
  assert.deepEqual(
    parts.map((part) => [at(part, 'state'), at(part, 'repeats')]),
    [
      ['scored', 0],
      ['scored', 0],
    ],
  );
});

test('knows events by their own ids in whatever body they come', async () => {
  const event = (id: string, grade: number, minute: number) => ({
    ...graded({ student: 'own', id, grade, at: `2026-11-20T10:0${minute}:00Z` }),
  });
  const parts = await takeApart('bare', [event('a', 1, 0), event('b', 2, 1)], 2);
  assert.deepEqual(
    parts.map((part) => at(part, 'eventId')),
    ['a', 'b'],
  );
  const later = await post('bare', [event('b', 2, 1), event('c', 3, 2), event('c', 9, 3)]);
  const [c] = await partsOf(textAt(later.body, 'id'), 1);
  assert.deepEqual([at(c, 'eventId'), at(c, 'repeats'), at(c, 'differing')], ['c', 1, 1]);
  const b = await look(textAt(parts[1], 'id'), () => true);
  assert.deepEqual([at(b, 'repeats'), at(b, 'differing')], [1, 0]);
  assert.equal(at(await scoreOf('own'), 'scoreGiven'), 3);
});

test('refuses a list by name where the mapping does not say that it holds events', async () => {
  const list = [graded({ student: 'lost' }), graded({ student: 'lost too' })];
  const plain = await become(JSON.stringify(list), 'plain');
  assert.deepEqual([at(plain, 'state'), at(plain, 'reason', 'type')], ['invalid', 'severalEvents']);
  const indexed = await become(JSON.stringify(list), 'first');
  assert.deepEqual([at(indexed, 'state'), at(indexed, 'reason', 'type')], ['invalid', 'severalEvents']);
  assert.match(textAt(indexed, 'reason', 'detail'), /list at ""/);
  assert.equal(await scoreOf('lost'), undefined);
  assert.equal(at(await become(JSON.stringify(list.slice(0, 1)), 'first'), 'state'), 'scored');
  await call('PATCH', '/v1/webhook-sources/plain', {
    body: { mapping: namingMapping('lms', { events: '' }), reason: 'a test' },
  });
  const replayed = await call('POST', `/v1/webhook-events/${textAt(plain, 'id')}/replay`, {
    body: { reason: 'a test' },
  });
  assert.equal(at(replayed.body, 'state'), 'split');
  const parts = await partsOf(textAt(plain, 'id'), 2);
  assert.deepEqual(
    parts.map((part) => at(part, 'state')),
    ['scored', 'scored'],
  );
});

test('takes one object in the place of the list, ignores other types as a whole, and an empty list', async () => {
  const one = await become(JSON.stringify({ ...results(), results: { student: 'single', grade: 6 } }), 'around');
  assert.equal(at(one, 'state'), 'scored', JSON.stringify(one));
  const other = await become(JSON.stringify({ ...results({}, {}), type: 'submitted' }), 'around');
  assert.equal(at(other, 'state'), 'ignored');
  const none = await become(JSON.stringify({ ...results(), results: undefined }), 'around');
  assert.deepEqual([at(none, 'state'), at(none, 'reason', 'fact')], ['invalid', 'events']);
  assert.deepEqual(await takeApart('around', results(), 0), []);
});

test('takes a thousand events in one body and no more, counted within the limit of a minute', async () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ student: `many-${index}`, grade: index % 10 }));
  const limits = { maxBodyBytes: 1_000_000, eventsPerMinute: 1_500 };
  await createSource(api, { name: 'many', mapping: around, limits });
  const tooMany = await post('many', results(...many, { student: 'more', grade: 1 }));
  assert.deepEqual([tooMany.status, problemOf(tooMany.body)], [413, 'body-too-large']);
  const wide = { ...results(...many.slice(0, 900)), about: 'x'.repeat(20_000) };
  assert.equal((await post('many', wide)).status, 413);
  const taken = await post('many', results(...many));
  assert.equal(at(taken.body, 'events'), 1_000);
  assert.equal((await post('many', results(...many.slice(0, 600)))).status, 202);
  assert.equal((await post('many', results({ student: 'late', grade: 1 }))).status, 429);
  await eventually('all are scored', async () => {
    const sql = `select 1 from webhook_events where part_of = ? and state = 'scored'`;
    return (await queryRows(api.db, sql, [textAt(taken.body, 'id')])).length === 1_000;
  });
});

test('refuses a mapping whose pointers do not go through the list', async () => {
  const body = { name: 'astray', verification: { scheme: 'standardWebhooks' }, secret: 'whsec_'.padEnd(40, 'a') };
  const mapping = namingMapping('lms', { events: '/results' });
  const answer = await call('POST', '/v1/webhook-sources', { body: { ...body, mapping, reason: 'a test' } });
  assert.equal(answer.status, 422, answer.text);
  assert.equal(at(answer.body, 'pointer'), '/mapping/events');
  assert.match(textAt(answer.body, 'detail'), /\/results\//);
});

test('shows by a dry run what each of several events would become', async () => {
  const entries = [{ student: 'dry', grade: 1 }, { student: 'dry', grade: 'B' }, 7];
  const answer = await call('POST', '/v1/webhook-sources/around/dry-run', { body: { sample: results(...entries) } });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([at(answer.body, 'state'), at(answer.body, 'eventCount')], ['split', 3]);
  const events = at(answer.body, 'events');
  assert.ok(Array.isArray(events));
  assert.deepEqual(
    events.map((event) => [at(event, 'state'), at(event, 'outcome'), at(event, 'reason', 'fact') ?? null]),
    [
      ['scored', 'accepted', null],
      ['invalid', null, 'score'],
      ['invalid', null, 'events'],
    ],
  );
  assert.equal(at(events[0], 'item', 'userId'), 'dry');
  assert.equal(await scoreOf('dry'), undefined);
});

test('lets the later of two entries of one student win where nothing tells their times', async () => {
  await createSource(api, { name: 'untimed', mapping: { ...around, time: undefined } });
  const entries = [3, 8, 5].map((grade) => ({ student: 'twice', grade }));
  const parts = await takeApart('untimed', results(...entries), 3);
  assert.deepEqual(
    parts.map((part) => at(part, 'state')),
    ['scored', 'scored', 'scored'],
  );
  assert.equal(at(await scoreOf('twice'), 'scoreGiven'), 5);
});
