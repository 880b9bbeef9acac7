import {
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Priority,
} from '@temporalio/common';
import { TASK_QUEUES } from './names.js';
import { STATE_KEY } from './search-attribute-keys.js';

/** What `start` takes for work that is kept as a row of PostgreSQL, which says where it stands. */
export interface CarryOnOptions<Input> {
  workflowId: string;
  taskQueue: string;
  args: [Input];
  workflowIdReusePolicy: WorkflowIdReusePolicy;
  workflowIdConflictPolicy: WorkflowIdConflictPolicy;
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

/** The one way in which such work is carried on: whoever starts it again meets the workflow that runs. */
export function carryOnOptions<Input>(work: {
  workflowId: string;
  input: Input;
  summary: string;
  fairnessKey: string;
}): CarryOnOptions<Input> {
  const { workflowId, input, summary, fairnessKey } = work;
  return {
    workflowId,
    taskQueue: TASK_QUEUES.workflows,
    args: [input],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: new TypedSearchAttributes([{ key: STATE_KEY, value: 'running' }]),
    staticSummary: summary,
    priority: { priorityKey: 3, fairnessKey },
  };
}
