import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createLaneGuard, readClocks, type LaneGuard } from '../../../activities/guards/lane-guard.js';
import type { HeldLane, LaneStore } from '../../../db/platforms/lanes.js';

const LANE_MS = 30_000;
const CALL_TIMEOUT_MS = 10_000;
const LEASE_MS = 3_000;
/** Clocks need not run alike. */
const LEAD_MS = LEASE_MS - 100;

interface Rig {
  guard: LaneGuard;
  clock: { monotonic: number; wall: number };
  /** What the database answers to the next extensions; it goes on by itself. */
  hold: { answer: () => Promise<HeldLane | null>; calls: number };
  beats: number;
  granted: HeldLane[];
  /** Lets time pass on the clocks and in the timers. */
  pass(ms: number): Promise<void>;
}

const GRANT: HeldLane = { target: 4, starts: 10, isProbe: false, waitMs: 0, reason: null, pauses: 0 };
const WANT = { inFlight: 1, want: 4, unspent: 0, starts: 10, hasSucceeded: true };

const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createRig(t: TestContext): Rig {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = { monotonic: 1_000, wall: 5_000_000 };
  const clocks = { monotonicMs: () => clock.monotonic, wallMs: () => clock.wall };
  const granted: HeldLane[] = [];
  const hold: Rig['hold'] = { calls: 0, answer: () => Promise.resolve(GRANT) };
  const rig = { beats: 0, hold, granted };
  const lanes: Pick<LaneStore, 'hold'> = {
    hold(input) {
      assert.deepEqual(input, { gate: 'gate', token: 7, leaseMs: LEASE_MS, laneMs: LANE_MS, ...WANT });
      hold.calls += 1;
      return hold.answer();
    },
  };
  const guard = createLaneGuard({
    ...{ lanes, clock: clocks, times: { leaseMs: LEASE_MS, laneMs: LANE_MS, callTimeoutMs: CALL_TIMEOUT_MS } },
    ...{ gate: 'gate', token: 7, takenAt: readClocks(clocks) },
    limits: {
      ask: () => ({ ...WANT, version: 3 }),
      take: (grant, version) => void (assert.equal(version, 3), granted.push(grant)),
    },
    onBeat: () => (rig.beats += 1),
  });
  t.after(() => guard.stop());
  return Object.assign(rig, {
    ...{ guard, clock },
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 500) {
        clock.monotonic += 500;
        clock.wall += 500;
        t.mock.timers.tick(500);
        await settle();
      }
    },
  });
}

test('no call begins after the lane, by either clock, and all are over when it says so', (t) => {
  const { guard } = createRig(t);
  assert.deepEqual(guard.beginBy(), { monotonicMs: 1_000 + LEAD_MS, wallMs: 5_000_000 + LEAD_MS });
  assert.equal(guard.callsEndAtMs(), 1_000 + LANE_MS);
});

test('the deadline counts from before the database was asked, not from its answer', async (t) => {
  const { guard, clock, hold } = createRig(t);
  clock.monotonic = 3_000;
  clock.wall = 5_002_000;
  hold.answer = async () => {
    // The database is slow, or this process was stopped.
    clock.monotonic = 20_000;
    clock.wall = 5_019_000;
    return GRANT;
  };
  await guard.ask();
  assert.deepEqual(guard.beginBy(), { monotonicMs: 3_000 + LEAD_MS, wallMs: 5_002_000 + LEAD_MS });
});

test('a statement that finds the lane lost aborts everything, and moves no deadline', async (t) => {
  const { guard, clock } = createRig(t);
  const before = guard.beginBy();
  clock.monotonic = 9_000;
  assert.deepEqual([guard.isOpen(), guard.lost.aborted], [true, false]);
  assert.equal(
    await guard.underLane(
      () => Promise.resolve(null),
      (answer) => answer !== null,
    ),
    null,
  );
  assert.deepEqual([guard.isOpen(), guard.lost.aborted], [false, true]);
  assert.deepEqual(guard.beginBy(), before);
});

test('a statement that fails is told, and does not lose the lane', async (t) => {
  const { guard, clock } = createRig(t);
  const before = guard.beginBy();
  clock.monotonic = 9_000;
  await assert.rejects(
    guard.underLane(() => Promise.reject(new Error('away')), Boolean),
    /away/,
  );
  assert.deepEqual([guard.isOpen(), guard.beginBy()], [true, before]);
});

test('keeps the lane alive and asks for its limits twice a second, and beats every second and a half', async (t) => {
  const rig = createRig(t);
  await rig.pass(10_000);
  assert.deepEqual([rig.hold.calls, rig.beats, rig.granted.length], [20, 6, 20]);
  assert.ok(rig.guard.beginBy().monotonicMs >= 10_000 + LEAD_MS);
  assert.equal(rig.guard.isOpen(), true);
});

test('asks once at a time, however slow the answer is', async (t) => {
  const rig = createRig(t);
  let answer: (grant: HeldLane) => void = () => undefined;
  rig.hold.answer = () => new Promise((resolve) => (answer = resolve));
  await rig.pass(5_000);
  assert.equal(rig.hold.calls, 1);
  answer(GRANT);
  await settle();
  assert.deepEqual(rig.granted, [GRANT]);
});

test('a lane that is lost in the background aborts at the next beat', async (t) => {
  const rig = createRig(t);
  rig.hold.answer = () => Promise.resolve(null);
  await rig.pass(14_000);
  assert.equal(rig.guard.lost.aborted, true);
});

test('a database that is away is tried again, and costs nothing but time', async (t) => {
  const rig = createRig(t);
  rig.hold.answer = () => Promise.reject(new Error('away'));
  const before = rig.guard.beginBy();
  await rig.pass(16_000);
  assert.ok(rig.hold.calls >= 2);
  assert.deepEqual([rig.guard.isOpen(), rig.guard.beginBy()], [true, before]);
  rig.hold.answer = () => Promise.resolve(GRANT);
  await rig.pass(2_000);
  assert.ok(rig.guard.beginBy().monotonicMs > before.monotonicMs);
});

test('stops when it is told to', async (t) => {
  const rig = createRig(t);
  rig.guard.stop();
  await rig.pass(60_000);
  assert.deepEqual([rig.hold.calls, rig.beats], [0, 0]);
});
