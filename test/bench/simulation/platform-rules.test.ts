import assert from 'node:assert/strict';
import test from 'node:test';
import { createPlatformRules, type PlatformRules } from '../../../bench/simulation/platform-rules.js';

const QUESTION = { inFlight: 0, want: 64, unspent: 0, starts: 1_000 };
const holdAt = (rules: PlatformRules, nowMs: number): ReturnType<PlatformRules['hold']> => rules.hold(nowMs, QUESTION);

test('lets as many calls be under way as the platform takes', () => {
  const rules = createPlatformRules({ inFlightMax: 4, ratePerSecond: null });
  const grant = { target: 4, starts: 1_000, isProbe: false, waitMs: 0, reason: null };
  assert.deepEqual(holdAt(rules, 0), grant);
  assert.deepEqual(rules.hold(0, { ...QUESTION, want: 3 }), { ...grant, target: 3 });
});

test('lets as many begin in a second as the rate says, and takes back what was not begun', () => {
  const rules = createPlatformRules({ inFlightMax: 100, ratePerSecond: 10 });
  assert.equal(holdAt(rules, 0).starts, 10);
  const none = holdAt(rules, 0);
  assert.deepEqual([none.starts, none.waitMs], [0, 100]);
  assert.equal(rules.hold(100, { ...QUESTION, unspent: 2 }).starts, 3);
  // What was not used for long is saved for one second and no longer.
  assert.equal(holdAt(rules, 60_000).starts, 10);
});

test('halves its calls when throttled, once in two seconds, and begins none until the time that was asked for', () => {
  const rules = createPlatformRules({ inFlightMax: 8, ratePerSecond: null });
  rules.noteThrottled(1_000, 500);
  assert.equal(rules.cap(), 4);
  rules.noteThrottled(1_500, 500);
  assert.equal(rules.cap(), 4);
  const { target, waitMs, reason } = holdAt(rules, 1_999);
  assert.deepEqual([target, waitMs, reason], [0, 1, 'PlatformRateLimited']);
  rules.noteThrottled(3_001, 500);
  assert.equal(rules.cap(), 2);
});

test('raises them again by a sixteenth of the most, every ten seconds', () => {
  const small = createPlatformRules({ inFlightMax: 4, ratePerSecond: null });
  const large = createPlatformRules({ inFlightMax: 64, ratePerSecond: null });
  for (const rules of [small, large]) rules.noteThrottled(0, 0);
  const targets = [10_000, 10_001, 20_001, 20_002].map((nowMs) =>
    [small, large].map((one) => holdAt(one, nowMs).target),
  );
  assert.deepEqual(targets, [
    [2, 32],
    [3, 36],
    [3, 36],
    [4, 40],
  ]);
});

test('when opened it rests, then lets one probe go, and another when nobody speaks of that one any more', () => {
  const rules = createPlatformRules({ inFlightMax: 8, ratePerSecond: null });
  rules.noteOpened(1_000, 'PlatformUnavailable');
  const denied = holdAt(rules, 1_000);
  assert.deepEqual([denied.waitMs, denied.reason], [15_000, 'PlatformUnavailable']);
  assert.deepEqual(holdAt(rules, 16_000), { target: 1, starts: 1, isProbe: true, waitMs: 0, reason: null });
  assert.equal(rules.blockedForMs(16_500), 29_500);
  assert.equal(holdAt(rules, 46_000).isProbe, true);
});

test('doubles the rest when a probe fails, up to ten minutes, and is closed by one that succeeds', () => {
  const rules = createPlatformRules({ inFlightMax: 5, ratePerSecond: null });
  let atMs = 0;
  for (const restMs of [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
    rules.noteOpened(atMs, 'PlatformUnavailable');
    assert.equal(rules.blockedForMs(atMs), restMs);
    atMs += restMs;
    assert.equal(holdAt(rules, atMs).isProbe, true);
  }
  rules.noteRecovered();
  assert.equal(holdAt(rules, atMs).target, 5);
});
