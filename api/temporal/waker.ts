import type { Cause } from '../../domain/cause.js';
import { wakeAll, type Wake } from '../../waking/workflow-waker.js';
import type { Workflows } from './workflow-client.js';
import type { WorkflowLink } from './workflow-link.js';

const DEFAULT_MOST = 200;

/** Wakes senders and courses within one request. What it leaves out, the sweep finds: it is due in Postgres. */
export interface Waker {
  /** Wakes what is given, each workflow once per call, and resolves when that is done. Never rejects. */
  wake(requests: readonly Wake[]): Promise<void>;
  /** The workflows touched so far, each once. */
  links(): WorkflowLink[];
}

export interface WakerOptions {
  most?: number | undefined;
  /** The request that it is for. */
  cause?: Cause;
  onTold?: (link: WorkflowLink) => void;
  onFailure: (error: unknown) => void;
}

/**
 * One for each request. At most `most` workflows are woken, and after the first failure none.
 */
export function createWaker(
  workflows: Pick<Workflows, 'wakeSender' | 'wakeCourse'>,
  { most = DEFAULT_MOST, cause, onTold, onFailure }: WakerOptions,
): Waker {
  const links = new Map<string, WorkflowLink>();
  const woken = new Set<string>();
  let hasFailed = false;

  const once = async (name: string, wake: () => Promise<WorkflowLink>): Promise<void> => {
    if (!woken.has(name) && woken.size >= most) return;
    woken.add(name);
    const link = await wake();
    links.set(link.workflowId, link);
    onTold?.(link);
  };

  return {
    async wake(requests) {
      if (hasFailed) return;
      try {
        const caused = cause ? requests.map((request) => ({ ...request, cause })) : requests;
        await wakeAll(caused, {
          wakeSender: (request) => once(request.gate, () => workflows.wakeSender(request)),
          wakeCourse: (request) => once(request.context, () => workflows.wakeCourse(request)),
        });
      } catch (error) {
        hasFailed = true;
        onFailure(error);
      }
    },
    links: () => [...links.values()],
  };
}
