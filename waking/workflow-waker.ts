import type { WorkflowClient } from '@temporalio/client';
import { backfillStartOptions } from '../workflows/backfill-start-options.js';
import type { CourseRequest, SendRequest } from '../workflows/messages.js';
import { WORKFLOW_TYPES } from '../workflows/names.js';
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
  wakeSender(request: SenderWake): Promise<void>;
  /** The actor of a course, for what is a course's. */
  wakeCourse(request: CourseWake): Promise<void>;
  /** Has a backfill look where it stands. */
  wakeBackfill(backfill: string): Promise<void>;
}

export interface WakerOptions {
  /** How long what is started here stays for more work, in milliseconds. */
  lingerMs: number;
  /** The least time between two beginnings of the same task of a course. Default: the workflow's. */
  floorMs?: number;
}

export function createWorkflowWaker(
  workflow: Pick<WorkflowClient, 'signalWithStart'>,
  options: WakerOptions,
): WorkflowWaker {
  return {
    async wakeSender(request) {
      const { lingerMs } = options;
      await workflow.signalWithStart(WORKFLOW_TYPES.sendScores, sendStartOptions({ ...request, lingerMs }));
    },
    async wakeCourse(request) {
      await workflow.signalWithStart(WORKFLOW_TYPES.syncContext, courseStartOptions({ ...request, ...options }));
    },
    async wakeBackfill(backfill) {
      await workflow.signalWithStart(WORKFLOW_TYPES.backfill, backfillStartOptions(backfill));
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
    const { trigger, run, context, roster, lineItems, reconcile } = request;
    if (scores) senders.set(gate, { gate, trigger, ...(run !== undefined && { run }) });
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
