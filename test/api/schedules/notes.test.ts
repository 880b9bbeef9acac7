import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteOf, tellSchedules, withoutWords } from '../../../api/schedules/notes.js';
import type { ScheduleRecord } from '../../../api/temporal/schedule-client.js';

const KEY = '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10';
const AT = '2026-11-27T02:00:00.000Z';
const NOTE = '1f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a11';
const OTHER = '2f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a12';

const words = new Map([
  [NOTE, 'LMS upgrade: one night | or two'],
  [OTHER, 'all the same'],
]);
const schedule = (note: string | null, paused = true): ScheduleRecord => ({
  ...{ name: 'nightly-sync', workflowType: 'nightlySync', cron: '30 3 * * *', everySeconds: null, timeZone: 'UTC' },
  ...{ jitterSeconds: 0, catchupSeconds: 60, paused, note, nextRuns: [], running: [], recent: [] },
  ...{ skipped: 0, createdAt: new Date(AT), changedAt: new Date(AT), url: null },
});
const tell = async (note: string | null, paused = true) => {
  const [told] = await tellSchedules({ read: async () => words }, [schedule(note, paused)]);
  assert.ok(told);
  return told;
};

test('tells who paused a schedule, and why, in words that Temporal was not given', async () => {
  const note = noteOf('paused', { apiKeyId: KEY, at: AT, id: NOTE });
  assert.doesNotMatch(note, /upgrade/);
  const expected = { reason: 'LMS upgrade: one night | or two', apiKeyId: KEY, since: AT, until: null };
  assert.deepEqual((await tell(note)).paused, expected);
  const later = noteOf('triggered', { apiKeyId: KEY, at: AT, id: OTHER });
  const both = await tell(`${note} | ${later}`);
  assert.deepEqual(both.paused, expected);
  const told = `by API key ${KEY} at ${AT}`;
  assert.equal(both.note, `paused ${told}: LMS upgrade: one night | or two | triggered ${told}: all the same`);
  assert.equal((await tell(note, false)).paused, null);
});

test('says what it knows of a pause that was made elsewhere, or whose words are gone', async () => {
  const unknown = { apiKeyId: null, since: null, until: null };
  assert.deepEqual((await tell('via UI')).paused, { reason: 'via UI', ...unknown });
  const odd = noteOf('paused', { apiKeyId: KEY, at: '2026-99-27T02:00:00.000Z', id: NOTE });
  assert.deepEqual((await tell(odd)).paused, { reason: odd, ...unknown });
  assert.deepEqual((await tell(null)).paused, { reason: 'Nobody said why.', ...unknown });
  const forgotten = noteOf('paused', { apiKeyId: KEY, at: AT, id: KEY });
  assert.equal((await tell(forgotten)).paused?.reason, 'The reason is no longer kept.');
});

test('keeps the words of operators from keys that are limited, made in Temporal or here', async () => {
  for (const note of ['paused for tenant B', noteOf('paused', { apiKeyId: KEY, at: AT, id: NOTE })]) {
    const told = withoutWords(await tell(note));
    assert.equal(told.note, null);
    assert.equal(told.paused?.reason, 'An operator of all platforms paused it.');
  }
});
