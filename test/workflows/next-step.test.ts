import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../domain/sync-counts.js';
import type { CourseState, CourseTask, SendState } from '../../workflows/messages.js';
import { nextCourseStep } from '../../workflows/next-course-step.js';
import { nextSendStep } from '../../workflows/next-send-step.js';

const LINGER_MS = 10_000;

const ended = (change: Partial<NonNullable<SendState['last']>> = {}, idle = 0, isWoken = false): SendState => ({
  ...{ isWoken, triggers: [], counts: { ...NO_COUNTS }, batches: 1, idle },
  last: { outcome: 'drained', reason: null, delayMs: null, courses: 0, platform: null, atMs: 1_000, ...change },
});

test('a sender begins by sending, lingers when nothing is left, and ends', () => {
  assert.deepEqual(nextSendStep({ ...ended(), last: null }, 0, LINGER_MS), { kind: 'send' });
  assert.deepEqual(nextSendStep(ended(), 1_000, LINGER_MS), { kind: 'linger', ms: LINGER_MS });
  assert.deepEqual(nextSendStep(ended(), 11_000, LINGER_MS), { kind: 'end' });
  assert.deepEqual(nextSendStep(ended({}, 0, true), 5_000, LINGER_MS), { kind: 'send' });
});

test('a sender rests for as long as it was told, with the reason, and leaves long rests to the sweep', () => {
  const rest = nextSendStep(
    ended({ outcome: 'waiting', reason: 'PlatformUnavailable', delayMs: 15_000 }),
    1_000,
    LINGER_MS,
  );
  assert.deepEqual(rest, { kind: 'rest', ms: 15_000, reason: 'PlatformUnavailable', isFloor: false });
  const long = nextSendStep(ended({ outcome: 'waiting', delayMs: 4 * 3_600_000 }), 1_000, LINGER_MS);
  assert.equal(long.kind, 'linger');
});

test('however a sender is woken and whatever its batches say, those that bring nothing get rarer and rarer', () => {
  const end = fc.record({
    outcome: fc.constantFrom('more' as const, 'waiting' as const, 'drained' as const),
    delayMs: fc.option(fc.nat(2_000), { nil: null }),
    isWoken: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(end, { minLength: 200, maxLength: 200 }), (ends) => {
      let nowMs = 0;
      let idle = 0;
      const sentAt: number[] = [];
      for (const { isWoken, ...last } of ends) {
        const state = { ...ended({ ...last, atMs: nowMs }, (idle += 1), isWoken) };
        for (let step = nextSendStep(state, nowMs, 60_000); step.kind !== 'send';) {
          if (step.kind === 'end') state.isWoken = true;
          else nowMs += step.ms;
          if (step.kind === 'linger') state.isWoken = true;
          step = nextSendStep(state, nowMs, 60_000);
        }
        sentAt.push(nowMs);
      }
      const lastMinute = sentAt.filter((at) => at > nowMs - 60_000).length;
      assert.ok(lastMinute <= 5, `${lastMinute} in the last minute`);
    }),
    { numRuns: 50 },
  );
});

const course = (change: Partial<CourseState> = {}): CourseState => ({
  pending: { lineItems: false, roster: false, reconcile: false },
  resend: false,
  restsUntilMs: { lineItems: 0, roster: 0, reconcile: 0 },
  ...{ waitingFor: null, triggers: [], done: { lineItems: 0, roster: 0, reconcile: 0 }, tells: [] },
  ...change,
});

test('a course does first what scores wait for, and nothing before its rest is over', () => {
  const all: Record<CourseTask, boolean> = { lineItems: true, roster: true, reconcile: true };
  assert.deepEqual(nextCourseStep(course({ pending: all }), 0), { kind: 'do', task: 'lineItems' });
  const resting = { lineItems: 5_000, roster: 0, reconcile: 9_000 };
  assert.deepEqual(nextCourseStep(course({ pending: all, restsUntilMs: resting }), 0), { kind: 'do', task: 'roster' });
  const pending = { ...all, roster: false };
  const rest = nextCourseStep(course({ pending, restsUntilMs: resting, waitingFor: 'PlatformUnavailable' }), 1_000);
  assert.deepEqual(rest, { kind: 'rest', ms: 4_000, reason: 'PlatformUnavailable' });
  assert.deepEqual(nextCourseStep(course(), 0), { kind: 'linger' });
});
