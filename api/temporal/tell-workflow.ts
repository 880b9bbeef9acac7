import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Cause } from '../../domain/cause.js';
import type { CourseWake } from '../../waking/workflow-waker.js';
import { ProblemError } from '../problems.js';
import type { Workflows } from './workflow-client.js';
import type { WorkflowLink } from './workflow-link.js';

/** Temporal may be away: whatever is to be done stands in PostgreSQL, and the sweep finds whoever was not told. */
export function warnUntold(log: FastifyBaseLogger, error: unknown): void {
  const failure = error instanceof Error ? error.name : 'unknown';
  log.warn({ failure }, 'Temporal could not be told; the sweep will find what is due');
}

/** As what is done for a request is told of it. */
export function causeOf({ id, span }: FastifyRequest): Cause {
  return { request: id, ...(span && { trace: span.traceparent }) };
}

/** Has a workflow started or told on behalf of a request; null: it could not be. Never rejects. */
export async function tellWorkflow(
  request: FastifyRequest,
  tell: () => Promise<WorkflowLink>,
): Promise<WorkflowLink | null> {
  try {
    const link = await tell();
    request.told.add(link.workflowId);
    return link;
  } catch (error) {
    warnUntold(request.log, error);
    return null;
  }
}

/**
 * Wakes the actor of a course for what only a workflow does, so that the caller must know when it was not reached.
 * @throws {ProblemError}
 */
export async function wakeCourseSurely(
  request: FastifyRequest,
  workflows: Pick<Workflows, 'wakeCourse'>,
  wake: CourseWake,
): Promise<WorkflowLink> {
  try {
    const link = await workflows.wakeCourse({ ...wake, cause: causeOf(request) });
    request.told.add(link.workflowId);
    return link;
  } catch (cause) {
    throw new ProblemError('temporal-unavailable', 'Nothing was started: try again later.', {
      headers: { 'retry-after': '10' },
      cause,
    });
  }
}
