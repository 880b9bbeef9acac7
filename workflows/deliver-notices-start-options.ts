import { WorkflowIdReusePolicy, type Priority } from '@temporalio/common';
import { lookSignal, type DeliverNoticesInput } from './deliver-notices-messages.js';
import { deliverNoticesWorkflowId, TASK_QUEUES } from './names.js';

export interface DeliverNoticesStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [DeliverNoticesInput];
  signal: typeof lookSignal;
  signalArgs: [];
  workflowIdReusePolicy: WorkflowIdReusePolicy;
  staticSummary: string;
  priority: Priority;
}

/** The one way in which an endpoint is served. What there is to send is read from PostgreSQL. */
export function deliverNoticesStartOptions(endpoint: string): DeliverNoticesStartOptions {
  return {
    workflowId: deliverNoticesWorkflowId(endpoint),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ endpoint }],
    signal: lookSignal,
    signalArgs: [],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: 'Sends notices to one endpoint',
    priority: { priorityKey: 3, fairnessKey: 'notices' },
  };
}
