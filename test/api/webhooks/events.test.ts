import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { at, problemOf, textAt } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { createWebhookRig } from '../../helpers/webhook-rig.js';
import { createSource, graded, namingMapping, send, type GradedEvent } from '../../helpers/webhooks.js';

const { api, platform, become, scoreOf } = await createWebhookRig();

test('makes a score of a graded event, at interactive priority, and wakes its course as a webhook', async () => {
  const event = await become(graded({ student: 'ada', grade: 7.5, feedback: 'good' }));
  assert.equal(at(event, 'state'), 'scored');
  const score = await scoreOf('ada');
  assert.equal(at(score, 'id'), at(event, 'score', 'id'));
  assert.equal(at(score, 'scoreGiven'), 7.5);
  assert.equal(at(score, 'comment'), 'good');
  assert.equal(at(score, 'changedAt'), '2026-11-20T10:00:00.000Z');
  assert.equal(at(score, 'priority'), 1);
  assert.equal(at(score, 'lineItem', 'resourceId'), 'essay');
  await eventually('the course is woken', () => api.sends.length > 0);
  assert.deepEqual(api.sends, [{ gate: platform.gate, trigger: 'webhook' }]);
  assert.deepEqual(at(event, 'facts'), {
    ...{ type: 'graded', reference: null, platformId: 'lms', deploymentId: null, contextId: 'bio', userId: 'ada' },
    changedAt: '2026-11-20T10:00:00.000Z',
  });
});

test('lets the time of the grade decide, whatever the order of the events', async () => {
  const outcomes = [];
  for (const [grade, at_] of [
    [5, '2026-11-20T11:00:00Z'],
    [3, '2026-11-20T10:00:00Z'],
    [5, '2026-11-20T11:30:00Z'],
    [9, '2026-11-20T12:00:00+00:00'],
    [1, '2026-11-20T10:30:00Z'],
  ] as const) {
    outcomes.push(at(await become(graded({ student: 'order', grade, at: at_ })), 'score', 'outcome'));
  }
  assert.deepEqual(outcomes, ['accepted', 'superseded', 'unchanged', 'accepted', 'superseded']);
  assert.equal(at(await scoreOf('order'), 'scoreGiven'), 9);
});

test('ignores events of other types, whatever else is in them', async () => {
  const event = await become({ type: 'submitted', student: 'nobody' });
  assert.equal(at(event, 'state'), 'ignored');
  assert.equal(at(event, 'reason', 'type'), 'typeNotWanted');
  assert.equal(at(event, 'facts', 'type'), 'submitted');
});

