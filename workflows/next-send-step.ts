import type { SendState } from './messages.js';

/** Waits up to this are slept out in the workflow, where the UI shows them; longer ones are left to the sweep. */
export const LONGEST_WAIT_MS = 3_600_000;
/** After a batch that brought nothing forward the next begins at the earliest after this, doubled each time up to the longest. */
const SHORTEST_REST_MS = 250;
const LONGEST_REST_MS = 15_000;

export type SendStep =
  | { kind: 'send' }
  /** Until somebody asks, or for so long; `isFloor`: nobody's asking ends it. */
  | { kind: 'rest'; ms: number; reason: string; isFloor: boolean }
  | { kind: 'linger'; ms: number }
  | { kind: 'end' };

/**
 * What a sender does next. Pure, and the only place where it is decided: whatever goes wrong, a batch that brings nothing
 * forward is not repeated sooner than the floor allows.
 */
export function nextSendStep({ isWoken, idle, last }: SendState, nowMs: number, lingerMs: number): SendStep {
  if (last === null) return { kind: 'send' };
  const floorMs = idle === 0 ? 0 : Math.min(SHORTEST_REST_MS * 2 ** Math.min(idle - 1, 20), LONGEST_REST_MS);
  const sinceMs = Math.max(nowMs - last.atMs, 0);
  const delayMs = last.outcome === 'waiting' ? Math.max((last.delayMs ?? 0) - sinceMs, 0) : 0;
  if (last.outcome === 'more' || isWoken || (last.outcome === 'waiting' && delayMs === 0)) {
    if (sinceMs >= floorMs) return { kind: 'send' };
    return { kind: 'rest', ms: floorMs - sinceMs, reason: last.reason ?? 'nothing moved', isFloor: true };
  }
  if (last.outcome === 'waiting' && delayMs <= LONGEST_WAIT_MS) {
    return { kind: 'rest', ms: delayMs, reason: last.reason ?? 'to try again', isFloor: false };
  }
  const leftMs = lingerMs - sinceMs;
  return leftMs > 0 ? { kind: 'linger', ms: leftMs } : { kind: 'end' };
}
