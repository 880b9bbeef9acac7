import {
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Priority,
} from '@temporalio/common';
import type { PersonRequestInput } from './person-request-messages.js';
import { personRequestWorkflowId, TASK_QUEUES } from './names.js';
import { STATE_KEY } from './search-attribute-keys.js';

export interface PersonRequestStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [PersonRequestInput];
  workflowIdReusePolicy: WorkflowIdReusePolicy;
  workflowIdConflictPolicy: WorkflowIdConflictPolicy;
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

/** The one way in which a request for a person is carried on. Where it stands is read from PostgreSQL. */
export function personRequestStartOptions(request: string): PersonRequestStartOptions {
  return {
    workflowId: personRequestWorkflowId(request),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ request }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: new TypedSearchAttributes([{ key: STATE_KEY, value: 'running' }]),
    staticSummary: 'Export or erase what is kept of one person',
    priority: { priorityKey: 3, fairnessKey: 'person-requests' },
  };
}
