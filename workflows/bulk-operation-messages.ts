/** What a bulk operation's workflow is told and answers; importable by a client too. */
import { defineQuery } from '@temporalio/workflow';
import type { BulkProgress } from '../domain/bulk-operation.js';

export interface BulkOperationInput {
  /** Our uuid. */
  operation: string;
  carried?: BulkProgress;
}

export const bulkProgressQuery = defineQuery<BulkProgress | null>('progress');
