import { ourOwn } from './activity-options.js';

/** Pages that one sweep serves; the next one, a minute later, begins anew. */
const MAX_PAGES = 50;

/**
 * Wakes the senders of gates that have something ready and that nobody tends: after a start call that failed, a crash
 * between commit and start, an outage of Temporal. Ends after one cheap query when there is nothing.
 */
export async function sweepWorkflow(): Promise<{ woken: number; failed: number }> {
  const total = { woken: 0, failed: 0 };
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result: Awaited<ReturnType<typeof ourOwn.wakeUntended>> = await ourOwn.wakeUntended.executeWithOptions(
      { summary: `page ${page + 1}` },
      [{ after }],
    );
    total.woken += result.woken;
    total.failed += result.failed;
    if (result.hasOpenSyncs && page === 0) await ourOwn.closeSyncs();
    after = result.after;
    if (after === null) break;
  }
  return total;
}
