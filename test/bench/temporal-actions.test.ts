import assert from 'node:assert/strict';
import test from 'node:test';
import { addActions, countActions, NO_ACTIONS, sumActions, type HistoryEvent } from '../../bench/temporal-actions.js';

type Parts = HistoryEvent;

/** One event for each second, from second 100 on. */
const toHistory = (...parts: Parts[]): HistoryEvent[] =>
  parts.map((part, place) => ({ ...part, eventId: place + 1, eventTime: { seconds: 100 + place, nanos: 0 } }));
const started = { workflowExecutionStartedEventAttributes: {} };
const signaled = { workflowExecutionSignaledEventAttributes: {} };
const scheduled = (heartbeatSeconds = 0): Parts => ({
  activityTaskScheduledEventAttributes: { heartbeatTimeout: { seconds: heartbeatSeconds } },
});
const begun = (scheduledEventId: number, attempt = 1): Parts => ({
  activityTaskStartedEventAttributes: { scheduledEventId, attempt },
});
const completed = (startedEventId: number): Parts => ({ activityTaskCompletedEventAttributes: { startedEventId } });

test('counts a start together with its signal once, and later signals each', () => {
  const counts = countActions(toHistory(started, signaled, signaled), 0);
  assert.deepEqual(counts, { ...NO_ACTIONS, starts: 1, signals: 1 });
});

test('counts continuing as new as a start, whose first signal is one of its own', () => {
  const continued = { workflowExecutionStartedEventAttributes: { continuedExecutionRunId: 'before' } };
  assert.deepEqual(countActions(toHistory(continued, signaled), 0), { ...NO_ACTIONS, starts: 1, signals: 1 });
});

test('counts what a schedule starts as three', () => {
  const bySchedule = {
    workflowExecutionStartedEventAttributes: { searchAttributes: { indexedFields: { TemporalScheduledById: {} } } },
  };
  assert.equal(countActions(toHistory(bySchedule), 0).starts, 3);
});

test('counts each attempt of an activity', () => {
  const counts = countActions(toHistory(started, scheduled(), begun(2, 4), completed(3), scheduled()), 0);
  assert.deepEqual(counts, { ...NO_ACTIONS, starts: 1, activities: 5 });
});

test('reckons heartbeats from how long an activity with a heartbeat lasted', () => {
  const nothing: Parts[] = Array.from({ length: 7 }, () => ({}));
  // Eight seconds, a beat every one and a half.
  const long = toHistory(started, scheduled(10), begun(2), ...nothing, completed(3));
  assert.equal(countActions(long, 0).heartbeats, 5);
  assert.equal(countActions(toHistory(started, scheduled(10), begun(2), completed(3)), 0).heartbeats, 0);
  const silent = toHistory(started, scheduled(), begun(2), ...nothing, completed(3));
  assert.equal(countActions(silent, 0).heartbeats, 0);
});

test('counts timers, upserts and updates, and nothing else', () => {
  const history = toHistory(
    started,
    { timerStartedEventAttributes: {} },
    { upsertWorkflowSearchAttributesEventAttributes: {} },
    { workflowExecutionUpdateAcceptedEventAttributes: {} },
    {},
  );
  const counts = countActions(history, 0);
  assert.deepEqual(counts, { ...NO_ACTIONS, starts: 1, timers: 1, upserts: 1, updates: 1 });
  assert.equal(sumActions(addActions(counts, counts)), 8);
});

test('leaves out what came before the moment asked for', () => {
  const history = toHistory(
    started,
    signaled,
    { timerStartedEventAttributes: {} },
    { timerStartedEventAttributes: {} },
  );
  assert.deepEqual(countActions(history, 103_000), { ...NO_ACTIONS, timers: 1 });
});
