import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareResult, type DriftKind, type SentCell } from '../../domain/drift.js';
import type { LmsFamily } from '../../domain/platform.js';
import type { ReadBackResult, ScoreValue } from '../../domain/score.js';

const sent = (value: Partial<ScoreValue> = {}, cell: Partial<SentCell> = {}): SentCell => ({
  submitted: {
    ...{ scoreGiven: 7.5, scoreMaximum: 10, activityProgress: 'Completed', gradingProgress: 'FullyGraded' },
    ...value,
  },
  ...{ isGone: false, columnMaximum: 10 },
  ...cell,
});
const shows = (resultScore: number | null, resultMaximum = 10): ReadBackResult => ({ resultScore, resultMaximum });

const cases: [string, ReadBackResult | undefined, SentCell, DriftKind | null, LmsFamily?][] = [
  ['the grade', shows(7.5), sent(), null],
  ['the grade on the scale of the column', shows(15, 20), sent({}, { columnMaximum: 20 }), null],
  ['the grade without a maximum, on the scale of the column', { resultScore: 7.5, resultMaximum: 1 }, sent(), null],
  ['no result', undefined, sent(), 'missing'],
  ['an empty result', shows(null), sent(), 'missing'],
  ['another grade', shows(3), sent(), 'changed'],
  ['a zero', shows(0), sent(), 'changed'],
  ['the maximum for a score above it', shows(10), sent({ scoreGiven: 12 }), 'capped'],
  ['a score above the maximum', shows(12), sent({ scoreGiven: 12 }), null],
  ['our figure under a new maximum', shows(7.5, 20), sent(), 'rescaled'],
  ['our figure on the former maximum of the column', shows(75, 50), sent({}, { columnMaximum: 100 }), 'rescaled'],
  ['no result of somebody who left', undefined, sent({}, { isGone: true }), 'userGone'],
  ['another grade of somebody who left', shows(2), sent({}, { isGone: true }), 'userGone'],
  ['the grade of somebody who left', shows(7.5), sent({}, { isGone: true }), null],
  ['nothing for a grade that was taken away', undefined, sent({ scoreGiven: null, clears: true }), null],
  ['a grade where one was taken away', shows(4), sent({ scoreGiven: null, clears: true }), 'changed'],
  ['nothing for a grade that is not final', undefined, sent({ gradingProgress: 'PendingManual' }), null],
  ['another grade for one that was not final', shows(2), sent({ gradingProgress: 'PendingManual' }), 'changed'],
  ['a grade where progress was told', shows(4), sent({ scoreGiven: null, gradingProgress: 'NotReady' }), null],
  ['nothing for a zero on Open edX', undefined, sent({ scoreGiven: 0 }), null, 'openedx'],
  ['nothing for a zero elsewhere', undefined, sent({ scoreGiven: 0 }), 'missing'],
];

for (const [what, result, cell, kind, family = 'canvas'] of cases) {
  test(`takes ${what} for ${kind ?? 'no drift'}`, () => assert.equal(compareResult(result, cell, family), kind));
}
