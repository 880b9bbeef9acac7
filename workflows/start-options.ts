/** The one way in which senders and the actors of courses are started or woken. */
import { TypedSearchAttributes, type Priority, type SearchAttributePair } from '@temporalio/common';
import {
  wakeCourseSignal,
  wakeSenderSignal,
  type CourseRequest,
  type SendRequest,
  type SendScoresInput,
  type SyncContextInput,
} from './messages.js';
import { sendScoresWorkflowId, syncContextWorkflowId, TASK_QUEUES } from './names.js';
import { CONTEXT_KEY, PLATFORM_KEY, RUN_KEY, STATE_KEY, TRIGGER_KEY } from './search-attribute-keys.js';

/** What `signalWithStart` takes; everything but the signal counts only when none runs. */
export interface StartOptions<Input, Signal, Request> {
  workflowId: string;
  taskQueue: string;
  args: [Input];
  signal: Signal;
  signalArgs: [Request];
  typedSearchAttributes: TypedSearchAttributes;
  staticSummary: string;
  priority: Priority;
}

export interface SendStart extends SendRequest {
  /** Our uuid. */
  gate: string;
  /** How long the sender stays for late requests, in milliseconds. */
  lingerMs: number;
}

/** Priority and fairness are set and never relied on: most servers of today ignore them. */
export function sendStartOptions({
  gate,
  lingerMs,
  ...request
}: SendStart): StartOptions<SendScoresInput, typeof wakeSenderSignal, SendRequest> {
  return {
    workflowId: sendScoresWorkflowId(gate),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ gate, lingerMs }],
    signal: wakeSenderSignal,
    signalArgs: [request],
    typedSearchAttributes: toAttributes([{ key: PLATFORM_KEY, value: gate }], request),
    staticSummary: 'Send the scores of one platform',
    priority: { priorityKey: 2, fairnessKey: gate },
  };
}

export interface CourseStart extends CourseRequest {
  /** Our uuids. */
  context: string;
  deployment: string;
  lingerMs: number;
  floorMs?: number;
}

export function courseStartOptions({
  context,
  deployment,
  lingerMs,
  floorMs,
  ...request
}: CourseStart): StartOptions<SyncContextInput, typeof wakeCourseSignal, CourseRequest> {
  const attributes = [
    { key: PLATFORM_KEY, value: deployment },
    { key: CONTEXT_KEY, value: context },
  ];
  return {
    workflowId: syncContextWorkflowId(context),
    taskQueue: TASK_QUEUES.workflows,
    args: [{ context, deployment, lingerMs, ...(floorMs !== undefined && { floorMs }) }],
    signal: wakeCourseSignal,
    signalArgs: [request],
    typedSearchAttributes: toAttributes(attributes, request),
    staticSummary: 'Columns, roster and gradebook of one course',
    priority: { priorityKey: 3, fairnessKey: deployment },
  };
}

function toAttributes(own: SearchAttributePair[], { trigger, run }: SendRequest): TypedSearchAttributes {
  return new TypedSearchAttributes([
    ...own,
    { key: TRIGGER_KEY, value: trigger },
    { key: STATE_KEY, value: 'running' },
    ...(run === undefined ? [] : [{ key: RUN_KEY, value: run }]),
  ]);
}
