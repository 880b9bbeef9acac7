import { resultsByUser } from '../../domain/score.js';
import type { LtiaasClient } from '../../ltiaas/client.js';
import type { Result } from '../../ltiaas/payloads.js';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import type { Batch } from './batch.js';

/** What was read of a column stands for so long: a person's change in this time may be missed, as it may in any moment
 * between reading and sending. */
const FRESH_MS = 15_000;

/** The results of columns, read when first asked for and again when stale; one read serves all senders of a batch. */
export interface CellReader {
  find(lineItemId: string, userId: string, key: UsableKey): Promise<Result | undefined>;
}

export function createCellReader(
  ltiaas: Pick<LtiaasClient, 'listResults'>,
  batch: Pick<Batch, 'family' | 'gate' | 'signal'>,
  nowMs: () => number,
): CellReader {
  const columns = new Map<string, { readAtMs: number; results: Promise<Map<string, Result>> }>();
  const read = async (lineItemId: string, { serviceKey }: UsableKey): Promise<Map<string, Result>> => {
    // Moodle's pages cannot be followed when a limit is given (gradebookservices results.php).
    const limit = batch.family === 'canvas' ? { limit: 100 } : {};
    const results = await ltiaas.listResults({
      serviceKey,
      lineItemId,
      signal: batch.signal,
      pool: batch.gate,
      ...limit,
    });
    return resultsByUser(results);
  };
  return {
    async find(lineItemId, userId, key) {
      const cell = `${key.context} ${lineItemId}`;
      const known = columns.get(cell);
      if (known && nowMs() - known.readAtMs < FRESH_MS) return (await known.results).get(userId);
      const results = read(lineItemId, key);
      columns.set(cell, { readAtMs: nowMs(), results });
      return (await results).get(userId);
    },
  };
}
