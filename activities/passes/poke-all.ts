import type { SyncStarter } from '../deps.js';

const CONCURRENCY = 10;

/**
 * Starts or wakes the actors of courses, ten at once. Safe to repeat: a second poke of a living actor coalesces with the
 * first. Rejects with the first that could not be told.
 */
export async function pokeAll(
  syncs: SyncStarter,
  requests: readonly Parameters<SyncStarter['requestSync']>[0][],
): Promise<void> {
  const queue = [...requests];
  const poker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await syncs.requestSync(next);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, poker));
}
