import type { SyncableContext } from '../../db/courses/context-work.js';

/** Set aside now: until an event, or until a probe whose time has not come. */
export function isSetAside({ parkedType, parkedForMs }: SyncableContext): boolean {
  return parkedType !== null && (parkedForMs === null || parkedForMs > 0);
}
