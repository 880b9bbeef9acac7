import { WorkflowClient, type Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { findMissingSearchAttributes } from '../../waking/missing-search-attributes.js';
import {
  createWorkflowWaker,
  type CourseWake,
  type SenderWake,
  type WakerOptions,
} from '../../waking/workflow-waker.js';
import {
  backfillWorkflowId,
  bulkOperationWorkflowId,
  deliverNoticesWorkflowId,
  personRequestWorkflowId,
  SEARCH_ATTRIBUTES,
  sendScoresWorkflowId,
  syncContextWorkflowId,
  taskQueuesOf,
} from '../../workflows/names.js';
import { listUrl, workflowUrl } from './temporal-urls.js';
import type { WorkflowLink } from './workflow-link.js';

export interface QueueHealth {
  taskQueue: string;
  /** Workers that asked for work in the last minutes. */
  pollers: number;
  /** Build ids of those that are versioned. */
  builds: readonly string[];
}

/** Temporal. Every method has a deadline of its own and rejects when it passes. */
export interface Workflows {
  /** Starts the sender of a gate, or signals the one that runs. Repeating is safe: requests coalesce. */
  wakeSender(input: SenderWake): Promise<WorkflowLink>;
  /** The same for the actor of a context, for what is a course's. */
  wakeCourse(input: CourseWake): Promise<WorkflowLink>;
  /** Where the UI shows the sender of a gate, and the run of it that made an attempt. No call. */
  linkOfRun(gate: string, runId: string): WorkflowLink;
  linkOfSender(gate: string): WorkflowLink;
  linkOf(workflowId: string): WorkflowLink;
  /** Where the UI lists all workflows of a run of ours. No call. */
  urlOfRun(run: string): string | null;
  /** Starts the workflow of a backfill, or has the one that runs look where it stands. Repeating is safe. */
  wakeBackfill(backfill: string): Promise<WorkflowLink>;
  linkOfBackfill(backfill: string): WorkflowLink;
  /** Starts the workflow of a bulk operation, unless it runs. */
  carryOnBulk(operation: string): Promise<WorkflowLink>;
  linkOfBulk(operation: string): WorkflowLink;
  /** The same for what was asked for one person. */
  carryOnPerson(request: string): Promise<WorkflowLink>;
  linkOfPerson(request: string): WorkflowLink;
  /** Has what waits for an endpoint of notices sent at once. */
  deliverNotices(endpoint: string): Promise<WorkflowLink>;
  checkHealth(): Promise<void>;
  listQueues(): Promise<QueueHealth[]>;
  /** Those of ours that the namespace lacks. */
  listMissingSearchAttributes(): Promise<string[]>;
}

export interface WorkflowClientOptions {
  connection: Connection;
  namespace: string;
  /** Encrypts what Temporal is handed; undefined: it is readable there. */
  codec?: PayloadCodec | undefined;
  /** Base of Temporal's web UI; without it links have no address. */
  uiUrl?: string | undefined;
  gateWakes: WakerOptions['gateWakes'];
  /** Of the installation's queues. Default: none. */
  prefix?: string;
  /** How long an actor that is started here stays for more work, in milliseconds. */
  lingerMs: number;
  /** For each call, retries included, in milliseconds. Default 3,000: an HTTP request waits for it. */
  deadlineMs?: number;
  /** Default 5,000. */
  restMs?: number;
}

const DEFAULT_DEADLINE_MS = 3_000;
/** After a call that failed none is tried for this long, or an outage would make every request wait for a deadline. */
const DEFAULT_REST_MS = 5_000;
/** Temporal's task queue types in the API's numbers. */
const WORKFLOW_QUEUE = 1;
const ACTIVITY_QUEUE = 2;

/** A call failed a moment ago, so this one was not made. */
export class TemporalRestsError extends Error {
  override readonly name = 'TemporalRestsError';
  constructor() {
    super('Temporal failed a moment ago and is not asked yet.');
  }
}

/** Temporal as the API needs it. Makes no connection by itself: hand in a lazy one. */
export function createWorkflowClient(options: WorkflowClientOptions): Workflows {
  const {
    connection,
    namespace,
    codec,
    uiUrl,
    gateWakes,
    prefix = '',
    lingerMs,
    deadlineMs = DEFAULT_DEADLINE_MS,
    restMs = DEFAULT_REST_MS,
  } = options;
  const dataConverter = { payloadCodecs: codec ? [codec] : [] };
  const client = new WorkflowClient({ connection, namespace, dataConverter });
  const waker = createWorkflowWaker(client, { gateWakes, lingerMs, prefix });
  const queues = queuesOf(prefix);
  const within = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + deadlineMs, call);
  const linkOf = (workflowId: string, runId?: string): WorkflowLink => ({
    workflowId,
    url: uiUrl === undefined ? null : workflowUrl(uiUrl, { namespace, workflowId, runId }),
  });

  let restsUntil = 0;

  const wake = async (workflowId: string, call: () => Promise<void>): Promise<WorkflowLink> => {
    if (performance.now() < restsUntil) throw new TemporalRestsError();
    try {
      await within(call);
    } catch (error) {
      restsUntil = performance.now() + restMs;
      throw error;
    }
    return linkOf(workflowId);
  };

  return {
    wakeSender: (request) => wake(sendScoresWorkflowId(request.gate), () => waker.wakeSender(request)),
    wakeCourse: (request) => wake(syncContextWorkflowId(request.context), () => waker.wakeCourse(request)),
    linkOf,
    urlOfRun: (run) =>
      uiUrl === undefined ? null : listUrl(uiUrl, { namespace, query: `${SEARCH_ATTRIBUTES.run}="${run}"` }),
    linkOfSender: (gate) => linkOf(sendScoresWorkflowId(gate)),
    linkOfRun: (gate, runId) => linkOf(sendScoresWorkflowId(gate), runId),
    async wakeBackfill(backfill) {
      await within(() => waker.wakeBackfill(backfill));
      return linkOf(backfillWorkflowId(backfill));
    },
    linkOfBackfill: (backfill) => linkOf(backfillWorkflowId(backfill)),
    carryOnBulk: (operation) => wake(bulkOperationWorkflowId(operation), () => waker.carryOnBulk(operation)),
    linkOfBulk: (operation) => linkOf(bulkOperationWorkflowId(operation)),
    carryOnPerson: (request) => wake(personRequestWorkflowId(request), () => waker.carryOnPerson(request)),
    linkOfPerson: (request) => linkOf(personRequestWorkflowId(request)),
    deliverNotices: (endpoint) => wake(deliverNoticesWorkflowId(endpoint), () => waker.deliverNotices(endpoint)),
    async checkHealth() {
      await within(() => connection.workflowService.getSystemInfo({}));
    },
    listQueues: () => within(() => Promise.all(queues.map((queue) => describeQueue(connection, namespace, queue)))),
    listMissingSearchAttributes: () => within(() => findMissingSearchAttributes(connection, namespace)),
  };
}

interface Queue {
  taskQueue: string;
  taskQueueType: number;
}

function queuesOf(prefix: string): Queue[] {
  const { workflows, submit } = taskQueuesOf(prefix);
  return [
    { taskQueue: workflows, taskQueueType: WORKFLOW_QUEUE },
    { taskQueue: submit, taskQueueType: ACTIVITY_QUEUE },
  ];
}

async function describeQueue(
  connection: Connection,
  namespace: string,
  { taskQueue, taskQueueType }: Queue,
): Promise<QueueHealth> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType,
  });
  const builds = pollers.map(({ deploymentOptions }) => deploymentOptions?.buildId ?? '').filter((id) => id !== '');
  return { taskQueue, pollers: pollers.length, builds: [...new Set(builds)] };
}
