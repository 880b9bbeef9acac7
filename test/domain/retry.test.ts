import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { restAfterMs, restOfPlatformMs } from '../../domain/retry.js';

const SIX_HOURS_MS = 6 * 3_600_000;
const anyTries = fc.integer({ min: 1, max: 10_000 });
const anySpread = fc.double({ min: 0, max: 1, noNaN: true });

test('a rest lies between fifteen seconds and six hours and a fifth', () => {
  fc.assert(
    fc.property(anyTries, anySpread, (tries, spread) => {
      const restMs = restAfterMs(tries, spread);
      assert.ok(Number.isInteger(restMs) && restMs >= 15_000 && restMs <= SIX_HOURS_MS * 1.2, String(restMs));
    }),
  );
});

test('a rest never gets shorter with more tries or more spread', () => {
  fc.assert(
    fc.property(anyTries, anyTries, anySpread, anySpread, (tries, more, spread, wider) => {
      const [least, most] = [Math.min(tries, more), Math.max(tries, more)];
      assert.ok(restAfterMs(least, spread) <= restAfterMs(most, spread));
      assert.ok(restAfterMs(tries, Math.min(spread, wider)) <= restAfterMs(tries, Math.max(spread, wider)));
    }),
  );
});

test('rests double from fifteen seconds until they reach six hours', () => {
  const rests = [1, 2, 3, 4].map((tries) => restAfterMs(tries, 0));
  assert.deepEqual(rests, [15_000, 30_000, 60_000, 120_000]);
  assert.equal(restAfterMs(11, 0), 15_360_000);
  assert.equal(restAfterMs(12, 0), SIX_HOURS_MS);
  assert.equal(restAfterMs(1, 1), 18_000);
});

test('a platform that asks for more is obeyed, and one that asks for less changes nothing', () => {
  fc.assert(
    fc.property(anyTries, anySpread, fc.integer({ min: 0, max: 10 * SIX_HOURS_MS }), (tries, spread, asked) => {
      assert.equal(restAfterMs(tries, spread, asked), Math.max(asked, restAfterMs(tries, spread)));
    }),
  );
});

test('what the platform failed at rests from one second on, and in the end as long', () => {
  const rests = [1, 2, 3, 10, 100].map((tries) => restOfPlatformMs(tries, 0));
  assert.deepEqual(rests, [1_000, 2_000, 4_000, 512_000, SIX_HOURS_MS]);
  assert.equal(restOfPlatformMs(1, 0, 5_000), 5_000);
});
