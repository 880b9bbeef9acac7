import type { BackfillStarterPort, BackfillsPort } from '../backfill-ports.js';

/**
 * Lets a sweep also start backfills whose workflow was never started, or is gone. Safe to repeat: one that runs is left
 * alone.
 */
export function withForgottenBackfills<T>(
  { backfills, backfillStarts }: { backfills: BackfillsPort; backfillStarts: BackfillStarterPort },
  sweep: () => Promise<T>,
): () => Promise<T> {
  return async () => {
    const result = await sweep();
    for (const id of await backfills.listForgotten()) await backfillStarts.start(id);
    return result;
  };
}
