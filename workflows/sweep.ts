import { ourOwn } from './activity-options.js';

/** Pages that one sweep serves; the next one, a minute later, goes on. */
const MAX_PAGES = 50;

/**
 * Wakes the actors of courses that have something ready and that nobody tends: after a start call that failed, a crash
 * between commit and start, an outage of Temporal. Ends after one cheap query when there is nothing.
 */
export async function sweepWorkflow(): Promise<{ woken: number }> {
  let woken = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await ourOwn.wakeUntended.executeWithOptions({ summary: `page ${page + 1}` }, []);
    woken += result.woken;
    if (result.hasOpenSyncs && page === 0) await ourOwn.closeSyncs();
    if (!result.hasMore) break;
  }
  return { woken };
}
