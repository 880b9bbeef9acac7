import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createLaneGuard, readClocks, type LaneGuard } from '../../../activities/guards/lane-guard.js';
import type { LaneStore } from '../../../db/courses/lanes.js';

const LANE_MS = 30_000;
const CALL_TIMEOUT_MS = 10_000;
/** A call that begins by then is over, with a second to spare, before the lane is. */
const LEAD_MS = LANE_MS - CALL_TIMEOUT_MS - 1_000;

interface Rig {
  guard: LaneGuard;
  clock: { monotonic: number; wall: number };
  /** What the database answers to the next extensions; it goes on by itself. */
  extend: { answer: () => Promise<boolean>; calls: number };
  ticks: number;
  /** Lets time pass on the clocks and in the timers. */
  pass(ms: number): Promise<void>;
}

const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createRig(t: TestContext): Rig {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = { monotonic: 1_000, wall: 5_000_000 };
  const clocks = { monotonicMs: () => clock.monotonic, wallMs: () => clock.wall };
  const rig = { ticks: 0, extend: { calls: 0, answer: () => Promise.resolve(true) } };
  const lanes: Pick<LaneStore, 'extend'> = {
    extend(input) {
      assert.deepEqual(input, { context: 'context', token: 7, laneMs: LANE_MS });
      rig.extend.calls += 1;
      return rig.extend.answer();
    },
  };
  const guard = createLaneGuard({
    ...{ lanes, clock: clocks, times: { laneMs: LANE_MS, callTimeoutMs: CALL_TIMEOUT_MS } },
    ...{ context: 'context', token: 7, takenAt: readClocks(clocks) },
    onTick: () => (rig.ticks += 1),
  });
  t.after(() => guard.stop());
  return Object.assign(rig, {
    ...{ guard, clock },
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 1_000) {
        clock.monotonic += 1_000;
        clock.wall += 1_000;
        t.mock.timers.tick(1_000);
        await settle();
      }
    },
  });
}

test('no call begins so late that it could outlast the lane, by either clock', (t) => {
  const { guard } = createRig(t);
  assert.deepEqual(guard.beginBy(), { monotonicMs: 1_000 + LEAD_MS, wallMs: 5_000_000 + LEAD_MS });
});

test('the deadline counts from before the database was asked, not from its answer', async (t) => {
  const { guard, clock } = createRig(t);
  clock.monotonic = 3_000;
  clock.wall = 5_002_000;
  const answer = guard.whileExtending(async () => {
    // The database is slow, or this process was stopped.
    clock.monotonic = 20_000;
    clock.wall = 5_019_000;
    return true;
  }, Boolean);
  assert.equal(await answer, true);
  assert.deepEqual(guard.beginBy(), { monotonicMs: 3_000 + LEAD_MS, wallMs: 5_002_000 + LEAD_MS });
});

test('an answer that comes late never takes a newer deadline back', async (t) => {
  const { guard, clock } = createRig(t);
  let finish: (held: boolean) => void = () => undefined;
  const slow = guard.whileExtending(() => new Promise<boolean>((resolve) => (finish = resolve)), Boolean);
  clock.monotonic = 9_000;
  await guard.whileExtending(() => Promise.resolve(true), Boolean);
  finish(true);
  await slow;
  assert.equal(guard.beginBy().monotonicMs, 9_000 + LEAD_MS);
});

test('a statement that finds the lane lost aborts everything, and moves no deadline', async (t) => {
  const { guard, clock } = createRig(t);
  const before = guard.beginBy();
  clock.monotonic = 9_000;
  assert.deepEqual([guard.isOpen(), guard.lost.aborted], [true, false]);
  assert.equal(
    await guard.whileExtending(
      () => Promise.resolve(null),
      (answer) => answer !== null,
    ),
    null,
  );
  assert.deepEqual([guard.isOpen(), guard.lost.aborted], [false, true]);
  assert.deepEqual(guard.beginBy(), before);
});

test('a statement that fails is told, and neither loses the lane nor lengthens it', async (t) => {
  const { guard, clock } = createRig(t);
  const before = guard.beginBy();
  clock.monotonic = 9_000;
  await assert.rejects(
    guard.whileExtending(() => Promise.reject(new Error('away')), Boolean),
    /away/,
  );
  assert.deepEqual([guard.isOpen(), guard.beginBy()], [true, before]);
});

test('keeps the lane alive in the background from a third of its time on, and beats all the while', async (t) => {
  const rig = createRig(t);
  await rig.pass(9_000);
  assert.deepEqual([rig.extend.calls, rig.ticks], [0, 4]);
  await rig.pass(3_000);
  assert.equal(rig.extend.calls, 1);
  assert.equal(rig.guard.beginBy().monotonicMs > 1_000 + LEAD_MS, true);
  await rig.pass(60_000);
  assert.ok(rig.extend.calls >= 5 && rig.extend.calls <= 7, String(rig.extend.calls));
  assert.equal(rig.guard.isOpen(), true);
});

test('does not lengthen in the background what the work itself lengthens', async (t) => {
  const rig = createRig(t);
  for (let times = 0; times < 10; times += 1) {
    await rig.pass(5_000);
    await rig.guard.whileExtending(() => Promise.resolve(true), Boolean);
  }
  assert.equal(rig.extend.calls, 0);
});

test('a lane that is lost in the background aborts at the next beat', async (t) => {
  const rig = createRig(t);
  rig.extend.answer = () => Promise.resolve(false);
  await rig.pass(14_000);
  assert.equal(rig.guard.lost.aborted, true);
});

test('a database that is away is tried again, and costs nothing but time', async (t) => {
  const rig = createRig(t);
  rig.extend.answer = () => Promise.reject(new Error('away'));
  const before = rig.guard.beginBy();
  await rig.pass(16_000);
  assert.ok(rig.extend.calls >= 2);
  assert.deepEqual([rig.guard.isOpen(), rig.guard.beginBy()], [true, before]);
  rig.extend.answer = () => Promise.resolve(true);
  await rig.pass(2_000);
  assert.ok(rig.guard.beginBy().monotonicMs > before.monotonicMs);
});

test('stops when it is told to', async (t) => {
  const rig = createRig(t);
  rig.guard.stop();
  await rig.pass(60_000);
  assert.deepEqual([rig.extend.calls, rig.ticks], [0, 0]);
});
