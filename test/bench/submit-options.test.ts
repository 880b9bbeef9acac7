import assert from 'node:assert/strict';
import test from 'node:test';
import { parseSubmitOptions } from '../../bench/submit-options.js';

test('measures ten thousand scores of fifty courses unless told otherwise', () => {
  assert.deepEqual(parseSubmitOptions([]), {
    ...{
      scores: 10_000,
      courses: [50],
      inFlight: 64,
      delaysMs: [20],
      runs: 1,
      countsActions: false,
      profile: undefined,
    },
  });
});

test('takes every flag', () => {
  const flags = [
    '--scores',
    '9',
    '--courses=3,4',
    '--in-flight',
    '2',
    '--delay',
    '0,20',
    '--runs',
    '4',
    '--actions',
    '--profile',
    'p',
  ];
  assert.deepEqual(parseSubmitOptions(flags), {
    ...{ scores: 9, courses: [3, 4], inFlight: 2, delaysMs: [0, 20], runs: 4, countsActions: true, profile: 'p' },
  });
});

for (const { flags, names } of [
  { flags: ['--scores', '0'], names: /--scores/ },
  { flags: ['--scores', ''], names: /--scores/ },
  { flags: ['--delay', '-1'], names: /--delay/ },
  { flags: ['--delay=-1'], names: /--delay/ },
  { flags: ['--runs', '1.5'], names: /--runs/ },
  { flags: ['--in-flight', 'many'], names: /--in-flight/ },
  { flags: ['--scores', '3', '--courses', '4'], names: /--courses/ },
  { flags: ['--courses', '2,'], names: /--courses/ },
  { flags: ['--fast'], names: /--fast/ },
]) {
  test(`refuses ${flags.join(' ')} and names the flag`, () => {
    assert.throws(() => parseSubmitOptions(flags), names);
  });
}
