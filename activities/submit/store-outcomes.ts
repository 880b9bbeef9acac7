import { setTimeout as delay } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import type { ActivityDeps } from '../deps.js';
import type { LaneGuard } from '../guards/lane-guard.js';

/** A statement that failed for a reason that passes is tried again after this. */
const TRY_AGAIN_MS = 250;

export type StoreDeps = Pick<ActivityDeps, 'clock' | 'refusalCode'>;

export interface Storing<T> {
  /** False: the lane was lost. Repeating it is safe. */
  store: (items: readonly T[]) => Promise<boolean>;
  /** What is stored in the place of one that is refused, in turn. */
  instead: (item: T) => readonly T[];
}

/** What PostgreSQL takes in no form, with its error. */
export interface Refused<T> {
  item: T;
  error: unknown;
}

/**
 * Stores what is known of calls: what fails for a reason that passes is tried again until the lane, as it stood at the
 * first failure, has run out. A chunk that PostgreSQL refuses is stored item by item, and an item that it refuses in the
 * next of its forms, so that none takes another with it. Gives what it takes in no form; null: the lane was lost.
 */
export async function storeOutcomes<T>(
  { clock, refusalCode }: StoreDeps,
  lane: LaneGuard,
  items: readonly T[],
  { store, instead }: Storing<T>,
): Promise<Refused<T>[] | null> {
  const storePatiently = async (some: readonly T[]): Promise<boolean> => {
    const untilMs = lane.callsEndAtMs();
    for (;;) {
      try {
        return await store(some);
      } catch (error) {
        const isPassing = refusalCode(error) === undefined;
        if (!isPassing || !lane.isOpen() || clock.monotonicMs() + TRY_AGAIN_MS >= untilMs) throw error;
        await delay(TRY_AGAIN_MS);
      }
    }
  };
  try {
    return (await storePatiently(items)) ? [] : null;
  } catch (error) {
    if (refusalCode(error) === undefined) throw error;
  }
  const refused: Refused<T>[] = [];
  for (const item of items) {
    let refusal: Refused<T> | undefined;
    for (const form of [item, ...instead(item)]) {
      try {
        refusal = undefined;
        if (!(await storePatiently([form]))) return null;
        break;
      } catch (error) {
        const code = refusalCode(error);
        if (code === undefined) throw error;
        log.warn(`PostgreSQL refused what became of a score (${code}).`);
        refusal = { item, error };
      }
    }
    if (refusal) refused.push(refusal);
  }
  return refused;
}
