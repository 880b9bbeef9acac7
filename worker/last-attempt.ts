import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/** Temporal's defaults where a policy does not say (docs.temporal.io, retry policies). */
const FIRST_REST_MS = 1_000;
const COEFFICIENT = 2;
const LONGEST_REST_TIMES = 100;

type AttemptInfo = Pick<Info, 'attempt' | 'retryPolicy' | 'scheduledTimestampMs' | 'scheduleToCloseTimeoutMs'>;

/** Whether Temporal tries the activity no more after this error: it may not, has tried it as often as it may, or has no time left. */
export function isLastAttempt(
  { attempt, retryPolicy = {}, scheduledTimestampMs, scheduleToCloseTimeoutMs }: AttemptInfo,
  error: unknown,
  nowMs: number,
): boolean {
  const failure = error instanceof ApplicationFailure ? error : undefined;
  if (failure?.nonRetryable) return true;
  const { maximumAttempts = 0, backoffCoefficient = COEFFICIENT } = retryPolicy;
  if (maximumAttempts > 0 && attempt >= maximumAttempts) return true;
  if (scheduleToCloseTimeoutMs <= 0) return false;
  const first = toMs(retryPolicy.initialInterval) ?? FIRST_REST_MS;
  const longest = toMs(retryPolicy.maximumInterval) ?? first * LONGEST_REST_TIMES;
  const restMs = toMs(failure?.nextRetryDelay) ?? Math.min(first * backoffCoefficient ** (attempt - 1), longest);
  return nowMs + restMs >= scheduledTimestampMs + scheduleToCloseTimeoutMs;
}

/** The SDK hands durations on in milliseconds, and we give none in words. */
function toMs(duration: unknown): number | undefined {
  return typeof duration === 'number' ? duration : undefined;
}
