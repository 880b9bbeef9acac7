import type { RetentionClass } from '../../domain/retention.js';
import type { ActivityDeps } from '../deps.js';
import { withOwnHeartbeat } from '../guards/with-heartbeat.js';

/** One attempt stays short, so that deploys drain quickly; the workflow comes again. */
const BUDGET_MS = 5 * 60_000;

export interface RemovedByClass {
  /** Rows, by class; a class without any is left out. */
  removed: Partial<Record<RetentionClass, number>>;
  /** Nothing is left whose time is over. */
  isDone: boolean;
}

/**
 * Removes what is older than it is kept, class by class, a page after the other. Safe to repeat, also after a half: what is
 * gone is gone, and the rest is found again.
 */
export function createEnforceRetention({
  retention,
  isDraining,
}: Pick<ActivityDeps, 'retention' | 'isDraining'>): () => Promise<RemovedByClass> {
  return () => withOwnHeartbeat(work);

  async function work(signal: AbortSignal): Promise<RemovedByClass> {
    const until = performance.now() + BUDGET_MS;
    const removed: RemovedByClass['removed'] = {};
    for (const name of retention.classes) {
      for (let isDone = false; !isDone;) {
        signal.throwIfAborted();
        const page = await retention.removePage(name);
        if (page.removed > 0) removed[name] = (removed[name] ?? 0) + page.removed;
        isDone = page.isDone;
        if (!isDone && (isDraining() || performance.now() > until)) return { removed, isDone: false };
      }
    }
    return { removed, isDone: true };
  }
}
