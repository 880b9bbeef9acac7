import {
  TypedSearchAttributes,
  WorkflowIdReusePolicy,
  type Priority,
  type SearchAttributePair,
} from '@temporalio/common';
import { lookSignal, type BackfillWorkflowInput } from './backfill-messages.js';
import { backfillWorkflowId, TASK_QUEUES } from './names.js';
import { BACKFILL_KEY, STATE_KEY } from './search-attribute-keys.js';

/** What `signalWithStart` of a `backfill` takes; everything but the signal counts only when none runs. */
export interface BackfillStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [BackfillWorkflowInput];
  signal: typeof lookSignal;
  signalArgs: [];
  workflowIdReusePolicy: WorkflowIdReusePolicy;
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

/** The one way in which a backfill is started or woken. Where it stands is read from PostgreSQL. */
export function backfillStartOptions(backfill: string): BackfillStartOptions {
  const attributes: SearchAttributePair[] = [
    { key: BACKFILL_KEY, value: backfill },
    { key: STATE_KEY, value: 'previewing' },
  ];
  return {
    workflowId: backfillWorkflowId(backfill),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ backfill }],
    signal: lookSignal,
    signalArgs: [],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    typedSearchAttributes: new TypedSearchAttributes(attributes),
    staticSummary: 'Correct many scores: preview, approval, release',
    priority: { priorityKey: 5, fairnessKey: 'backfills' },
  };
}
