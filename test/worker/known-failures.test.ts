import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityFailure, ApplicationFailure, CancelledFailure, defaultPayloadConverter } from '@temporalio/common';
import { failureOf } from '../../domain/failure.js';
import { placeOf } from '../../domain/failure-sentences.js';
import { failureConverter as encoding } from '../../workflows/encoding-failure-converter.js';
import { failureConverter } from '../../workflows/failure-converter.js';
import { textsIn } from '../helpers/texts-in.js';

const SECRET = 'Ada Lovelace';
const ID = '0b4e6d1c-7a55-4a3e-9d20-7e2f6f1f0a11';
const convert = (error: unknown) => failureConverter.errorToFailure(error, defaultPayloadConverter);

class Elaborate extends Error {
  readonly detail = SECRET;
  override readonly cause = new Error(SECRET, { cause: new Error(SECRET) });
}

const tangled = new Error(`no ${SECRET}\n    at ${SECRET} (/app/${SECRET}.js:1:1)`);
const spoilt = new Error('first');
// A stack is written when it is first looked at.
assert.match(spoilt.stack ?? '', /first/);
spoilt.message = SECRET;
const THROWN: [string, unknown][] = [
  ['an error with causes', new Elaborate(SECRET)],
  ['an error whose words look like a stack', tangled],
  ['an error whose words were changed later', spoilt],
  ['an error with another name', Object.assign(new Error(SECRET), { name: SECRET, code: SECRET })],
  ['a failure of the kind of a property', ApplicationFailure.create({ message: SECRET, type: 'constructor' })],
  ['a text', SECRET],
  ['an object', { message: SECRET, stack: SECRET }],
  ['a failure with words of its own', ApplicationFailure.create({ message: SECRET, type: 'RefusedByDatabase' })],
  ['a failure of an unheard kind', ApplicationFailure.nonRetryable(SECRET, SECRET, SECRET, { code: SECRET })],
  [
    'a failure with details',
    ApplicationFailure.retryable('', 'Error', { code: SECRET, failureId: SECRET, [SECRET]: 1 }),
  ],
  ['a failure with a cause', ApplicationFailure.create({ type: 'ScoreRejected', cause: new Error(SECRET) })],
  ['a cancelling', new CancelledFailure(SECRET, [SECRET], new Error(SECRET))],
  ['a failed activity', new ActivityFailure('Activity task failed', 'x', '1', 'TIMEOUT', 'w', new Error(SECRET))],
];

for (const [name, error] of THROWN) {
  test(`${name} tells nobody's name`, () => {
    for (const converter of [failureConverter, encoding]) {
      const failure = converter.errorToFailure(error, defaultPayloadConverter);
      assert.ok(!textsIn(failure).includes('Lovelace'), JSON.stringify(failure));
    }
  });
}

test('a kind of failure keeps its name, its sentence, its code, its place, and how it is tried again', () => {
  const details = [{ code: '23505', failureId: ID, more: SECRET }];
  const failure = convert(
    ApplicationFailure.create({
      message: SECRET,
      type: 'RefusedByDatabase',
      nonRetryable: true,
      details,
      category: 'BENIGN',
    }),
  );
  assert.equal(failure.message, failureOf('RefusedByDatabase').sentence);
  const { type, nonRetryable, category } = failure.applicationFailureInfo ?? {};
  assert.deepEqual([type, nonRetryable, category], ['RefusedByDatabase', true, 1]);
  const [payload] = failure.applicationFailureInfo?.details?.payloads ?? [];
  assert.deepEqual(JSON.parse(textsIn(payload?.data)), { code: '23505', failureId: ID });
  assert.match(failure.stackTrace ?? '', /known-failures\.test/);
  const back = failureConverter.failureToError(failure, defaultPayloadConverter);
  assert.ok(back instanceof ApplicationFailure && back.type === 'RefusedByDatabase');
});

test('what came from Temporal goes back as it came', () => {
  const failure = convert(new Error('x'));
  const error = failureConverter.failureToError(failure, defaultPayloadConverter);
  assert.equal(convert(error), failure);
});

test('sentences are encoded where payloads are', () => {
  const failure = encoding.errorToFailure(
    ApplicationFailure.create({ type: 'ScoreRejected' }),
    defaultPayloadConverter,
  );
  assert.deepEqual([failure.message, failure.stackTrace], ['Encoded failure', '']);
  const error = encoding.failureToError(failure, defaultPayloadConverter);
  assert.equal(error.message, failureOf('ScoreRejected').sentence);
});

test('the place of an error is told without its words', () => {
  assert.match(placeOf(tangled) ?? '', /^ {4}at .*known-failures\.test/);
  assert.equal(placeOf(spoilt), undefined);
});
