import { patched } from '@temporalio/workflow';
import { longWork, tidyingUp } from './activity-options.js';
import { showDetails } from './details.js';

export interface UpkeepResult {
  made: number;
  moved: number;
  dropped: number;
  /** Rows whose time was over, by class. */
  removed?: Record<string, number>;
}

/**
 * Once a day: tables for the evidence of the coming weeks are made, those that are old enough are dropped, and so is all
 * else whose time is over.
 */
export async function upkeepWorkflow(): Promise<UpkeepResult> {
  const weeks = await tidyingUp.keepUp.executeWithOptions({ summary: 'weeks of evidence' }, []);
  if (!patched('retention')) return weeks;
  const removed: Record<string, number> = {};
  for (let isDone = false; !isDone;) {
    const page = await longWork.enforceRetention.executeWithOptions({ summary: 'what is older than it is kept' }, []);
    for (const [name, count] of Object.entries(page.removed)) removed[name] = (removed[name] ?? 0) + count;
    isDone = page.isDone;
    showDetails(['**Removed**', '', ...Object.entries(removed).map(([name, count]) => `${name}: ${count}`)]);
  }
  return { ...weeks, removed };
}
