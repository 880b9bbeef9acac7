import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import { sendScoresWorkflowId, syncContextWorkflowId } from '../workflows/names.js';
import type { CourseWake, SenderWake, WorkflowWaker } from './workflow-waker.js';

/** A workflow task that failed so often fails for a reason that waiting does not end, such as a deploy that broke it. */
const STUCK_AFTER_TRIES = 3;

/** What the sweep wakes with: those whose wakes seem to be lost, and those who were woken for long without an answer. */
export interface Rewaker {
  /** `isOverdue`: it has not answered for minutes. If it makes no progress then, another takes its place. */
  rewakeSender(request: SenderWake, options: { isOverdue: boolean }): Promise<void>;
  rewakeCourse(request: CourseWake, options: { isOverdue: boolean }): Promise<void>;
}

export function createRewaker(workflow: Pick<WorkflowClient, 'getHandle'>, waker: WorkflowWaker): Rewaker {
  const isStuck = async (workflowId: string): Promise<boolean> => {
    try {
      const { status, raw } = await workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' && (raw.pendingWorkflowTask?.attempt ?? 0) >= STUCK_AFTER_TRIES;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  return {
    async rewakeSender(request, { isOverdue }) {
      const replaces = isOverdue && (await isStuck(sendScoresWorkflowId(request.gate)));
      await (replaces ? waker.replaceSender(request) : waker.wakeSenderSurely(request));
    },
    async rewakeCourse(request, { isOverdue }) {
      const replaces = isOverdue && (await isStuck(syncContextWorkflowId(request.context)));
      await (replaces ? waker.replaceCourse(request) : waker.wakeCourse(request));
    },
  };
}
