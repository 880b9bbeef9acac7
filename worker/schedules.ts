import { createHash } from 'node:crypto';
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
  type ScheduleSpec,
} from '@temporalio/client';
import { SWEEP_SCHEDULE_ID, TASK_QUEUES, WORKFLOW_TYPES } from '../workflows/names.js';

/** A schedule as we declare it. */
export interface DesiredSchedule {
  scheduleId: string;
  workflowType: string;
  spec: ScheduleSpec;
  /** What is missed while Temporal is down is made up for within this, in milliseconds. */
  catchupWindowMs: number;
  /** One line for the Temporal UI. */
  summary: string;
}

/** Every schedule that a fresh cluster needs. */
export function desiredSchedules({ sweepIntervalMs }: { sweepIntervalMs: number }): DesiredSchedule[] {
  return [
    {
      scheduleId: SWEEP_SCHEDULE_ID,
      workflowType: WORKFLOW_TYPES.sweep,
      spec: { intervals: [{ every: sweepIntervalMs }] },
      catchupWindowMs: 60_000,
      summary: 'Wakes courses that have something due and that nobody tends',
    },
  ];
}

/**
 * Creates each schedule, or brings it to its declared shape when that shape has changed since we last wrote it; what an
 * operator did to it meanwhile (paused it, changed its time) stays. Safe to repeat, from one process at a time.
 */
export async function reconcileSchedules(client: Client, schedules: readonly DesiredSchedule[]): Promise<void> {
  for (const schedule of schedules) {
    try {
      await client.schedule.create(toOptions(schedule));
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await updateWhereChanged(client, schedule);
    }
  }
}

async function updateWhereChanged(client: Client, schedule: DesiredSchedule): Promise<void> {
  const handle = client.schedule.getHandle(schedule.scheduleId);
  const { action } = await handle.describe();
  const written = action.type === 'startWorkflow' ? action.memo?.['declaredShape'] : undefined;
  if (written === shapeOf(schedule)) return;
  const { spec, policies, action: wanted } = toOptions(schedule);
  await handle.update((previous) => ({ spec, action: wanted, state: previous.state, ...(policies && { policies }) }));
}

function toOptions(schedule: DesiredSchedule): ScheduleOptions {
  const { scheduleId, workflowType, spec, catchupWindowMs, summary } = schedule;
  return {
    scheduleId,
    spec,
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchupWindowMs },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: scheduleId,
      taskQueue: TASK_QUEUES.workflows,
      args: [],
      staticSummary: summary,
      memo: { declaredShape: shapeOf(schedule) },
    },
  };
}

function shapeOf(schedule: DesiredSchedule): string {
  return createHash('sha256').update(JSON.stringify(schedule)).digest('hex').slice(0, 16);
}
