import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFailure, type Consequence, type Judgement } from '../../../activities/guards/judge-failure.js';
import { failureOf, failures, isFailureType, type Failure, type FailureType } from '../../../domain/failure.js';

const types = Object.keys(failures).filter(isFailureType);
const fresh = { tries: 0, failsAlone: false };
const judge = (type: FailureType, facts: Partial<Failure> = {}, score = fresh): Judgement =>
  judgeFailure({ type, ...facts }, score, 0);

/** What the smallest radius that explains a failure leaves to be done. */
function expectedKind(type: FailureType): Consequence['kind'] {
  const { radius, parks, retryable } = failureOf(type);
  if (type === 'PlatformRateLimited') return 'throttled';
  if (type === 'ServiceKeyRejected') return 'keyRejected';
  if (type === 'PlatformFailed' || type === 'OutcomeUnknown') return 'platformTrouble';
  if (radius === 'student') return 'none';
  if (radius === 'platform') return parks ? 'platformClosed' : 'platformTrouble';
  if (!parks) return retryable ? 'courseUnreadable' : 'none';
  return radius === 'context' ? 'contextParked' : 'columnParked';
}

function expectedOutcome(type: FailureType): Judgement['outcome'] {
  const { radius, retryable, outcomeUnknown } = failureOf(type);
  if (type === 'CallNotBegun') return 'notBegun';
  if (outcomeUnknown) return 'unknown';
  return radius === 'student' && !retryable ? 'rejected' : 'retryable';
}

for (const type of types) {
  test(`${type}: the score is ${expectedOutcome(type)}, and beyond it: ${expectedKind(type)}`, () => {
    const { outcome, consequence, failureType } = judge(type);
    assert.deepEqual([outcome, consequence.kind, failureType], [expectedOutcome(type), expectedKind(type), type]);
  });
}

const samples: [FailureType, Judgement['outcome'], Consequence['kind']][] = [
  ['MemberNotInContext', 'rejected', 'none'],
  ['UnknownAnswer', 'retryable', 'none'],
  ['TimestampConflict', 'unknown', 'none'],
  ['OutcomeUnknown', 'unknown', 'platformTrouble'],
  ['PlatformFailed', 'retryable', 'platformTrouble'],
  ['LineItemNotFound', 'retryable', 'columnParked'],
  ['ContextConcluded', 'retryable', 'contextParked'],
  ['ServiceKeyRejected', 'retryable', 'keyRejected'],
  ['ScopeMissing', 'retryable', 'contextParked'],
  ['RosterTooLarge', 'retryable', 'none'],
  ['UnreadableAnswer', 'retryable', 'courseUnreadable'],
  ['PlatformUnavailable', 'retryable', 'platformTrouble'],
  ['ApiKeyRejected', 'retryable', 'platformClosed'],
];
for (const [type, outcome, kind] of samples) {
  test(`${type} is ${outcome} with ${kind}, as people agreed`, () => {
    const judged = judge(type);
    assert.deepEqual([judged.outcome, judged.consequence.kind], [outcome, kind]);
  });
}

test('no score is rejected for what is wrong with more than the score', () => {
  for (const type of types.filter((name) => failureOf(name).radius !== 'student')) {
    assert.notEqual(judge(type).outcome, 'rejected', type);
  }
});

test('what a person must end is probed after an hour, with the words of the LMS beside it', () => {
  for (const type of ['LineItemUnpublished', 'ToolRemoved'] as const) {
    const { consequence, restMs } = judge(type, { excerpt: 'the words' });
    assert.ok(consequence.kind === 'columnParked' || consequence.kind === 'contextParked');
    const { detail, probeAfterMs } = consequence;
    assert.deepEqual([consequence.type, detail, probeAfterMs, restMs], [type, 'the words', 3_600_000, 0]);
  }
});

test('a score that failed before rests longer each time, and as long as the platform asks', () => {
  const rests = [0, 1, 2].map((tries) => judge('PlatformFailed', {}, { ...fresh, tries }).restMs);
  assert.deepEqual(rests, [15_000, 30_000, 60_000]);
  assert.equal(judge('PlatformFailed', { retryAfterMs: 100_000 }).restMs, 100_000);
  assert.equal(judgeFailure({ type: 'PlatformFailed' }, fresh, 1).restMs, 18_000);
});

test('a score that fails alone, again and again, is rejected with that reason and harms nobody', () => {
  const judged = judge('PlatformFailed', {}, { tries: 4, failsAlone: true });
  assert.deepEqual(judged, {
    ...{ outcome: 'rejected', failureType: 'ScoreKeepsFailing', restMs: 0, consequence: { kind: 'none' } },
  });
});

test('an outcome that is not known is read back, even for a score that fails alone', () => {
  assert.equal(judge('OutcomeUnknown', {}, { tries: 4, failsAlone: true }).outcome, 'unknown');
});

test('a throttled platform is left alone for as long as it asks, or for half a minute', () => {
  assert.deepEqual(judge('PlatformRateLimited').consequence, { kind: 'throttled', restMs: 30_000 });
  const asked = [0, 2_000].map((retryAfterMs) => judge('PlatformRateLimited', { retryAfterMs }).restMs);
  assert.deepEqual(asked, [1_000, 2_000]);
  const long = judge('PlatformRateLimited', { retryAfterMs: 90_000 });
  assert.deepEqual([long.consequence, long.restMs], [{ kind: 'throttled', restMs: 90_000 }, 90_000]);
});

test('an unclear outcome rests five seconds at least before it is read back', () => {
  assert.equal(judge('OutcomeUnknown').restMs, 5_000);
  assert.equal(judge('OutcomeUnknown', { retryAfterMs: 7_000 }).restMs, 7_000);
});

test('failures of single scores that may be the platform’s count as the platform being away', () => {
  assert.deepEqual(judge('PlatformFailed').consequence, { kind: 'platformTrouble', type: 'PlatformUnavailable' });
});

test('a platform that says how long it is away hears nothing until then', () => {
  for (const type of ['PlatformUnavailable', 'LtiaasUnavailable'] as const) {
    const { outcome, consequence } = judge(type, { retryAfterMs: 120_000 });
    assert.deepEqual([outcome, consequence], ['retryable', { kind: 'platformClosed', type, restMs: 120_000 }]);
  }
  const lost = judge('OutcomeUnknown', { retryAfterMs: 120_000 });
  assert.deepEqual(lost.consequence, { kind: 'platformClosed', type: 'PlatformUnavailable', restMs: 120_000 });
});
