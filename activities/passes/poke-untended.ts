import type { ActivityDeps } from '../deps.js';
import { pokeAll } from './poke-all.js';

/** Contexts poked by one activity; a sweep comes again while there are more. */
const PAGE_SIZE = 200;

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
}: Pick<ActivityDeps, 'contexts' | 'syncs' | 'syncRuns'>): () => Promise<PokeUntendedResult> {
  return async () => {
    const untended = await contexts.listUntended(PAGE_SIZE);
    await pokeAll(
      syncs,
      untended.map(({ contextId, deploymentId, isBulkOnly, run }) => ({
        ...{ contextId, deploymentId, trigger: 'sweep', bulk: isBulkOnly },
        ...(run !== null && { run }),
      })),
    );
    return {
      poked: untended.length,
      hasMore: untended.length === PAGE_SIZE,
      hasOpenSyncs: await syncRuns.hasOpen(),
    };
  };
}
