import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPointer, readPointer } from '../../domain/json-pointer.js';
import { readEvent } from '../../domain/read-event.js';
import { findSourceFaults, type EventMapping, type Verification } from '../../domain/webhook-source.js';

const receivedAt = new Date('2026-11-26T08:00:00Z');
const standard: Verification = { scheme: 'standardWebhooks' };
const mapping: EventMapping = {
  ...{ platform: { value: 'lms' }, context: '/course', student: '/student', column: { id: '/column' } },
  ...{ score: '/score', maximum: { value: 10 } },
};
const event = { course: 'bio', student: 'ada', column: 'https://lms.example/1', score: 7 };

test('reads pointers as RFC 6901 has them', () => {
  const document = { 'a/b': 1, 'm~n': 2, '': 3, list: ['x', { y: 4 }], ' ': 5 };
  const found = ['', '/a~1b', '/m~0n', '/', '/list/1/y', '/ '].map((pointer) => readPointer(document, pointer));
  assert.deepEqual(found, [document, 1, 2, 3, 4, 5]);
});

test('finds nothing where nothing is, and nothing that JavaScript adds', () => {
  const pointers = ['/none', '/list/2', '/list/01', '/list/-', '/list/length', '/constructor', '/__proto__', '/text/0'];
  for (const pointer of pointers) {
    assert.equal(readPointer({ list: ['x', 'y'], text: 'abc' }, pointer), undefined, pointer);
  }
  assert.deepEqual(['', '/a', '/~0~1'].map(isPointer), [true, true, true]);
  assert.deepEqual(['a', '$.a', '/~2', '/a~'].map(isPointer), [false, false, false, false]);
});

test('reads an event as the item that POST /v1/scores takes', () => {
  const reading = readEvent(event, mapping, receivedAt);
  assert.deepEqual(reading, {
    facts: { platformId: 'lms', contextId: 'bio', userId: 'ada' },
    item: {
      ...{ platformId: 'lms', contextId: 'bio', userId: 'ada', lineItem: { id: 'https://lms.example/1' } },
      ...{ scoreGiven: 7, scoreMaximum: 10, changedAt: '2026-11-26T08:00:00.000Z' },
    },
  });
});

test('names the pointer of what is wrong, and never the value', () => {
  const reading = readEvent({ ...event, score: 'secretly excellent' }, mapping, receivedAt);
  assert.ok('reason' in reading);
  assert.deepEqual(reading.reason, {
    ...{ name: 'unusableValue', fact: 'score', pointer: '/score' },
    detail: 'score (/score) must be a number, and not a text.',
  });
});

test('keeps no fact of an event that is of no wanted type but the type', () => {
  const typed = { ...mapping, type: { pointer: '/type', in: ['graded'] } };
  assert.deepEqual(readEvent({ ...event, type: 'seen' }, typed, receivedAt), {
    facts: { type: 'seen' },
    reason: { name: 'typeNotWanted' },
  });
});

const hmac: Verification = { scheme: 'hmacSha256', header: 'X-Signature', encoding: 'hex' };
const withoutContext = { ...mapping };
delete withoutContext.context;
const withoutMaximum = { ...mapping };
delete withoutMaximum.maximum;
const faulty: [string, { verification?: Verification; mapping?: EventMapping }, string][] = [
  ['a pointer that is none', { mapping: { ...mapping, comment: 'feedback' } }, '/mapping/comment'],
  ['a column pointer that is none', { mapping: { ...mapping, column: { id: 'x' } } }, '/mapping/column/id'],
  [
    'two names of one column',
    { mapping: { ...mapping, column: { id: '/a', resourceLinkId: '/b' } } },
    '/mapping/column',
  ],
  ['a column to be made without a label', { mapping: { ...mapping, column: { resourceId: '/b' } } }, '/mapping/column'],
  ['neither course nor reference', { mapping: withoutContext }, '/mapping/reference'],
  ['a column beside a reference', { mapping: { ...mapping, reference: '/ref' } }, '/mapping/column'],
  ['score and percentage', { mapping: { ...mapping, percentage: '/p' } }, '/mapping/score'],
  ['a score without a maximum', { mapping: withoutMaximum }, '/mapping/maximum'],
  ['signed content without the body', { verification: { ...hmac, signedContent: 'x' } }, '/verification/signedContent'],
  [
    'a timestamp that is not signed',
    { verification: { ...hmac, timestampHeader: 'X-Time' } },
    '/verification/signedContent',
  ],
  [
    'a signed timestamp from nowhere',
    { verification: { ...hmac, signedContent: '{timestamp}.{body}' } },
    '/verification/signedContent',
  ],
  [
    'an unsigned id with nothing that tells the age',
    { verification: hmac, mapping: { ...mapping, eventId: { header: 'X-Delivery' } } },
    '/mapping/time',
  ],
];
for (const [what, change, pointer] of faulty) {
  test(`refuses a source with ${what}`, () => {
    const found = findSourceFaults({ verification: standard, mapping, ...change });
    assert.deepEqual(
      found.map((fault) => fault.pointer),
      [pointer],
    );
  });
}

test('lets an unsigned id pass where the time of sending is signed, or that of the grade', () => {
  const byHeader: EventMapping = { ...mapping, eventId: { header: 'X-Delivery' } };
  const signed: Verification = { ...hmac, timestampHeader: 'X-Time', signedContent: '{timestamp}.{body}' };
  assert.deepEqual(findSourceFaults({ verification: signed, mapping: byHeader }), []);
  assert.deepEqual(findSourceFaults({ verification: hmac, mapping: { ...byHeader, time: '/at' } }), []);
  assert.deepEqual(findSourceFaults({ verification: standard, mapping }), []);
});
