import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDecimalMarks } from '../../../api/backfills/decimal-marks.js';

test('numbers are read with a point or a comma, and with an exponent', () => {
  const marks = createDecimalMarks();
  for (const [cell, number] of [
    ['7', 7],
    ['-7.', -7],
    ['.5', 0.5],
    ['+1.25e2', 125],
    ['0,5', 0.5],
    ['7e', '7e'],
    ['.', '.'],
  ] as const) {
    assert.equal(marks.toNumber(cell, 'scoreGiven'), number);
  }
});

test('a cell as long as a line may be keeps nobody waiting', () => {
  const marks = createDecimalMarks();
  const began = performance.now();
  for (const cell of [`${'1'.repeat(900_000)}x`, `${'1'.repeat(900_000)}.x`, `${'.'.repeat(900_000)}x`]) {
    marks.see(cell);
    assert.equal(marks.toNumber(cell, 'scoreGiven'), cell);
  }
  assert.ok(performance.now() - began < 5_000);
});
