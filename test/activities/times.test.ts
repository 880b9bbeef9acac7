import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFailure } from '../../activities/guards/judge-failure.js';
import { toLaneTimes, WAITS } from '../../activities/times.js';

test('reads an unclear outcome back after five seconds, and asks a score source again after one and after five', () => {
  const { outcome, restMs } = judgeFailure({ type: 'OutcomeUnknown' }, { tries: 0, failsAlone: false }, 0);
  assert.deepEqual([outcome, restMs], ['unknown', 5_000]);
  assert.deepEqual(WAITS, { settleMs: 5_000, askAgainMs: [1_000, 5_000], noticeRestMs: 5_000 });
});

test('a lease is as long as leaves time for the last call of a lane to end', () => {
  const leaseOf = (laneMs: number): number => toLaneTimes({ laneMs, callTimeoutMs: 15_000 }).leaseMs;
  assert.deepEqual([leaseOf(30_000), leaseOf(17_500)], [3_000, 1_500]);
});
