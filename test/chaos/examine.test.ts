import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examine, longestRecovery, type CellHistory } from './examine.js';
import { findRepeats } from './restore-report.js';

const sound: CellHistory = { name: 'a cell', wanted: 3, applied: [1, 3], shown: 3 };

/** How many cells are lost, sent twice and out of order. */
function count(...cells: Partial<CellHistory>[]): [number, number, number] {
  const { lost, sentTwice, outOfOrder } = examine(cells.map((cell) => ({ ...sound, ...cell })));
  return [lost.length, sentTwice.length, outOfOrder.length];
}

test('finds nothing in cells whose versions came in order, some of them overtaken before they were sent', () => {
  assert.deepEqual(count({}, { applied: [3] }, { applied: [1, 2, 3] }), [0, 0, 0]);
});

test('calls a cell lost that shows an older value, a value of nobody, or none', () => {
  assert.deepEqual(count({ shown: 1 }, { shown: null }, { shown: 4 }, {}), [3, 0, 0]);
});

test('calls a value sent twice only when no other came between', () => {
  assert.deepEqual(count({ applied: [1, 1, 3] }, { applied: [1, 3, 3] }, { applied: [1, 3] }), [0, 2, 0]);
});

test('calls a cell out of order in which an older value followed a newer one', () => {
  assert.deepEqual(count({ applied: [2, 1, 3] }, { applied: [3, 1, 3] }, { applied: [1, 2, 3] }), [0, 0, 2]);
});

test('tells what was accepted, applied and shown', () => {
  assert.deepEqual(examine([{ ...sound, shown: 1 }]).lost, ['a cell: accepted up to 3, applied 1, 3, shows 1']);
});

test('measures recovery from readiness to the next call that took effect', () => {
  const outages = [
    { struckAt: 100, readyAt: 200 },
    { struckAt: 1_000, readyAt: 1_100 },
  ];
  assert.equal(longestRecovery(outages, [150, 230, 1_050, 1_190]), 90);
});

test('leaves recoveries out that a further strike disturbed, and those of which nothing is known', () => {
  const disturbed = { struckAt: 100, readyAt: 200 };
  const last = { struckAt: 250, readyAt: 300 };
  assert.equal(longestRecovery([disturbed, last], [340]), 40);
  assert.equal(longestRecovery([disturbed, { struckAt: 250, readyAt: null }], [340]), null);
  assert.equal(longestRecovery([disturbed], []), null);
});

test('lets a restore repeat once what was sent since the backup began, and nothing else', () => {
  const judge = (...cells: [applied: number[], appliedAt: number[]][]) => {
    const truths = cells.map(([applied, appliedAt]) => ({ ...sound, cell: 0, applied, appliedAt }));
    const { mayRepeat, needlesslyRepeated } = findRepeats(truths, 100);
    return [mayRepeat, needlesslyRepeated.length];
  };
  assert.deepEqual(
    judge([
      [1, 3, 3],
      [90, 100, 300],
    ]),
    [1, 0],
  );
  assert.deepEqual(
    judge([
      [1, 3],
      [90, 99],
    ]),
    [0, 0],
  );
  assert.deepEqual(
    judge(
      [
        [3, 3],
        [99, 300],
      ],
      [
        [3, 3, 3],
        [100, 300, 301],
      ],
    ),
    [2, 2],
  );
});
