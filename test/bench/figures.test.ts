import assert from 'node:assert/strict';
import test from 'node:test';
import { describeFigures, isMet, joinRounds, median, withMissing } from '../../bench/figures.js';

test('joins the rounds of a figure under its name', () => {
  assert.deepEqual(joinRounds([{ a: 1, b: 2 }, { a: 3 }, { b: 4 }]), [
    { name: 'a', values: [1, 3] },
    { name: 'b', values: [2, 4] },
  ]);
});

test('takes the middle of an odd number of figures and the mean of the middle two of an even one', () => {
  assert.equal(median([9, 1, 4]), 4);
  assert.equal(median([9, 1, 4, 2]), 3);
});

test('holds the median against the aim, whichever way it points', () => {
  assert.equal(isMet({ name: 'ingest ÷ COPY', values: [0.1, 0.4, 0.9] }), true);
  assert.equal(isMet({ name: 'ingest ÷ COPY', values: [0.9, 0.39, 0.1] }), false);
  assert.equal(isMet({ name: 'webhooks, p99 ms', values: [50] }), true);
  assert.equal(isMet({ name: 'webhooks, p99 ms', values: [51] }), false);
  assert.equal(isMet({ name: 'something without an aim', values: [1] }), undefined);
});

test('takes what could not be measured for an aim that is missed', () => {
  assert.equal(isMet({ name: 'webhooks, p99 ms', values: [] }), false);
  assert.match(describeFigures([{ name: 'webhooks, p99 ms', values: [Number.NaN] }]), /\? .*\| no /);
});

test('shows an aim that was not measured, and takes it for missed', () => {
  const figures = withMissing([{ name: 'ingest ÷ COPY', values: [0.5] }]);
  assert.equal(figures.filter(({ name }) => name === 'ingest ÷ COPY').length, 1);
  const missing = figures.find(({ name }) => name === 'webhooks, p99 ms');
  assert.ok(missing && isMet(missing) === false);
  assert.match(describeFigures(figures), /webhooks, p99 ms .*\? .*\| no /);
});

test('shows aim, median, least and most of each figure in one table', () => {
  const table = describeFigures([
    { name: 'ingest ÷ COPY', values: [0.25, 0.75, 0.5] },
    { name: 'lines/s', values: [12_345.6] },
  ]);
  const cells = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(cells[0], ['', 'figure', 'aim', 'median', 'min', 'max', 'met', '']);
  assert.deepEqual(cells[2], ['', 'ingest ÷ COPY', '≥ 0.4', '0.50', '0.25', '0.75', 'yes', '']);
  assert.deepEqual(cells[3], ['', 'lines/s', '', '12346', '12346', '12346', '', '']);
  assert.equal(new Set(table.split('\n').map((line) => line.length)).size, 1);
});
