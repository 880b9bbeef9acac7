import { createHash } from 'node:crypto';
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
  type ScheduleSpec,
} from '@temporalio/client';
import {
  NIGHTLY_SCHEDULE_ID,
  RECONCILE_SCHEDULE_ID,
  ROSTER_SCHEDULE_ID,
  SWEEP_SCHEDULE_ID,
  taskQueuesOf,
  UPKEEP_SCHEDULE_ID,
  withPrefix,
  WORKFLOW_TYPES,
} from '../workflows/names.js';

/** A schedule as we declare it. */
export interface DesiredSchedule {
  scheduleId: string;
  taskQueue: string;
  workflowType: string;
  spec: ScheduleSpec;
  /** What is missed while Temporal is down is made up for within this, in milliseconds. */
  catchupWindowMs: number;
  /** One line for the Temporal UI. */
  summary: string;
  /** The one argument of the workflow. */
  input?: object;
  /** After this Temporal ends it, in milliseconds, should it not end by itself. */
  timeoutMs?: number;
  /** Made paused, with this note; an operator unpauses it. */
  pausedBecause?: string;
}

export interface ScheduleSettings {
  /** Of the installation's schedules and queues. Default: none. */
  prefix?: string;
  sweepIntervalMs: number;
  /** By name; times of day are on its clock. */
  timeZone: string;
  nightlyAt: ClockTime;
  /** How long a night may last, in milliseconds. */
  nightlyLimitMs: number;
  rosterAt: ClockTime;
  reconcileAt: ClockTime;
}

interface ClockTime {
  hour: number;
  minute: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An update that meets another one is dropped without a word, so it is looked for, and made again. */
const UPDATE_TRIES = 3;
/** What is missed while Temporal is down begins late rather than not at all; the next night is near enough after that. */
const NIGHT_CATCHUP_MS = 6 * HOUR_MS;
/** Installations that share an LMS do not all begin in the same second. */
const NIGHT_JITTER_MS = 300_000;

/**
 * What ends a pass that cannot end by itself, such as one whose code fails, so that the next one begins. It comes after the
 * pass's own limit, whose last step may have to wait until a page of the score source's answers is in.
 */
const END_GRACE_MS = 2 * HOUR_MS;

/** Every schedule that a fresh cluster needs. */
export function desiredSchedules(settings: ScheduleSettings): DesiredSchedule[] {
  const { prefix = '', sweepIntervalMs, timeZone, nightlyAt, nightlyLimitMs, rosterAt, reconcileAt } = settings;
  const daily = ({ hour, minute }: ClockTime): Pick<DesiredSchedule, 'spec' | 'catchupWindowMs'> => ({
    spec: { cronExpressions: [`${minute} ${hour} * * *`], timezone: timeZone, jitter: NIGHT_JITTER_MS },
    catchupWindowMs: NIGHT_CATCHUP_MS,
  });
  const limits = { input: { limitMs: nightlyLimitMs }, timeoutMs: nightlyLimitMs + END_GRACE_MS };
  const declared: Omit<DesiredSchedule, 'taskQueue'>[] = [
    {
      scheduleId: SWEEP_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.sweep,
      spec: { intervals: [{ every: sweepIntervalMs }] },
      catchupWindowMs: 60_000,
      summary: 'Wakes courses that have something due and that nobody tends',
      // It ends by itself within minutes; one that cannot must not hold the others back.
      timeoutMs: 15 * 60_000,
    },
    {
      scheduleId: NIGHTLY_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.nightlySync,
      ...daily(nightlyAt),
      summary: 'Asks the score source, then sends whatever is due in all courses',
      ...limits,
    },
    {
      scheduleId: ROSTER_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.refreshRosters,
      ...daily(rosterAt),
      summary: 'Reads the rosters of all courses again',
      ...limits,
    },
    {
      scheduleId: RECONCILE_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.reconcileGradebooks,
      ...daily(reconcileAt),
      summary: 'Holds the gradebooks against what was sent',
      ...limits,
      pausedBecause: 'Off until an operator wants it: it reads every column of every course.',
    },
    {
      scheduleId: UPKEEP_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.upkeep,
      // By an interval, which no change of the clock skips; away from midnight in UTC, when a week of evidence begins.
      spec: { intervals: [{ every: DAY_MS, offset: 3 * HOUR_MS }], jitter: NIGHT_JITTER_MS },
      catchupWindowMs: NIGHT_CATCHUP_MS,
      summary: 'Makes tables for the evidence of coming weeks, and removes what is older than it is kept',
    },
  ];
  const taskQueue = taskQueuesOf(prefix).workflows;
  return declared.map((schedule) => ({ ...schedule, taskQueue, scheduleId: withPrefix(prefix, schedule.scheduleId) }));
}

/**
 * Creates each schedule, or brings it to its declared shape when that shape has changed since we last wrote it. What an
 * operator did to it meanwhile stays: paused is paused, and a time that was changed gives way only to another declared
 * time, such as a new `NIGHTLY_AT`. Safe to repeat, from one process at a time.
 * `codecKey`: the id of the key that encrypts them. Another one writes them anew, so that no schedule needs a key that was ended.
 */
export async function reconcileSchedules(
  client: Client,
  schedules: readonly DesiredSchedule[],
  codecKey?: string,
): Promise<void> {
  for (const schedule of schedules) {
    try {
      await client.schedule.create(toOptions(schedule, codecKey));
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await updateWhereChanged(client, schedule, codecKey);
    }
  }
}

async function updateWhereChanged(
  client: Client,
  schedule: DesiredSchedule,
  codecKey: string | undefined,
): Promise<void> {
  const handle = client.schedule.getHandle(schedule.scheduleId);
  for (let tries = 1; tries <= UPDATE_TRIES; tries += 1) {
    const { action } = await handle.describe();
    const written = action.type === 'startWorkflow' ? (action.memo ?? {}) : {};
    if (written['declaredShape'] === shapeOf(schedule, codecKey)) return;
    const { spec, policies, action: wanted } = toOptions(schedule, codecKey);
    const isSameTime = written['declaredTime'] === hashOf(schedule.spec);
    await handle.update((previous) => ({
      spec: isSameTime ? previous.spec : spec,
      action: wanted,
      state: previous.state,
      ...(policies && { policies }),
    }));
  }
}

function toOptions(schedule: DesiredSchedule, codecKey: string | undefined): ScheduleOptions {
  const { scheduleId, taskQueue, workflowType, spec, catchupWindowMs, summary, input, timeoutMs, pausedBecause } =
    schedule;
  return {
    scheduleId,
    spec,
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchupWindowMs },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: scheduleId,
      taskQueue,
      args: input === undefined ? [] : [input],
      ...(timeoutMs !== undefined && { workflowExecutionTimeout: timeoutMs }),
      staticSummary: summary,
      memo: { declaredShape: shapeOf(schedule, codecKey), declaredTime: hashOf(schedule.spec) },
    },
    ...(pausedBecause !== undefined && { state: { paused: true, note: pausedBecause } }),
  };
}

function shapeOf(schedule: DesiredSchedule, codecKey: string | undefined): string {
  return hashOf({ ...schedule, ...(codecKey !== undefined && { codecKey }) });
}

function hashOf(declared: DesiredSchedule | ScheduleSpec): string {
  return createHash('sha256').update(JSON.stringify(declared)).digest('hex').slice(0, 16);
}
