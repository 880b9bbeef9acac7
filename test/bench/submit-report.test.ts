import assert from 'node:assert/strict';
import test from 'node:test';
import {
  arrivedRight,
  cpuPerThousand,
  describeBare,
  describeConclusion,
  describePassback,
  ratiosOf,
  type Measured,
} from '../../bench/submit-report.js';
import { NO_ACTIONS } from '../../bench/temporal-actions.js';

const bare = (tookMs: number): Measured['bare'][0] => ({
  ...{ scores: 1_000, tookMs, cpu: { loop: 0.5, stub: 0.25 }, otherCores: 0.25 },
});
const passback = (tookMs: number, firstAfterMs = 0): Measured['passback'] => ({
  ...bare(tookMs),
  ...{ firstAfterMs, recordedAfterMs: tookMs + 30, mostInFlight: 64 },
  ...{ refused: 0, tooSoon: 0, walBytes: 2e6, actions: undefined },
  check: { once: 998, missing: 1, repeated: 1, foreign: 2 },
});

test('compares with the mean speed of the two bare runs', () => {
  // 1,000 and 500 a second make a ceiling of 750.
  const { whole, flowing } = ratiosOf({ bare: [bare(1_000), bare(2_000)], passback: passback(2_000, 500) });
  assert.ok(Math.abs(whole - 500 / 750) < 1e-9);
  assert.ok(Math.abs(flowing - 1_000 / 1.5 / 750) < 1e-9);
});

test('concludes with the median of several runs and shows each', () => {
  const runs = [2_000, 1_000, 4_000].map((tookMs): Measured => {
    return { bare: [bare(1_000), bare(1_000)], passback: passback(tookMs) };
  });
  assert.match(describeConclusion(runs), /bare loop: 0\.50 \(0\.50, 1\.00, 0\.25\)/);
});

test('shows speed, and CPU seconds per thousand scores by process', () => {
  const text = describeBare({ ...bare(500), scores: 2_000 });
  assert.match(text, /4000 scores\/s \(0\.50 s\)/);
  assert.match(text, /loop 0\.25, stub 0\.13/);
  assert.match(text, /others kept 0\.3 cores busy/);
});

test('says so where CPU time cannot be measured', () => {
  assert.match(describeBare({ ...bare(500), cpu: undefined, otherCores: undefined }), /CPU: not measured/);
});

test('shows whether each score arrived once', () => {
  assert.match(describePassback(passback(2_000)), /arrived once 998, missing 1, repeated 1, foreign 2/);
});

test('shows refusals and actions only where there were some', () => {
  assert.match(describePassback(passback(2_000)), /^ +2\.0 MB of WAL per 1,000$/m);
  const actions = { ...NO_ACTIONS, starts: 2, timers: 3 };
  const text = describePassback({ ...passback(2_000), refused: 4, tooSoon: 1, actions });
  assert.match(text, /4 refused as planned, 1 came again too soon/);
  assert.match(text, /5 Temporal actions: starts 2, .*timers 3/);
});

test('takes a run for right only when each score arrived once, and none too soon', () => {
  const right = { ...passback(1), check: { once: 1_000, missing: 0, repeated: 0, foreign: 0 } };
  assert.equal(arrivedRight(right), true);
  assert.equal(arrivedRight({ ...right, tooSoon: 1 }), false);
  assert.equal(arrivedRight({ ...right, check: { ...right.check, repeated: 1 } }), false);
  assert.equal(arrivedRight(passback(1)), false);
});

test('adds up the CPU seconds of some processes', () => {
  assert.equal(cpuPerThousand({ ...bare(500), scores: 500 }, ['loop', 'stub']), 1.5);
  assert.ok(Number.isNaN(cpuPerThousand({ ...bare(500), cpu: undefined }, ['loop'])));
});
