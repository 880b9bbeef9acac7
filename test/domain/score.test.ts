import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acceptScore,
  isFinalGrade,
  isSameValue,
  type GradingProgress,
  type HeldScore,
  type IncomingScore,
  type ScoreValue,
} from '../../domain/score.js';

const value = (change: Partial<ScoreValue> = {}): ScoreValue => ({
  scoreGiven: 7.5,
  scoreMaximum: 10,
  activityProgress: 'Completed',
  gradingProgress: 'FullyGraded',
  ...change,
});

const held = (change: Partial<HeldScore> = {}): HeldScore => ({
  state: 'due',
  revision: 1,
  value: value(),
  changedAt: new Date(1_000),
  submitted: null,
  forced: false,
  ...change,
});

const incoming = (change: Partial<IncomingScore> = {}): IncomingScore => ({
  value: value(),
  changedAt: new Date(2_000),
  force: false,
  ...change,
});

/** What a store does with a decision. */
function hold(score: HeldScore, { value: newer, changedAt, force }: IncomingScore): HeldScore {
  const decision = acceptScore(score, { value: newer, changedAt, force });
  if (decision.outcome === 'unchanged') return { ...score, changedAt };
  if (decision.outcome !== 'accepted') return score;
  return { ...score, state: decision.state, revision: score.revision + 1, value: newer, changedAt };
}

const anyValue = fc.record(
  {
    scoreGiven: fc.constantFrom(0, 1, 2, 3),
    scoreMaximum: fc.constantFrom(10, 20),
    activityProgress: fc.constantFrom('Submitted', 'Completed'),
    gradingProgress: fc.constantFrom('FullyGraded', 'PendingManual'),
  },
  { noNullPrototype: true },
) satisfies fc.Arbitrary<ScoreValue>;
const anyState = fc.constantFrom('due', 'sending', 'unknown', 'submitted', 'rejected') satisfies fc.Arbitrary<
  HeldScore['state']
>;
const anyHeld = fc.record({
  state: anyState,
  revision: fc.integer({ min: 1, max: 9 }),
  value: anyValue,
  changedAt: fc.integer({ min: 0, max: 5 }).map((ms) => new Date(ms)),
  submitted: fc.option(anyValue),
  forced: fc.boolean(),
});
const anyIncoming = fc.record({
  value: anyValue,
  changedAt: fc.integer({ min: 0, max: 10 }).map((ms) => new Date(ms)),
  force: fc.boolean(),
});

test('the newest value wins in whatever order values arrive, the later arrival among equals', () => {
  fc.assert(
    fc.property(anyHeld, fc.array(anyIncoming, { maxLength: 12 }), (first, arrivals) => {
      const end = arrivals.reduce(hold, first);
      const newest = arrivals.reduce<{ value: ScoreValue; changedAt: Date }>(
        (best, arrival) => (arrival.changedAt >= best.changedAt ? arrival : best),
        first,
      );
      assert.deepEqual(end.value, newest.value);
      assert.deepEqual(end.changedAt, newest.changedAt);
    }),
  );
});

test('every order of the same values with different times ends with the same value', () => {
  const arrivals = fc
    .uniqueArray(anyIncoming, { minLength: 2, maxLength: 8, selector: ({ changedAt }) => changedAt.getTime() })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  fc.assert(
    fc.property(arrivals, ([one, other]) => {
      const start = held({ changedAt: new Date(-1) });
      assert.deepEqual(one.reduce(hold, start).value, other.reduce(hold, start).value);
    }),
  );
});

test('a revision never shrinks, and grows with an accepted value only', () => {
  fc.assert(
    fc.property(anyHeld, anyIncoming, (score, arrival) => {
      const growth = hold(score, arrival).revision - score.revision;
      assert.equal(growth, acceptScore(score, arrival).outcome === 'accepted' ? 1 : 0);
    }),
  );
});

