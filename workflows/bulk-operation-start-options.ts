import type { BulkOperationInput } from './bulk-operation-messages.js';
import { carryOnOptions, type CarryOnOptions } from './carry-on-options.js';
import { bulkOperationWorkflowId } from './names.js';

export function bulkOperationStartOptions(operation: string): CarryOnOptions<BulkOperationInput> {
  return carryOnOptions({
    workflowId: bulkOperationWorkflowId(operation),
    input: { operation },
    summary: 'What an operator does to many rows, page by page',
    fairnessKey: 'bulk-operations',
  });
}
