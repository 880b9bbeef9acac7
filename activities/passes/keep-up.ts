import type { KeptAttempts } from '../../db/scores/attempt-weeks.js';
import type { ActivityDeps } from '../deps.js';

/**
 * Makes tables for the evidence of the coming weeks, and drops those that are older than is kept. Safe to repeat, also
 * after a half: each step is done or not, and is not done again.
 */
export function createKeepUp({
  attemptWeeks,
  attemptsKeptMs,
}: Pick<ActivityDeps, 'attemptWeeks' | 'attemptsKeptMs'>): () => Promise<KeptAttempts> {
  return () => attemptWeeks.keep({ keptMs: attemptsKeptMs });
}
