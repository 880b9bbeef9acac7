import { TypedSearchAttributes, type Priority, type SearchAttributePair } from '@temporalio/common';
import { requestSyncSignal, type SyncContextInput, type SyncRequest } from './messages.js';
import { syncContextId, TASK_QUEUES } from './names.js';
import { CONTEXT_KEY, PLATFORM_KEY, RUN_KEY, STATE_KEY, TRIGGER_KEY } from './search-attribute-keys.js';

export interface SyncStart extends SyncRequest {
  /** Our uuids. */
  contextId: string;
  deploymentId: string;
  /** How long the actor stays for late requests, in milliseconds. */
  lingerMs: number;
}

/** What `signalWithStart` of a `syncContext` takes; everything but the signal counts only when none runs. */
export interface SyncStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [SyncContextInput];
  signal: typeof requestSyncSignal;
  signalArgs: [SyncRequest];
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

/**
 * The one way in which a course's actor is started or woken. Priority and fairness are set and never relied on: most
 * servers of today ignore them.
 */
export function syncStartOptions({ contextId, deploymentId, lingerMs, ...request }: SyncStart): SyncStartOptions {
  const attributes: SearchAttributePair[] = [
    { key: PLATFORM_KEY, value: deploymentId },
    { key: CONTEXT_KEY, value: contextId },
    { key: TRIGGER_KEY, value: request.trigger },
    { key: STATE_KEY, value: 'running' },
    ...(request.run === undefined ? [] : [{ key: RUN_KEY, value: request.run }]),
  ];
  const isBulk = request.bulk ?? false;
  return {
    workflowId: syncContextId(contextId),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ contextId, deploymentId, lingerMs }],
    signal: requestSyncSignal,
    signalArgs: [request],
    typedSearchAttributes: new TypedSearchAttributes(attributes),
    staticSummary: 'Bring the gradebook of one course up to date',
    priority: { priorityKey: isBulk ? 5 : 2, fairnessKey: deploymentId },
  };
}
