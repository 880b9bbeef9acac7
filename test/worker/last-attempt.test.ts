import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { isLastAttempt } from '../../worker/last-attempt.js';

const NOW = 1_000_000;
/** The third attempt of an activity that has a minute, and rests for a second, two, four … between two. */
const info = {
  ...{ attempt: 3, scheduledTimestampMs: NOW - 50_000, scheduleToCloseTimeoutMs: 60_000 },
  retryPolicy: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 20_000 },
};
const passing = ApplicationFailure.retryable('no', 'PlatformUnavailable');

test('an attempt is the last where the failure says so, or as many were made as may be', () => {
  assert.equal(isLastAttempt(info, ApplicationFailure.nonRetryable('no'), NOW), true);
  assert.equal(isLastAttempt({ ...info, retryPolicy: { maximumAttempts: 3 } }, passing, NOW), true);
  assert.equal(isLastAttempt({ ...info, retryPolicy: { maximumAttempts: 4 } }, passing, NOW), false);
});

test('an attempt is the last where the next would come too late', () => {
  assert.equal(isLastAttempt(info, passing, NOW), false, 'it rests for four seconds of ten');
  assert.equal(isLastAttempt({ ...info, attempt: 5 }, new Error('no'), NOW), true, 'sixteen');
  const asked = ApplicationFailure.create({ message: 'no', nextRetryDelay: 11_000 });
  assert.equal(isLastAttempt(info, asked, NOW), true, 'the platform asks for eleven');
  assert.equal(isLastAttempt({ ...info, attempt: 50, scheduleToCloseTimeoutMs: 0 }, passing, NOW), false, 'no end');
});