test('a value that is not older is unchanged exactly when it is the same and nobody forces it', () => {
  fc.assert(
    fc.property(anyHeld, anyIncoming, (score, arrival) => {
      fc.pre(arrival.changedAt >= score.changedAt);
      const isSame = isSameValue(arrival.value, score.value);
      assert.equal(acceptScore(score, arrival).outcome === 'unchanged', isSame && !arrival.force);
    }),
  );
});

test('an older value is superseded, forced or not', () => {
  for (const force of [false, true]) {
    const older = incoming({ changedAt: new Date(999), value: value({ scoreGiven: 9 }), force });
    assert.deepEqual(acceptScore(held(), older), { outcome: 'superseded' });
  }
});

test('a value that the gradebook holds already is submitted at once, unless it is forced', () => {
  const back = held({ value: value({ scoreGiven: 9 }), submitted: value() });
  assert.deepEqual(acceptScore(back, incoming()), { outcome: 'accepted', state: 'submitted' });
  assert.deepEqual(acceptScore(back, incoming({ force: true })), { outcome: 'accepted', state: 'due' });
  assert.deepEqual(acceptScore({ ...back, forced: true }, incoming()), { outcome: 'accepted', state: 'due' });
});

for (const state of ['sending', 'unknown'] as const) {
  test(`a new value leaves a score that is ${state} so, even where the gradebook held it before`, () => {
    const score = held({ state, value: value({ scoreGiven: 9 }), submitted: value() });
    assert.deepEqual(acceptScore(score, incoming()), { outcome: 'accepted', state });
  });
}

for (const state of ['submitted', 'rejected'] as const) {
  test(`a new value makes a ${state} score due`, () => {
    const score = held({ state, submitted: value() });
    const better = incoming({ value: value({ scoreGiven: 9 }) });
    assert.deepEqual(acceptScore(score, better), { outcome: 'accepted', state: 'due' });
  });
}

for (const gradingProgress of ['Pending', 'Failed', 'NotReady'] satisfies GradingProgress[]) {
  test(`a value that is ${gradingProgress} never replaces a grade, and may replace one like it`, () => {
    const blank = value({ scoreGiven: 9, gradingProgress });
    assert.deepEqual(acceptScore(held(), incoming({ value: blank })), { outcome: 'wouldClear' });
    const before = held({ value: value({ gradingProgress }) });
    assert.deepEqual(acceptScore(before, incoming({ value: blank })), { outcome: 'accepted', state: 'due' });
  });
}

test('a grade is cleared where the caller asks for that, and by no missing figure alone', () => {
  const missing = incoming({ value: value({ scoreGiven: null }) });
  assert.deepEqual(acceptScore(held(), missing), { outcome: 'wouldClear' });
  const clear = incoming({ value: value({ scoreGiven: null, clears: true }) });
  assert.deepEqual(acceptScore(held(), clear), { outcome: 'accepted', state: 'due' });
});

test('zero is a grade and null is none', () => {
  assert.equal(isFinalGrade(value({ scoreGiven: 0 })), true);
  assert.equal(isFinalGrade(value({ scoreGiven: null })), false);
  assert.equal(isSameValue(value({ scoreGiven: 0 }), value({ scoreGiven: null })), false);
});

const differences: Partial<ScoreValue>[] = [
  { scoreGiven: 7.51 },
  { scoreMaximum: 11 },
  { activityProgress: 'Submitted' },
  { gradingProgress: 'PendingManual' },
  { clears: true },
  { comment: 'Well done' },
  { submission: { startedAt: '2026-11-23T02:00:00.000Z' } },
  { submission: { submittedAt: '2026-11-23T02:00:00.000Z' } },
];
for (const difference of differences) {
  test(`a value with another ${Object.keys(difference).join()} is another value: ${JSON.stringify(difference)}`, () => {
    assert.equal(isSameValue(value(), value(difference)), false);
    assert.equal(isSameValue(value(difference), value(difference)), true);
  });
}

test('a submission without times is the same as none', () => {
  assert.equal(isSameValue(value(), value({ submission: {} })), true);
});
