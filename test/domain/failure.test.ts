import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, failures, isFailureType, problemTypeOf, promotionOf } from '../../domain/failure.js';

const types = Object.keys(failures).filter(isFailureType);

test('every failure tells an operator what happened and what to do, in plain sentences', () => {
  assert.ok(types.length >= 30);
  for (const type of types) {
    const { sentence, advice } = failureOf(type);
    assert.match(sentence, /^[A-Z].{15,130}\.$/, type);
    assert.match(advice, /^[A-Z].{15,130}\.$/, type);
    assert.doesNotMatch(`${sentence} ${advice}`, /\b(4\d\d|5\d\d|null|undefined|HTTP)\b/, type);
  }
});

test('no two failures share a sentence or a problem type', () => {
  assert.equal(new Set(types.map((type) => failureOf(type).sentence)).size, types.length);
  assert.equal(new Set(types.map(problemTypeOf)).size, types.length);
});

test('the catalogue is frozen through and through', () => {
  assert.ok(Object.isFrozen(failures));
  for (const type of types) assert.ok(Object.isFrozen(failureOf(type)), type);
});

test('nothing is parked for one student, and what is parked does not also retry by itself', () => {
  for (const type of types) {
    const { parks, radius, retryable } = failureOf(type);
    if (parks) assert.ok(radius !== 'student' && !retryable, type);
  }
});

test('whatever leaves the outcome open may be tried again', () => {
  const uncertain = types.filter((type) => failureOf(type).outcomeUnknown);
  assert.deepEqual(uncertain, ['TimestampConflict', 'OutcomeUnknown']);
  for (const type of uncertain) assert.equal(failureOf(type).retryable, true, type);
});

test('only failures of a context are cured by another service key', () => {
  for (const type of types) if (failureOf(type).keyRelated) assert.equal(failureOf(type).radius, 'context', type);
  assert.equal(failureOf('ServiceKeyRejected').keyRelated, true);
});

test('problem types are stable URIs in kebab case', () => {
  assert.equal(problemTypeOf('LineItemNotFound'), 'urn:passback:problem:line-item-not-found');
  assert.equal(problemTypeOf('ApiKeyRejected'), 'urn:passback:problem:api-key-rejected');
  for (const type of types) assert.match(problemTypeOf(type), /^urn:passback:problem:[a-z]+(-[a-z]+)*$/);
});

test('only a permanent failure of single students is promoted, and always to its column', () => {
  assert.equal(promotionOf('MemberNotInContext'), 'NoMemberAccepted');
  assert.equal(promotionOf('ScoreRejected'), 'EveryScoreRefused');
  assert.equal(promotionOf('OutcomeUnknown'), undefined);
  assert.equal(promotionOf('ContextConcluded'), undefined);
  for (const type of types) {
    const promoted = promotionOf(type);
    if (promoted) assert.deepEqual([failureOf(promoted).radius, failureOf(promoted).parks], ['lineItem', true], type);
  }
});

test('names that are not in the catalogue are told apart', () => {
  assert.equal(isFailureType('toString'), false);
  assert.equal(isFailureType('ScoreRejected'), true);
});
