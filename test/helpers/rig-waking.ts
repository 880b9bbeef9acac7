import type { Knex } from 'knex';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { SyncCounts } from '../../domain/sync-counts.js';
import { createGateWakes } from '../../db/platforms/gate-wakes.js';
import { createWorkflowWaker } from '../../waking/workflow-waker.js';
import type { CourseRequest, CourseTask } from '../../workflows/messages.js';
import { sendScoresWorkflowId, syncContextWorkflowId } from '../../workflows/names.js';
import { eventually } from './database.js';

/** The least time between two looks of one course for its columns. */
export const FLOOR_MS = 50;
/** Every workflow ends with this: long enough for a request that comes at once after another. */
export const LINGER_MS = 50;

/** A course of the rig, as far as its workflows are concerned. */
interface Place {
  gate: string;
  context: string;
  deployment: string;
}

/** Wakes the workflows of a course as the API and the worker do. */
export interface RigWaking {
  /** Starts or wakes the sender of the course's platform and gives its handle. */
  send(course: Place): Promise<WorkflowHandle<() => Promise<SyncCounts>>>;
  /** Starts or wakes the actor of the course and gives its handle. */
  sync(
    course: Place,
    request: Partial<CourseRequest>,
  ): Promise<WorkflowHandle<() => Promise<Record<CourseTask, number>>>>;
  /** Has the scores of the course sent, and all that they want found on the way; resolves when nothing moves any more. */
  settle(course: Place): Promise<void>;
}

export function createRigWaking(client: Client, db: Knex): RigWaking {
  const gateWakes = createGateWakes(db);
  const waker = createWorkflowWaker(client.workflow, { gateWakes, lingerMs: LINGER_MS, floorMs: FLOOR_MS });
  const isOpen = async (workflowId: string): Promise<boolean> => {
    const told = await client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => undefined);
    return told?.status.name === 'RUNNING';
  };
  const send: RigWaking['send'] = async ({ gate }) => {
    await waker.wakeSenderSurely({ gate, trigger: 'api' });
    return client.workflow.getHandle<() => Promise<SyncCounts>>(sendScoresWorkflowId(gate));
  };
  return {
    send,
    async sync({ context, deployment }, request) {
      await waker.wakeCourse({ context, deployment, trigger: 'api', ...request });
      return client.workflow.getHandle<() => Promise<Record<CourseTask, number>>>(syncContextWorkflowId(context));
    },
    async settle(course) {
      const ids = [sendScoresWorkflowId(course.gate), syncContextWorkflowId(course.context)];
      await send(course);
      await eventually('nothing moves any more', async () => !(await Promise.all(ids.map(isOpen))).includes(true));
    },
  };
}
