import { log } from '@temporalio/activity';
import type { UsableKey } from '../../db/courses/usable-keys.js';
import type { ActivityDeps } from '../deps.js';
import { FIRST_PROBE_MS } from './judge-failure.js';

/** The service keys of one course that may do what is asked for. */
export interface ListedKeys {
  keys: UsableKey[];
  /** Why a call cannot be made where there is none of them, or none is left. */
  reason: 'ServiceKeyMissing' | 'ServiceKeyUnreadable';
}

/**
 * Reads the service keys of a course. One whose keys are there and cannot be read is set aside for that, and never taken
 * for one without keys. Repeating is safe.
 */
export async function listKeys(
  { keys, contexts }: Pick<ActivityDeps, 'keys' | 'contexts'>,
  context: string,
  service: 'assignmentAndGrades' | 'namesAndRoles',
): Promise<ListedKeys> {
  const { keys: readable, damaged } = await keys.listUsable([context]);
  const usable = readable.filter((key) => key[service]);
  if (!damaged.has(context)) return { keys: usable, reason: 'ServiceKeyMissing' };
  warnOfDamage(context);
  if (usable.length === 0) await contexts.park(unreadableKeys(context));
  return { keys: usable, reason: 'ServiceKeyUnreadable' };
}

/** How a course is set aside whose keys cannot be read: a backup may bring them back, so it is probed. */
export function unreadableKeys(
  context: string,
): Parameters<ActivityDeps['contexts']['park']>[0] & { type: 'ServiceKeyUnreadable' } {
  return { context, type: 'ServiceKeyUnreadable', detail: null, probeAfterMs: FIRST_PROBE_MS };
}

export function warnOfDamage(context: string): void {
  log.warn('a stored service key was altered and cannot be decrypted', { context });
}
