import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/activity';
import { createPlatformReading } from '../../../activities/read/platform-reading.js';
import { toLaneTimes, WAITS } from '../../../activities/times.js';
import { createGateLimits } from '../../../db/platforms/gate-limits.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertPlatform } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
const times = { ...toLaneTimes({ laneMs: 30_000, callTimeoutMs: 10_000 }), ...WAITS };

test('one course’s answer that cannot be read does not keep a platform closed that is being probed', async () => {
  const { gate } = await insertPlatform(db);
  const limits = createGateLimits(db);
  await limits.openBreaker(gate, 'PlatformUnavailable');
  await db.raw('update gates set blocked_until = clock_timestamp() where id = ?', [gate]);
  const { signal } = new AbortController();
  const reading = createPlatformReading({ limits, clock, times }, { gate, context: gate, signal });
  await reading.call(() => Promise.resolve());
  await reading.noteFailure({ type: 'UnreadableAnswer' });
  assert.deepEqual(await db('gates').where({ id: gate, breaker: 'halfOpen' }).pluck('breaker_times'), [1]);
  let isCalled = false;
  await reading.call(async () => void (isCalled = true));
  assert.ok(isCalled, 'the next call is a probe at once');
});

test('puts off what a resting platform does not allow as something expected, which no log warns of', async () => {
  const { gate } = await insertPlatform(db);
  const limits = createGateLimits(db);
  await limits.openBreaker(gate, 'PlatformUnavailable', 40_000);
  const { signal } = new AbortController();
  const reading = createPlatformReading({ limits, clock, times }, { gate, context: gate, signal });
  const failure = await reading.call(async () => assert.fail('a call was made')).catch((error: unknown) => error);
  assert.ok(failure instanceof ApplicationFailure);
  assert.deepEqual([failure.type, failure.category], ['PlatformUnavailable', 'BENIGN']);
});
