import type { ContextsPort, SyncStarterPort } from './ports.js';
import type { SyncRunsPort } from './run-ports.js';

/** Contexts poked by one activity; a sweep comes again while there are more. */
const PAGE_SIZE = 200;
const CONCURRENCY = 10;

export interface PokeUntendedResult {
  poked: number;
  /** The page was full: there may be more. */
  hasMore: boolean;
  /** Runs of single requests are under way, which nobody else ends. */
  hasOpenSyncs: boolean;
}

/**
 * Starts or wakes the actor of every course that has something ready and that nobody tends. Safe to repeat: a second poke
 * of a living actor coalesces with the first.
 */
export function createPokeUntended({
  contexts,
  syncs,
  syncRuns,
}: {
  contexts: ContextsPort;
  syncs: SyncStarterPort;
  syncRuns: SyncRunsPort;
}): () => Promise<PokeUntendedResult> {
  return async () => {
    const untended = await contexts.listUntended(PAGE_SIZE);
    const queue = [...untended];
    const poker = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { contextId, deploymentId, isBulkOnly, run } = next;
        const ofRun = run === null ? {} : { run };
        await syncs.requestSync({ contextId, deploymentId, trigger: 'sweep', bulk: isBulkOnly, ...ofRun });
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, poker));
    return {
      poked: untended.length,
      hasMore: untended.length === PAGE_SIZE,
      hasOpenSyncs: await syncRuns.hasOpen(),
    };
  };
}
