import { TypedSearchAttributes, type Priority, type SearchAttributePair } from '@temporalio/common';
import { wakeSignal, type SyncContextInput, type SyncRequest } from './messages.js';
import { syncContextWorkflowId, TASK_QUEUES } from './names.js';
import { CONTEXT_KEY, PLATFORM_KEY, RUN_KEY, STATE_KEY, TRIGGER_KEY } from './search-attribute-keys.js';

export interface SyncStart extends SyncRequest {
  /** Our uuids. */
  context: string;
  deployment: string;
  /** How long the actor stays for late requests, in milliseconds. */
  lingerMs: number;
}

/** What `signalWithStart` of a `syncContext` takes; everything but the signal counts only when none runs. */
export interface SyncStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [SyncContextInput];
  signal: typeof wakeSignal;
  signalArgs: [SyncRequest];
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

/**
 * The one way in which a course's actor is started or woken. Priority and fairness are set and never relied on: most
 * servers of today ignore them.
 */
export function syncStartOptions({ context, deployment, lingerMs, ...request }: SyncStart): SyncStartOptions {
  const attributes: SearchAttributePair[] = [
    { key: PLATFORM_KEY, value: deployment },
    { key: CONTEXT_KEY, value: context },
    { key: TRIGGER_KEY, value: request.trigger },
    { key: STATE_KEY, value: 'running' },
    ...(request.run === undefined ? [] : [{ key: RUN_KEY, value: request.run }]),
  ];
  const isBulk = request.bulk ?? false;
  return {
    workflowId: syncContextWorkflowId(context),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ context, deployment, lingerMs }],
    signal: wakeSignal,
    signalArgs: [request],
    typedSearchAttributes: new TypedSearchAttributes(attributes),
    staticSummary: 'Bring the gradebook of one course up to date',
    priority: { priorityKey: isBulk ? 5 : 2, fairnessKey: deployment },
  };
}
