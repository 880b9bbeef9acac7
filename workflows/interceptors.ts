import { workflowInfo, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { TASK_QUEUES } from './names.js';

/**
 * Activities go to the queues of the installation whose worker runs the workflow: the prefix is read from the queue that it
 * came by, since a workflow reads no settings.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const { taskQueue: own } = workflowInfo();
        const prefix = own.endsWith(TASK_QUEUES.workflows) ? own.slice(0, -TASK_QUEUES.workflows.length) : '';
        const { taskQueue } = input.options;
        if (taskQueue === undefined || prefix === '') return next(input);
        return next({ ...input, options: { ...input.options, taskQueue: `${prefix}${taskQueue}` } });
      },
    },
  ],
});
