import type { RequestSyncInput, Workflows } from './workflow-client.js';
import type { WorkflowLink } from './workflow-link.js';

const CONCURRENCY = 16;
const DEFAULT_MOST = 200;

/** Wakes the actors of contexts within one request. What it leaves out, the sweep finds: it is due in Postgres. */
export interface Waker {
  /** Wakes what is given, each context once per call, and resolves when that is done. Never rejects. */
  wake(inputs: readonly RequestSyncInput[]): Promise<void>;
  /** The workflows touched so far, each once. */
  links(): WorkflowLink[];
}

/**
 * One for each request. At most `most` contexts are woken, sixteen at once; after the first failure none is tried any
 * more, so that an outage of Temporal costs a request one deadline and not hundreds.
 */
export function createWaker(
  workflows: Pick<Workflows, 'requestSync'>,
  { most = DEFAULT_MOST, onFailure }: { most?: number | undefined; onFailure: (error: unknown) => void },
): Waker {
  const links = new Map<string, WorkflowLink>();
  const woken = new Set<string>();
  let hasFailed = false;

  const wakeOne = async (input: RequestSyncInput): Promise<void> => {
    try {
      const link = await workflows.requestSync(input);
      links.set(link.workflowId, link);
    } catch (error) {
      if (!hasFailed) onFailure(error);
      hasFailed = true;
    }
  };

  return {
    async wake(inputs) {
      const waiting = [...new Map(inputs.map((input) => [input.context, input])).values()];
      const lane = async (): Promise<void> => {
        for (let next = waiting.shift(); next && !hasFailed; next = waiting.shift()) {
          if (!woken.has(next.context) && woken.size >= most) continue;
          woken.add(next.context);
          await wakeOne(next);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    },
    links: () => [...links.values()],
  };
}
