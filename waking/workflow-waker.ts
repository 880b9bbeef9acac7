import type { WorkflowClient } from '@temporalio/client';
import { backfillStartOptions } from '../workflows/backfill-start-options.js';
import { WORKFLOW_TYPES } from '../workflows/names.js';
import { syncStartOptions, type SyncStart } from '../workflows/sync-start-options.js';

/** Whose gradebook is to be brought up to date, by our uuids, and what for. */
export type CourseWake = Omit<SyncStart, 'lingerMs'>;

/** Starts workflows that have something to do, or signals those that run. Repeating is safe: requests coalesce. */
export interface WorkflowWaker {
  wakeCourse(request: CourseWake): Promise<void>;
  /** Has a backfill look where it stands. */
  wakeBackfill(backfill: string): Promise<void>;
}

/** `lingerMs`: how long the actor of a course that is started here stays for more work. */
export function createWorkflowWaker(
  workflow: Pick<WorkflowClient, 'signalWithStart'>,
  { lingerMs }: { lingerMs: number },
): WorkflowWaker {
  return {
    async wakeCourse(request) {
      await workflow.signalWithStart(WORKFLOW_TYPES.syncContext, syncStartOptions({ lingerMs, ...request }));
    },
    async wakeBackfill(backfill) {
      await workflow.signalWithStart(WORKFLOW_TYPES.backfill, backfillStartOptions(backfill));
    },
  };
}

/** Signals on their way at once. */
const CONCURRENCY = 16;

/**
 * Wakes courses, each once, sixteen at once. Rejects with the first failure, after which none is begun any more: an outage
 * of Temporal costs one deadline and not hundreds. The sweep finds whoever was left out.
 */
export async function wakeCourses<Wake extends Pick<CourseWake, 'context'>>(
  requests: readonly Wake[],
  wakeCourse: (request: Wake) => Promise<unknown>,
): Promise<void> {
  const queue = [...new Map(requests.map((request) => [request.context, request])).values()];
  const failures: unknown[] = [];
  const wakeNext = async (): Promise<void> => {
    for (let next = queue.shift(); next && failures.length === 0; next = queue.shift()) {
      await wakeCourse(next).catch((error: unknown) => void failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, wakeNext));
  if (failures.length > 0) throw failures[0];
}
