import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countPestering, delaysOf, isTooMuch, quantile, type Call } from './fault-findings.js';
import type { Died, Suffered } from './fault-inflictor.js';

const BEGAN = 1_000_000;
const outage: Suffered = {
  ...{ kind: 'error', platformId: 'lms', atMs: 0, forMs: 50_000 },
  ...{ fromMs: BEGAN, toMs: BEGAN + 50_000 },
};
const throttled: Suffered = { ...outage, kind: 'throttled', forMs: 10_000, toMs: BEGAN + 10_000 };
const course: Died = {
  ...{ kind: 'course', platformId: 'lms', course: 0, atMs: 0 },
  ...{ contextId: 'course', lineItemId: null, sinceMs: BEGAN },
};

function callsAt(...seconds: number[]): Call[] {
  return seconds.map((second) => ({
    ...{ at: BEGAN + second * 1_000, route: 'submitScore', status: 429 },
    ...{ platformId: 'lms', contextId: 'course', lineItemId: 'column' },
  }));
}

const opening = callsAt(-1, 0, 0.1, 0.2, 0.3, 0.4, 0.5);

/** Whether that is too much for an LMS that behaves so, or for a target that is dead. */
function isPestered(target: Suffered | Died, calls: readonly Call[]): boolean {
  const inflicted = 'fromMs' in target ? { suffered: [target], died: [] } : { suffered: [], died: [target] };
  return countPestering(calls, inflicted, 2_000).some(isTooMuch);
}

test('allows an LMS in an outage five failures, what was under way, and the probes of its breaker', () => {
  assert.equal(isPestered(outage, opening), false);
  assert.equal(isPestered(outage, [...opening, ...callsAt(15.5, 45.5)]), false);
  assert.equal(isPestered(outage, [...opening, ...callsAt(15.5, 30.5, 45.5)]), true);
  assert.equal(isPestered({ ...outage, toMs: BEGAN + 10_000 }, [...opening, ...callsAt(9)]), true);
  assert.equal(isPestered(outage, [...opening, ...callsAt(60, 61, 62)]), false);
  assert.equal(isPestered(outage, callsAt(...Array.from({ length: 21 }, () => 0.1))), true);
});

test('gives a silent LMS the time after which its calls are given up', () => {
  assert.equal(isPestered(outage, [...opening, ...callsAt(2, 2.5, 3)]), true);
  assert.equal(isPestered({ ...outage, kind: 'silent' }, [...opening, ...callsAt(2, 2.5, 3)]), false);
});

test('allows no call between the first refusal and the end of the rest that it asked for', () => {
  assert.equal(isPestered(throttled, opening), false);
  assert.equal(isPestered(throttled, [...opening, ...callsAt(5)]), true);
  assert.equal(isPestered(throttled, [...opening, ...callsAt(10.5)]), false);
});

test('allows the dead a handful, and calls to others of the same LMS', () => {
  assert.equal(isPestered(course, opening), false);
  assert.equal(isPestered(course, [...opening, ...callsAt(5, 6, 7, 8, 9)]), true);
  assert.equal(isPestered({ ...course, kind: 'column', lineItemId: 'other' }, callsAt(5, 6, 7, 8, 9)), false);
});

test('measures from the answer to the first call that brought the version, or a newer one', () => {
  const applied = [
    { version: 1, at: 200 },
    { version: 3, at: 900 },
  ];
  const delayOf = (version: number): number[] => delaysOf([{ version, acceptedAt: 300, applied }]);
  assert.deepEqual([1, 2, 3, 4].map(delayOf), [[0], [600], [600], []]);
  assert.equal(quantile([5, 1, 3, 2, 4], 0.5), 3);
  assert.equal(quantile([], 0.5), null);
});
