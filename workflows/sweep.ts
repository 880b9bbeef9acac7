import { ourOwn } from './activity-options.js';

/** Pages that one sweep serves, of gates and of courses, and for how long; the next one, a minute later, begins anew. */
const MAX_PAGES = 50;
const LONGEST_MS = 300_000;

/**
 * Wakes the senders of gates that have something ready and that nobody tends: after a start call that failed, a crash
 * between commit and start, an outage of Temporal. Ends after one cheap query when there is nothing.
 */
export async function sweepWorkflow(): Promise<{ woken: number; failed: number }> {
  const total = { woken: 0, failed: 0 };
  const untilMs = Date.now() + LONGEST_MS;
  const mayGoOn = (page: number): boolean => page < MAX_PAGES && Date.now() < untilMs;
  const add = ({ woken, failed }: { woken: number; failed: number }): void => {
    total.woken += woken;
    total.failed += failed;
  };
  const first = await ourOwn.wakeUntended.executeWithOptions({ summary: 'page 1' }, [{ after: null }]);
  add(first);
  if (first.hasOpenSyncs) await ourOwn.closeSyncs();
  let { after, coursesAfter } = first;
  for (let page = 1; after !== null && mayGoOn(page); page += 1) {
    const result: typeof first = await ourOwn.wakeUntended.executeWithOptions({ summary: `page ${page + 1}` }, [
      { after },
    ]);
    add(result);
    after = result.after;
  }
  for (let page = 1; coursesAfter !== null && mayGoOn(page); page += 1) {
    const options = { summary: `columns, page ${page + 1}` };
    const result: Awaited<ReturnType<typeof ourOwn.seekColumns>> = await ourOwn.seekColumns.executeWithOptions(
      options,
      [{ after: coursesAfter }],
    );
    add(result);
    coursesAfter = result.after;
  }
  return total;
}