const bad: [string, GradedEvent | string, { reason: string; fact?: string; pointer?: string; detail?: RegExp }][] = [
  ['what is no JSON', '{"type":"graded"', { reason: 'notJson' }],
  ['an empty body', '', { reason: 'notJson' }],
  [
    'a pointer that finds nothing',
    graded({ grade: undefined }),
    { reason: 'nothingThere', fact: 'score', pointer: '/grade' },
  ],
  ['a null', graded({ grade: null }), { reason: 'nothingThere', fact: 'score', pointer: '/grade' }],
  ['a missing type', graded({ type: undefined }), { reason: 'nothingThere', fact: 'type', pointer: '/type' }],
  [
    'a missing student',
    graded({ student: undefined }),
    { reason: 'nothingThere', fact: 'student', pointer: '/student' },
  ],
  [
    'a score that is a text',
    graded({ grade: '8' }),
    { reason: 'unusableValue', fact: 'score', pointer: '/grade', detail: /must be a number, and not a text/ },
  ],
  [
    'a score that is a percentage',
    graded({ grade: '85 %' }),
    { reason: 'unusableValue', fact: 'score', pointer: '/grade', detail: /map percentage/ },
  ],
  ['a score that is a letter', graded({ grade: 'B+' }), { reason: 'unusableValue', fact: 'score', pointer: '/grade' }],
  ['a score that is an object', graded({ grade: { points: 8 } }), { reason: 'unusableValue', fact: 'score' }],
  ['a negative score', graded({ grade: -1 }), { reason: 'unusableValue', fact: 'score', pointer: '/grade' }],
  ['a maximum of nought', graded({ max: 0 }), { reason: 'unusableValue', fact: 'maximum', pointer: '/max' }],
  ['a student who is a list', graded({ student: ['ada'] }), { reason: 'unusableValue', fact: 'student' }],
  ['a student with a NUL', graded({ student: 'a\0b' }), { reason: 'unusableValue', fact: 'student' }],
  [
    'a time without a zone',
    graded({ at: '2026-11-20T10:00:00' }),
    { reason: 'unusableValue', fact: 'time', pointer: '/at' },
  ],
  ['a time in the far future', graded({ at: '2999-11-20T10:00:00Z' }), { reason: 'unusableValue', fact: 'time' }],
  [
    'a comment that is too long',
    graded({ feedback: 'x'.repeat(10_001) }),
    { reason: 'unusableValue', fact: 'comment' },
  ],
];
for (const [what, event, wanted] of bad) {
  test(`keeps ${what} as invalid, and says where`, async () => {
    const shown = await become(event);
    assert.equal(at(shown, 'state'), 'invalid', JSON.stringify(shown));
    assert.equal(at(shown, 'reason', 'type'), wanted.reason);
    if (wanted.fact !== undefined) assert.equal(at(shown, 'reason', 'fact'), wanted.fact);
    if (wanted.pointer !== undefined) assert.equal(at(shown, 'reason', 'pointer'), wanted.pointer);
    if (wanted.detail) assert.match(textAt(shown, 'reason', 'detail'), wanted.detail);
    assert.equal(at(shown, 'score'), null);
    assert.equal(at(shown, 'replayable'), true);
  });
}

test('refuses a body that is not UTF-8 rather than storing a student of another name', async () => {
  const body = Buffer.from(JSON.stringify(graded({ student: 'Zoë' })), 'latin1');
  const timestamp = String(Math.floor(Date.now() / 1_000));
  // The package signs texts only.
  const content = Buffer.concat([Buffer.from(`latin.${timestamp}.`), body]);
  const signature = createHmac('sha256', Buffer.alloc(32, 5)).update(content).digest('base64');
  const headers = { 'webhook-id': 'latin', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
  const answer = await send(api.app, 'grader', { body, headers });
  assert.deepEqual([answer.status, problemOf(answer.body)], [415, 'unsupported-media-type']);
  assert.match(textAt(answer.body, 'detail'), /UTF-8/);
});

test('takes a body that begins with a byte order mark, its id and all', async () => {
  await createSource(api, { name: 'marked', mapping: namingMapping('lms', { eventId: '/id' }) });
  const event = await become(`\uFEFF${JSON.stringify(graded({ student: 'mark', id: 'marked-1' }))}`, 'marked');
  assert.deepEqual([at(event, 'state'), at(event, 'eventId')], ['scored', 'marked-1']);
});

test('takes percentages, numbers as ids and times in seconds where the mapping says so', async () => {
  const mapping = {
    ...namingMapping('lms'),
    ...{ score: undefined, percentage: '/grade', maximum: { value: 20 }, timeFormat: 'unixSeconds' },
  };
  await createSource(api, { name: 'percent', mapping });
  const at_ = Math.floor(Date.parse('2026-11-20T10:00:00Z') / 1_000);
  for (const [grade, scoreGiven] of [
    ['85 %', 17],
    [42.5, 8.5],
    [0, 0],
  ] as const) {
    const student = Math.floor(Math.random() * 1e9);
    const shown = await become({ ...graded({ grade, student, at: at_ }) }, 'percent');
    assert.equal(at(shown, 'state'), 'scored', JSON.stringify(shown));
    const score = await scoreOf(String(student));
    assert.equal(at(score, 'scoreGiven'), scoreGiven);
    assert.equal(at(score, 'changedAt'), '2026-11-20T10:00:00.000Z');
  }
  const plain = await become(graded({ grade: '85', at: at_ }), 'percent');
  assert.equal(at(plain, 'reason', 'fact'), 'percentage');
});
