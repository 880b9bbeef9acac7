import type { ActivityDeps } from '../deps.js';

/** Contexts woken by one activity; a sweep comes again while there are more. */
const PAGE_SIZE = 200;

export interface WakeUntendedResult {
  woken: number;
  /** The page was full: there may be more. */
  hasMore: boolean;
  /** Runs of single requests are under way, which nobody else ends. */
  hasOpenSyncs: boolean;
}

/**
 * Starts or wakes the actor of every course that has something ready and that nobody tends. Safe to repeat: waking a
 * living actor coalesces with the first.
 */
export function createWakeUntended({
  contexts,
  wakeCourses,
  syncRuns,
}: Pick<ActivityDeps, 'contexts' | 'wakeCourses' | 'syncRuns'>): () => Promise<WakeUntendedResult> {
  return async () => {
    const untended = await contexts.listUntended(PAGE_SIZE);
    await wakeCourses(
      untended.map(({ context, deployment, isBulkOnly, run }) => ({
        ...{ context, deployment, trigger: 'sweep', bulk: isBulkOnly },
        ...(run !== null && { run }),
      })),
    );
    return {
      woken: untended.length,
      hasMore: untended.length === PAGE_SIZE,
      hasOpenSyncs: await syncRuns.hasOpen(),
    };
  };
}
