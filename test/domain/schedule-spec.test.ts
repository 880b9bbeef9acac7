import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keys } from '../../config/keys.js';
import { clockTime } from '../../config/parse.js';
import { findClockTrouble, isTimeZone, nextInstants, parseCron, toTimeZone } from '../../domain/schedule-spec.js';

const iso = (dates: readonly Date[]): string[] => dates.map((date) => date.toISOString());

describe('a nightly time across the changes of the clock', () => {
  const night = { cron: '30 4 * * *', timeZone: 'Europe/Brussels' };

  test('comes once a night in spring, an hour sooner for those who count in UTC', () => {
    assert.deepEqual(iso(nextInstants(night, new Date('2027-03-27T00:00:00Z'), 3)), [
      '2027-03-27T03:30:00.000Z',
      '2027-03-28T02:30:00.000Z',
      '2027-03-29T02:30:00.000Z',
    ]);
  });

  test('comes once a night in autumn', () => {
    assert.deepEqual(iso(nextInstants(night, new Date('2027-10-30T00:00:00Z'), 3)), [
      '2027-10-30T02:30:00.000Z',
      '2027-10-31T03:30:00.000Z',
      '2027-11-01T03:30:00.000Z',
    ]);
  });
});

describe('a time that the clock leaps over', () => {
  const spec = { cron: '30 2 * * *', timeZone: 'Europe/Brussels' };

  test('does not come on that day, and comes twice in autumn', () => {
    assert.deepEqual(iso(nextInstants(spec, new Date('2027-03-27T00:00:00Z'), 2)), [
      '2027-03-27T01:30:00.000Z',
      '2027-03-29T00:30:00.000Z',
    ]);
    assert.deepEqual(iso(nextInstants(spec, new Date('2027-10-30T12:00:00Z'), 2)), [
      '2027-10-31T00:30:00.000Z',
      '2027-10-31T01:30:00.000Z',
    ]);
  });

  test('is named with the days', () => {
    assert.deepEqual(findClockTrouble(spec, new Date('2026-11-24T00:00:00Z')), [
      { date: '2027-03-28', kind: 'skipped' },
      { date: '2027-10-31', kind: 'twice' },
    ]);
    assert.deepEqual(findClockTrouble({ ...spec, timeZone: 'America/New_York' }, new Date('2026-11-24T00:00:00Z')), [
      { date: '2027-03-14', kind: 'skipped' },
    ]);
  });
});

test('reads lists, ranges, steps and names', () => {
  const read = parseCron('0,30 8-18/5 */10 jan,JUL mon-fri');
  assert.ok(read.ok);
  assert.deepEqual(read.cron, {
    minutes: [0, 30],
    hours: [8, 13, 18],
    days: [1, 11, 21, 31],
    months: [1, 7],
    weekdays: [1, 2, 3, 4, 5],
  });
  assert.deepEqual(
    parseCron('0 3 * * 7').ok &&
      iso(nextInstants({ cron: '0 3 * * 7', timeZone: 'UTC' }, new Date('2026-11-24T00:00:00Z'), 1)),
    ['2026-11-29T03:00:00.000Z'],
  );
});

for (const [cron, problem] of [
  ['30 3 * *', /five fields/],
  ['@daily', /five fields/],
  ['60 3 * * *', /minute/],
  ['30 24 * * *', /hour/],
  ['30 3 0 * *', /day of the month/],
  ['30 3 * foo *', /month/],
  ['30 3 * * 5-1', /day of the week/],
  ['30 3 */0 * *', /day of the month/],
  ['30 3 31 2 *', /never comes/],
  ['', /five fields/],
] as const) {
  test(`refuses the cron line "${cron}" and says why`, () => {
    const read = parseCron(cron);
    assert.ok(!read.ok);
    assert.match(read.problem, problem);
  });
}

test('knows time zones by name', () => {
  for (const name of ['UTC', 'Europe/Brussels', 'America/Argentina/Buenos_Aires']) assert.ok(isTimeZone(name), name);
  for (const name of ['', 'Europe/Atlantis', '+02:00', 'CEST+1', 'PST', 'bst', 'SystemV/PST8'])
    assert.ok(!isTimeZone(name), name);
});

test('the declared times meet no change of the clock in any zone there is', () => {
  const { NIGHTLY_AT, ROSTER_AT, RECONCILE_AT } = keys;
  const crons = [NIGHTLY_AT, ROSTER_AT, RECONCILE_AT].map(({ default: at }) => {
    const { hour, minute } = clockTime(at ?? '');
    return `${minute} ${hour} * * *`;
  });
  for (const timeZone of Intl.supportedValuesOf('timeZone')) {
    for (const cron of crons) {
      assert.deepEqual(
        findClockTrouble({ cron, timeZone }, new Date('2026-11-24T00:00:00Z')),
        [],
        `${cron} ${timeZone}`,
      );
    }
  }
});

test('a time zone is spelled as Temporal knows it', () => {
  const spelled = ['utc', 'europe/brussels', 'AMERICA/NEW_YORK', 'gmt'].map(toTimeZone);
  assert.deepEqual(spelled, ['UTC', 'Europe/Brussels', 'America/New_York', 'UTC']);
});
