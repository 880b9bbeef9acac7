import assert from 'node:assert/strict';
import test from 'node:test';
import { createPlatformRules, type PlatformRules } from '../../../bench/simulation/platform-rules.js';

const beginMany = (rules: PlatformRules, nowMs: number): number => {
  let begun = 0;
  while (rules.mayBegin(nowMs) === true) {
    rules.begin();
    begun += 1;
  }
  return begun;
};

test('lets as many calls be under way as the platform takes', () => {
  const rules = createPlatformRules({ inFlightMax: 4, ratePerSecond: null });
  assert.equal(beginMany(rules, 0), 4);
  rules.succeed();
  assert.equal(beginMany(rules, 10), 1);
});

test('lets as many begin in a second as the rate says, and says when the next may', () => {
  const rules = createPlatformRules({ inFlightMax: 100, ratePerSecond: 10 });
  assert.equal(beginMany(rules, 0), 10);
  assert.deepEqual(rules.mayBegin(0), { againAtMs: 100 });
  assert.equal(beginMany(rules, 100), 1);
  // What was not used for long is saved for one second and no longer.
  assert.equal(beginMany(rules, 60_000), 10);
});

test('halves its calls when throttled, once in two seconds, and begins none until the time that was asked for', () => {
  const rules = createPlatformRules({ inFlightMax: 8, ratePerSecond: null });
  beginMany(rules, 0);
  rules.throttle(1_000, 500);
  assert.equal(rules.cap(), 4);
  rules.throttle(1_500, 500);
  assert.equal(rules.cap(), 4);
  assert.deepEqual(rules.mayBegin(1_999), { againAtMs: 2_000 });
  rules.throttle(3_600, 500);
  assert.equal(rules.cap(), 2);
});

test('raises them again by one, ten seconds after the last change', () => {
  const rules = createPlatformRules({ inFlightMax: 4, ratePerSecond: null });
  beginMany(rules, 0);
  rules.throttle(0, 0);
  for (let call = 0; call < 3; call += 1) rules.succeed();
  assert.equal(beginMany(rules, 10_000), 2);
  assert.equal(beginMany(rules, 10_001), 1);
  assert.equal(rules.cap(), 3);
});

test('opens after five failures in a row, and sends one probe after the rest', () => {
  const rules = createPlatformRules({ inFlightMax: 8, ratePerSecond: null });
  beginMany(rules, 0);
  for (let call = 0; call < 4; call += 1) rules.fail(0);
  rules.succeed();
  assert.equal(beginMany(rules, 0), 5);
  for (let call = 0; call < 8; call += 1) rules.fail(1_000);
  assert.deepEqual(rules.mayBegin(1_000), { againAtMs: 16_000 });
  assert.equal(beginMany(rules, 16_000), 1);
});

test('doubles the rest when a probe fails, up to ten minutes, and is closed by one that succeeds', () => {
  const rules = createPlatformRules({ inFlightMax: 5, ratePerSecond: null });
  beginMany(rules, 0);
  for (let call = 0; call < 5; call += 1) rules.fail(0);
  let atMs = 15_000;
  for (const restMs of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
    assert.equal(beginMany(rules, atMs), 1);
    rules.fail(atMs);
    assert.deepEqual(rules.mayBegin(atMs), { againAtMs: atMs + restMs });
    atMs += restMs;
  }
  assert.equal(beginMany(rules, atMs), 1);
  rules.succeed();
  assert.equal(beginMany(rules, atMs), 5);
});
