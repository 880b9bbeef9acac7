import type { LtiaasClient } from '../../ltiaas/client.js';
import type { Result } from '../../ltiaas/payloads.js';
import type { Batch } from './batch.js';

/** What was read of a column stands for so long: a person's change in this time may be missed, as it may in any moment
 * between reading and sending. */
const FRESH_MS = 15_000;

/** The results of columns, read when first asked for and again when stale; one read serves all senders of a batch. */
export interface CellReader {
  find(lineItemId: string, userId: string): Promise<Result | undefined>;
}

export function createCellReader(
  ltiaas: Pick<LtiaasClient, 'listResults'>,
  batch: Batch,
  nowMs: () => number,
): CellReader {
  const columns = new Map<string, { readAtMs: number; results: Promise<Map<string, Result>> }>();
  const read = async (lineItemId: string): Promise<Map<string, Result>> => {
    const [key] = batch.keys;
    if (!key) return new Map();
    // Moodle's pages cannot be followed when a limit is given (gradebookservices results.php).
    const limit = batch.course.family === 'canvas' ? { limit: 100 } : {};
    const results = await ltiaas.listResults({
      serviceKey: key.serviceKey,
      lineItemId,
      signal: batch.signal,
      ...limit,
    });
    return new Map(results.map((result) => [result.userId, result]));
  };
  return {
    async find(lineItemId, userId) {
      const known = columns.get(lineItemId);
      if (known && nowMs() - known.readAtMs < FRESH_MS) return (await known.results).get(userId);
      const results = read(lineItemId);
      columns.set(lineItemId, { readAtMs: nowMs(), results });
      return (await results).get(userId);
    },
  };
}
