import { wakeCourses, type CourseWake } from '../../waking/workflow-waker.js';
import type { Workflows } from './workflow-client.js';
import type { WorkflowLink } from './workflow-link.js';

const DEFAULT_MOST = 200;

/** Wakes the actors of contexts within one request. What it leaves out, the sweep finds: it is due in Postgres. */
export interface Waker {
  /** Wakes what is given, each context once per call, and resolves when that is done. Never rejects. */
  wake(requests: readonly CourseWake[]): Promise<void>;
  /** The workflows touched so far, each once. */
  links(): WorkflowLink[];
}

/**
 * One for each request. At most `most` contexts are woken, and after the first failure none.
 */
export function createWaker(
  workflows: Pick<Workflows, 'wakeCourse'>,
  { most = DEFAULT_MOST, onFailure }: { most?: number | undefined; onFailure: (error: unknown) => void },
): Waker {
  const links = new Map<string, WorkflowLink>();
  const woken = new Set<string>();
  let hasFailed = false;

  const wakeOne = async (request: CourseWake): Promise<void> => {
    if (!woken.has(request.context) && woken.size >= most) return;
    woken.add(request.context);
    const link = await workflows.wakeCourse(request);
    links.set(link.workflowId, link);
  };

  return {
    async wake(requests) {
      if (hasFailed) return;
      try {
        await wakeCourses(requests, wakeOne);
      } catch (error) {
        hasFailed = true;
        onFailure(error);
      }
    },
    links: () => [...links.values()],
  };
}
