import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteOf, toPaused } from '../../../api/schedules/to-paused.js';

const KEY = '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10';
const AT = '2026-11-27T02:00:00.000Z';

test('reads who paused a schedule, and why, from the note that a pause left', () => {
  const note = noteOf('paused', { apiKeyId: KEY, at: AT, reason: 'LMS upgrade: one night' });
  const expected = { reason: 'LMS upgrade: one night', apiKeyId: KEY, since: new Date(AT), until: null };
  assert.deepEqual(toPaused({ paused: true, note }), expected);
  const later = noteOf('triggered', { apiKeyId: KEY, at: AT, reason: 'all the same' });
  assert.deepEqual(toPaused({ paused: true, note: `${note} | ${later}` }), expected);
  assert.equal(toPaused({ paused: false, note }), null);
});

test('says what it knows of a pause that was made elsewhere', () => {
  const unknown = { apiKeyId: null, since: null, until: null };
  assert.deepEqual(toPaused({ paused: true, note: 'via UI' }), { reason: 'via UI', ...unknown });
  const odd = noteOf('paused', { apiKeyId: KEY, at: '2026-99-27T02:00:00.000Z', reason: 'odd' });
  assert.deepEqual(toPaused({ paused: true, note: odd }), { reason: odd, ...unknown });
  assert.deepEqual(toPaused({ paused: true, note: null }), { reason: 'Nobody said why.', ...unknown });
});
