import {
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Priority,
} from '@temporalio/common';
import type { BulkOperationInput } from './bulk-operation-messages.js';
import { bulkOperationWorkflowId, TASK_QUEUES } from './names.js';
import { STATE_KEY } from './search-attribute-keys.js';

export interface BulkOperationStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [BulkOperationInput];
  workflowIdReusePolicy: WorkflowIdReusePolicy;
  workflowIdConflictPolicy: WorkflowIdConflictPolicy;
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

/** The one way in which a bulk operation is carried on. Where it stands is read from PostgreSQL. */
export function bulkOperationStartOptions(operation: string): BulkOperationStartOptions {
  return {
    workflowId: bulkOperationWorkflowId(operation),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ operation }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: new TypedSearchAttributes([{ key: STATE_KEY, value: 'running' }]),
    staticSummary: 'What an operator does to many rows, page by page',
    priority: { priorityKey: 3, fairnessKey: 'bulk-operations' },
  };
}
