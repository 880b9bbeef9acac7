import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resultsByUser, resultShowsScore, type ScoreValue } from '../../domain/score.js';

const sentOf = (scoreGiven: number | null, scoreMaximum: number, change: Partial<ScoreValue> = {}): ScoreValue => ({
  scoreGiven,
  scoreMaximum,
  activityProgress: 'Completed',
  gradingProgress: 'FullyGraded',
  ...change,
});

const round = (figure: number, decimals: number): number => Number(figure.toFixed(decimals));

/** A score within its maximum, and the column's own maximum. */
const anyGrade = fc
  .record({
    maximum: fc.integer({ min: 1, max: 1_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    resultMaximum: fc.integer({ min: 10, max: 1_000 }),
  })
  .map(({ maximum, share, resultMaximum }) => ({ given: maximum * share, maximum, resultMaximum }));

test('a result that was rescaled to the maximum of the column shows the score', () => {
  fc.assert(
    fc.property(anyGrade, fc.constantFrom(1, 5, 100), ({ given, maximum }, resultMaximum) => {
      const resultScore = (given / maximum) * resultMaximum;
      assert.equal(resultShowsScore({ resultScore, resultMaximum }, sentOf(given, maximum)), true);
    }),
  );
});

test('a result that was rounded to two decimals shows the score', () => {
  fc.assert(
    fc.property(anyGrade, ({ given, maximum, resultMaximum }) => {
      const resultScore = round((given / maximum) * resultMaximum, 2);
      assert.equal(resultShowsScore({ resultScore, resultMaximum }, sentOf(given, maximum)), true);
    }),
    { numRuns: 1_000 },
  );
});

/** What a caller may send exactly between two hundredths, and what platforms make of it. */
const HALVES = [1.005, 2.675, 8.345, 4.015, 9.995, 0.125, 7.285];
for (const given of HALVES) {
  for (const resultScore of [Math.floor(given * 100) / 100, Math.ceil(given * 100) / 100]) {
    test(`a result of ${resultScore} shows ${given}, rounded up or down`, () => {
      assert.equal(resultShowsScore({ resultScore, resultMaximum: 10 }, sentOf(given, 10)), true);
    });
  }
}

test('a grade that lies further off than half a hundredth is never taken for the one sent', () => {
  fc.assert(
    fc.property(anyGrade, fc.double({ min: 0.0051, max: 50, noNaN: true }), fc.boolean(), (grade, off, isAbove) => {
      const { given, maximum, resultMaximum } = grade;
      const wanted = (given / maximum) * resultMaximum;
      const resultScore = isAbove ? wanted + off : wanted - off;
      assert.equal(resultShowsScore({ resultScore, resultMaximum }, sentOf(given, maximum)), false);
    }),
  );
});

test('on a scale of one a neighbouring hundredth is another grade', () => {
  assert.equal(resultShowsScore({ resultScore: 0.76, resultMaximum: 1 }, sentOf(75, 100)), false);
  assert.equal(resultShowsScore({ resultScore: 0.751, resultMaximum: 1 }, sentOf(75, 100)), false);
  assert.equal(resultShowsScore({ resultScore: 0.75, resultMaximum: 1 }, sentOf(75, 100)), true);
});

test('a maximum that is left out is one', () => {
  assert.equal(resultShowsScore({ resultScore: 0.75 }, sentOf(7.5, 10)), true);
  assert.equal(resultShowsScore({ resultScore: 7.5 }, sentOf(7.5, 10)), false);
});

test('a score above the maximum is shown by itself or by the maximum, and by nothing between', () => {
  const extra = sentOf(12, 10);
  assert.equal(resultShowsScore({ resultScore: 12, resultMaximum: 10 }, extra), true);
  assert.equal(resultShowsScore({ resultScore: 10, resultMaximum: 10 }, extra), true);
  assert.equal(resultShowsScore({ resultScore: 11, resultMaximum: 10 }, extra), false);
  assert.equal(resultShowsScore({ resultScore: 10, resultMaximum: 10 }, sentOf(9, 10)), false);
});

test('zero is shown by a zero, and not by a missing result', () => {
  assert.equal(resultShowsScore({ resultScore: 0, resultMaximum: 10 }, sentOf(0, 10)), true);
  assert.equal(resultShowsScore({ resultScore: null, resultMaximum: 10 }, sentOf(0, 10)), false);
  assert.equal(resultShowsScore(undefined, sentOf(0, 10)), false);
});

for (const [what, sent] of [
  ['a cleared grade', sentOf(null, 10)],
  ['a value that is not graded yet', sentOf(5, 10, { gradingProgress: 'Pending' })],
] as const) {
  test(`${what} is shown by the absence of a result`, () => {
    assert.equal(resultShowsScore(undefined, sent), true);
    assert.equal(resultShowsScore({ resultMaximum: 10 }, sent), true);
    assert.equal(resultShowsScore({ resultScore: 5, resultMaximum: 10 }, sent), false);
    assert.equal(resultShowsScore({ resultScore: 0, resultMaximum: 10 }, sent), false);
  });
}

test('of several results of one person the first that is listed counts', () => {
  const [newest, other, older] = [
    { userId: 'ada', resultScore: 7 },
    { userId: 'bob', resultScore: 5 },
    { userId: 'ada', resultScore: 3 },
  ];
  assert.deepEqual(
    resultsByUser([newest, other, older]),
    new Map([newest, other].map((result) => [result.userId, result])),
  );
});
