import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

/** A whole number as protobuf has it, which may be too large for one of JavaScript's. */
interface Whole {
  toString(): string;
}
type Attributes = object | null;

/** What counting needs of one event of a workflow's history. */
export interface HistoryEvent {
  eventId?: Whole | null;
  eventTime?: { seconds?: Whole | null; nanos?: number | null } | null;
  workflowExecutionStartedEventAttributes?: {
    continuedExecutionRunId?: string | null;
    searchAttributes?: { indexedFields?: Record<string, unknown> | null } | null;
  } | null;
  workflowExecutionSignaledEventAttributes?: Attributes;
  workflowExecutionUpdateAcceptedEventAttributes?: Attributes;
  activityTaskScheduledEventAttributes?: { heartbeatTimeout?: { seconds?: Whole | null } | null } | null;
  activityTaskStartedEventAttributes?: { scheduledEventId?: Whole | null; attempt?: number | null } | null;
  activityTaskCompletedEventAttributes?: { startedEventId?: Whole | null } | null;
  activityTaskFailedEventAttributes?: { startedEventId?: Whole | null } | null;
  activityTaskTimedOutEventAttributes?: { startedEventId?: Whole | null } | null;
  timerStartedEventAttributes?: Attributes;
  upsertWorkflowSearchAttributesEventAttributes?: Attributes;
}

/**
 * What Temporal Cloud bills as actions (https://docs.temporal.io/evaluate/cloud/actions): a start of a workflow, by a
 * client or by continuing as new, 1; a signal 1, and together with a start still 1; each attempt of an activity 1, so
 * retries count; a heartbeat that reaches the server 1; a timer 1; an upsert of search attributes 1; an update 1; what a
 * schedule starts 3. Queries cost 1 too, and leave no event: we make none. Completing costs nothing.
 */
export interface ActionCounts {
  starts: number;
  signals: number;
  activities: number;
  /** Heartbeats leave no event either: reckoned from how long each activity lasted, as our workers send them. */
  heartbeats: number;
  timers: number;
  upserts: number;
  updates: number;
}

export const NO_ACTIONS: ActionCounts = {
  ...{ starts: 0, signals: 0, activities: 0, heartbeats: 0, timers: 0, upserts: 0, updates: 0 },
};

/** Activities that send beat every second and a half, and the worker passes each beat on (worker/create-workers.ts). */
const BEATS_EVERY_MS = 1_500;

export function sumActions(counts: ActionCounts): number {
  return Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
}

export function addActions(one: ActionCounts, other: ActionCounts): ActionCounts {
  return {
    starts: one.starts + other.starts,
    signals: one.signals + other.signals,
    activities: one.activities + other.activities,
    heartbeats: one.heartbeats + other.heartbeats,
    timers: one.timers + other.timers,
    upserts: one.upserts + other.upserts,
    updates: one.updates + other.updates,
  };
}

/** Counts what one history holds since a moment, in milliseconds since 1970. */
export function countActions(events: readonly HistoryEvent[], sinceMs: number): ActionCounts {
  const counts = { ...NO_ACTIONS };
  const scheduled = new Map<string, { beats: boolean }>();
  const started = new Map<string, { atMs: number; scheduledId: string }>();
  for (const [place, event] of events.entries()) {
    const id = String(event.eventId);
    const task = event.activityTaskScheduledEventAttributes;
    if (task) scheduled.set(id, { beats: Number(String(task.heartbeatTimeout?.seconds ?? 0)) > 0 });
    const begin = event.activityTaskStartedEventAttributes;
    if (begin) started.set(id, { atMs: timeOf(event), scheduledId: String(begin.scheduledEventId) });
    if (timeOf(event) < sinceMs) continue;
    const start = event.workflowExecutionStartedEventAttributes;
    if (start) counts.starts += isBySchedule(event) ? 3 : 1;
    // The signal of signalWithStart comes right after the start.
    if (event.workflowExecutionSignaledEventAttributes && !isFirstOf(events, place)) counts.signals += 1;
    // The history holds the last attempt only, and its number.
    if (task) counts.activities += 1;
    if (begin) counts.activities += (begin.attempt ?? 1) - 1;
    if (event.timerStartedEventAttributes) counts.timers += 1;
    if (event.upsertWorkflowSearchAttributesEventAttributes) counts.upserts += 1;
    if (event.workflowExecutionUpdateAcceptedEventAttributes) counts.updates += 1;
    const end =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes;
    const began = end ? started.get(String(end.startedEventId)) : undefined;
    if (began && scheduled.get(began.scheduledId)?.beats) counts.heartbeats += beatsWithin(timeOf(event) - began.atMs);
  }
  return counts;
}

/**
 * The actions of all workflows in the namespace since a moment, by workflow type: what ended since then, and what runs.
 */
export async function actionsSince(client: Client, sinceMs: number): Promise<Map<string, ActionCounts>> {
  const since = new Date(sinceMs).toISOString();
  const byType = new Map<string, ActionCounts>();
  for await (const { workflowId, runId, type } of client.workflow.list({
    query: `ExecutionStatus = 'Running' OR CloseTime >= '${since}'`,
  })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const counts = countActions(events ?? [], sinceMs);
    byType.set(type, addActions(byType.get(type) ?? NO_ACTIONS, counts));
  }
  return byType;
}

/** Waits until no workflow runs any more, since their last steps cost actions too; not for longer than `patienceMs`. */
export async function untilQuiet(client: Client, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { count } = await client.workflow.count(`ExecutionStatus = 'Running'`);
    if (count === 0 || performance.now() > deadline) return;
    await delay(250);
  }
}

function beatsWithin(lastedMs: number): number {
  return Math.floor(lastedMs / BEATS_EVERY_MS);
}

function isBySchedule({ workflowExecutionStartedEventAttributes: start }: HistoryEvent): boolean {
  return start?.searchAttributes?.indexedFields?.['TemporalScheduledById'] !== undefined;
}

function isFirstOf(events: readonly HistoryEvent[], place: number): boolean {
  const before = events[place - 1]?.workflowExecutionStartedEventAttributes;
  return Boolean(before) && !before?.continuedExecutionRunId;
}

function timeOf({ eventTime }: HistoryEvent): number {
  return Number(String(eventTime?.seconds ?? 0)) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}
