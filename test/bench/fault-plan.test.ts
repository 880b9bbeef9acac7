import assert from 'node:assert/strict';
import test from 'node:test';
import { faultOf, USUAL_FAULTS } from '../../bench/fault-plan.js';

const cells = Array.from({ length: 20_000 }, (_, place) => `column user-${place}`);
const faultsOf = (seed: string): (503 | 429 | undefined)[] =>
  cells.map((cell) => faultOf({ seed, ...USUAL_FAULTS }, cell));

test('picks the same scores for the same seed, and others for another', () => {
  assert.deepEqual(faultsOf('one'), faultsOf('one'));
  assert.notDeepEqual(faultsOf('one'), faultsOf('two'));
});

test('refuses about as many as it was told', () => {
  const faults = faultsOf('one');
  const partOf = (fault: number): number => faults.filter((each) => each === fault).length / cells.length;
  assert.ok(Math.abs(partOf(503) - 0.02) < 0.005, `${partOf(503)}`);
  assert.ok(Math.abs(partOf(429) - 0.01) < 0.005, `${partOf(429)}`);
});

test('refuses nothing without a share', () => {
  assert.ok(cells.every((cell) => faultOf({ seed: 'one', unavailable: 0, throttled: 0 }, cell) === undefined));
});
