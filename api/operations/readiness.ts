import type { Deps } from '../app.js';
import { within } from './within.js';

export interface Readiness {
  isReady: boolean;
  status: 'ok' | 'degraded' | 'failed';
  database: 'ok' | 'failed';
  temporal: 'ok' | 'degraded';
}

/** An answer is good for so long, in milliseconds. */
const FRESH_MS = 1_000;
/** And is given by then: below the second that Kubernetes gives a probe, with what the way there and back may take. */
const ANSWER_MS = 700;

/**
 * Whether requests can be taken, found out once a second however many ask. What PostgreSQL or Temporal have not said within
 * 0.7 s counts as a no, and is not asked again before it has been said: checks that hang must not pile up. Only a check that
 * stands in line behind other statements is no sign of trouble: while those are answered, what was found before holds.
 */
export function createReadiness({ store, workflows }: Pick<Deps, 'store' | 'workflows'>): () => Promise<Readiness> {
  const isDatabaseReady = checkedOnce(
    async () => (await store.operations.checkReady()).migrated,
    () => performance.now() - store.operations.lastAnswerAt() < FRESH_MS,
  );
  const isTemporalThere = checkedOnce(async () => workflows.checkHealth().then(() => true));
  return async () => {
    const [isReady, isThere] = await Promise.all([isDatabaseReady(), isTemporalThere()]);
    const temporal = isThere ? 'ok' : 'degraded';
    return isReady
      ? { isReady, status: temporal, database: 'ok', temporal }
      : { isReady, status: 'failed', database: 'failed', temporal };
  };
}

function checkedOnce(check: () => Promise<boolean>, isOnlySlow = (): boolean => false): () => Promise<boolean> {
  let current: { at: number; result: Promise<boolean>; isOver: boolean } | undefined;
  let known = false;
  return async () => {
    const now = performance.now();
    if (!current || (current.isOver && now - current.at > FRESH_MS)) {
      const mine = { at: now, result: check().catch(() => false), isOver: false };
      void mine.result.then((found) => {
        mine.isOver = true;
        known = found;
      });
      current = mine;
    }
    const { at, result, isOver } = current;
    return isOver ? result : within(result, ANSWER_MS - (now - at), () => known && isOnlySlow());
  };
}
