import type { WorkflowClient, WorkflowStartOptions } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import { backfillStartOptions } from '../workflows/backfill-start-options.js';
import { bulkOperationStartOptions } from '../workflows/bulk-operation-start-options.js';
import { deliverNoticesStartOptions } from '../workflows/deliver-notices-start-options.js';
import { personRequestStartOptions } from '../workflows/person-request-start-options.js';
import type { CourseRequest, SendRequest } from '../workflows/messages.js';
import { taskQueuesOf, WORKFLOW_TYPES } from '../workflows/names.js';
import { courseStartOptions, sendStartOptions } from '../workflows/start-options.js';

/** A course, by our uuids, with something to do, and what. */
export interface Wake extends CourseRequest {
  context: string;
  deployment: string;
  /** What its calls share a limit with. */
  gate: string;
  /** Something of it is ready to be sent. Default true. */
  scores?: boolean;
}

export type SenderWake = SendRequest & { gate: string };
export type CourseWake = CourseRequest & { context: string; deployment: string };

/** Starts workflows that have something to do, or signals those that run. Repeating is safe: requests coalesce. */
export interface WorkflowWaker {
  /** One that was told a moment ago and has not looked yet is not told again, unless of another run. */
  wakeSender(request: SenderWake): Promise<void>;
  /** For those whose wakes seem to be lost. */
  wakeSenderSurely(request: SenderWake): Promise<void>;
  /** Ends a workflow that makes no progress, whose truth is in PostgreSQL, and starts another in its place. */
  replaceSender(request: SenderWake): Promise<void>;
  /** The actor of a course, for what is a course's. */
  wakeCourse(request: CourseWake): Promise<void>;
  replaceCourse(request: CourseWake): Promise<void>;
  /** Has a backfill look where it stands. */
  wakeBackfill(backfill: string): Promise<void>;
  /** Starts the workflow of a bulk operation, unless it runs. */
  carryOnBulk(operation: string): Promise<void>;
  /** Starts the workflow of a request for a person, unless it runs. */
  carryOnPerson(request: string): Promise<void>;
  /** Has what waits for an endpoint of notices sent. */
  deliverNotices(endpoint: string): Promise<void>;
}

/** Who remembers which senders were told (db/platforms/gate-wakes.ts). */
export interface ToldSenders {
  isDue(gate: string, run?: string): Promise<boolean>;
  clear(gate: string): Promise<void>;
}

export interface WakerOptions {
  /** How long what is started here stays for more work, in milliseconds. */
  lingerMs: number;
  gateWakes: ToldSenders;
  /** Of the installation's queues. Default: none. */
  prefix?: string;
  /** The least time between two beginnings of the same task of a course. Default: the workflow's. */
  floorMs?: number;
}

const REPLACING = { workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING } as const;

/** Of Temporal's client what this needs. */
export interface WorkflowStarter {
  signalWithStart(...call: Parameters<WorkflowClient['signalWithStart']>): Promise<unknown>;
  start(type: string, options: WorkflowStartOptions): Promise<unknown>;
}

export function createWorkflowWaker(
  workflow: WorkflowStarter,
  { gateWakes, prefix = '', ...options }: WakerOptions,
): WorkflowWaker {
  const { lingerMs } = options;
  const queue = { taskQueue: taskQueuesOf(prefix).workflows };
  const signalSender = async (request: SenderWake, policy: Partial<WorkflowStartOptions> = {}): Promise<void> => {
    const start = { ...sendStartOptions({ ...request, lingerMs }), ...queue, ...policy };
    try {
      await workflow.signalWithStart(WORKFLOW_TYPES.sendScores, start);
    } catch (error) {
      await gateWakes.clear(request.gate);
      throw error;
    }
  };
  const signalCourse = async (request: CourseWake, policy: Partial<WorkflowStartOptions> = {}): Promise<void> => {
    const start = { ...courseStartOptions({ ...request, ...options }), ...queue, ...policy };
    await workflow.signalWithStart(WORKFLOW_TYPES.syncContext, start);
  };
  return {
    async wakeSender(request) {
      if (await gateWakes.isDue(request.gate, request.run)) await signalSender(request);
    },
    async wakeSenderSurely(request) {
      await gateWakes.isDue(request.gate, request.run);
      await signalSender(request);
    },
    replaceSender: (request) => signalSender(request, REPLACING),
    wakeCourse: (request) => signalCourse(request),
    replaceCourse: (request) => signalCourse(request, REPLACING),
    async wakeBackfill(backfill) {
      await workflow.signalWithStart(WORKFLOW_TYPES.backfill, { ...backfillStartOptions(backfill), ...queue });
    },
    async carryOnBulk(operation) {
      await workflow.start(WORKFLOW_TYPES.bulkOperation, { ...bulkOperationStartOptions(operation), ...queue });
    },
    async carryOnPerson(request) {
      await workflow.start(WORKFLOW_TYPES.personRequest, { ...personRequestStartOptions(request), ...queue });
    },
    async deliverNotices(endpoint) {
      await workflow.signalWithStart(WORKFLOW_TYPES.deliverNotices, {
        ...deliverNoticesStartOptions(endpoint),
        ...queue,
      });
    },
  };
}

/** Signals on their way at once. */
const CONCURRENCY = 16;

/** The workflows that requests want, each once: the sender of each gate, and the actors of courses that are asked for. */
export function planWakes(requests: readonly Wake[]): { senders: SenderWake[]; courses: CourseWake[] } {
  const senders = new Map<string, SenderWake>();
  const courses = new Map<string, CourseWake>();
  for (const { gate, scores = true, ...request } of requests) {
    const { trigger, run, cause, context, roster, lineItems, reconcile } = request;
    const asker = { trigger, ...(run !== undefined && { run }), ...(cause !== undefined && { cause }) };
    if (scores) senders.set(gate, { gate, ...asker });
    if (roster || lineItems || reconcile) courses.set(context, { ...courses.get(context), ...request });
  }
  return { senders: [...senders.values()], courses: [...courses.values()] };
}

/**
 * Wakes what requests want, sixteen at once. Rejects with the first failure, after which none is begun any more: an outage
 * of Temporal costs one deadline and not hundreds. The sweep finds whoever was left out.
 */
export async function wakeAll(
  requests: readonly Wake[],
  { wakeSender, wakeCourse }: Pick<WorkflowWaker, 'wakeSender' | 'wakeCourse'>,
): Promise<void> {
  const { senders, courses } = planWakes(requests);
  const queue = [
    ...senders.map((request) => () => wakeSender(request)),
    ...courses.map((request) => () => wakeCourse(request)),
  ];
  const failures: unknown[] = [];
  const wakeNext = async (): Promise<void> => {
    for (let next = queue.shift(); next && failures.length === 0; next = queue.shift()) {
      await next().catch((error: unknown) => void failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, wakeNext));
  if (failures.length > 0) throw failures[0];
}
