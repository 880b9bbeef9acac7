import type { Logger } from '../config/logger.js';
import type { ContextWorkStore, Parking } from '../db/courses/context-work.js';
import type { BreakerChange, GateLimits } from '../db/platforms/gate-limits.js';
import { failureOf, isFailureType } from '../domain/failure.js';
import { workAtHand } from './tell-activities.js';

/** The same, and a line in the log for each course or column that is set aside or goes on. The LMS's words stay out of it. */
export function tellParking(contexts: ContextWorkStore, logger: Logger): ContextWorkStore {
  const parked = (what: string, ids: Record<string, string>, type: string, probeAfterMs: number | null): void =>
    logger.warn({ ...workAtHand(), ...ids, ...toReason(type), probeAfterMs }, `a ${what} was parked`);
  const parkedColumn = ({ lineItem, type, probeAfterMs }: Parking & { lineItem: string }): void =>
    parked('column', { lineItem }, type, probeAfterMs);
  return {
    ...contexts,
    async park(input) {
      const isParked = await contexts.park(input);
      if (isParked) parked('course', { context: input.context }, input.type, input.probeAfterMs);
      return isParked;
    },
    async parkForWantOfKey(context) {
      const isParked = await contexts.parkForWantOfKey(context);
      if (isParked) parked('course', { context }, 'ServiceKeyMissing', null);
      return isParked;
    },
    async parkColumn(input) {
      const isParked = await contexts.parkColumn(input);
      if (isParked) parkedColumn(input);
      return isParked;
    },
    async promoteColumn(input) {
      const isParked = await contexts.promoteColumn(input);
      if (isParked) parkedColumn(input);
      return isParked;
    },
    async unpark(context) {
      const isFree = await contexts.unpark(context);
      if (isFree) logger.info({ ...workAtHand(), context }, 'a course goes on');
      return isFree;
    },
    async unparkColumns(lineItems) {
      const free = await contexts.unparkColumns(lineItems);
      for (const lineItem of free) logger.info({ ...workAtHand(), lineItem }, 'a column goes on');
      return free;
    },
  };
}

/** The same, and a line in the log when a breaker opens or closes, and when a platform asks for less. */
export function tellLimits(limits: GateLimits, logger: Logger): GateLimits {
  const opened = (change: BreakerChange, facts: { gate: string; type: string; restMs?: number | undefined }): void => {
    const { type, ...rest } = facts;
    if (change === 'opened') logger.warn({ ...workAtHand(), ...rest, ...toReason(type) }, 'a breaker opened');
  };
  return {
    ...limits,
    async noteFailure(gate, type, context) {
      const change = await limits.noteFailure(gate, type, context);
      opened(change, { gate, type });
      return change;
    },
    async openBreaker(gate, type, restMs) {
      const change = await limits.openBreaker(gate, type, restMs);
      opened(change, { gate, type, restMs });
      return change;
    },
    async noteSuccess(gate) {
      const change = await limits.noteSuccess(gate);
      if (change === 'closed') logger.info({ ...workAtHand(), gate }, 'a breaker closed');
      return change;
    },
    async noteThrottled(gate, retryAfterMs) {
      await limits.noteThrottled(gate, retryAfterMs);
      logger.warn({ ...workAtHand(), gate, retryAfterMs }, 'a platform asks for less');
    },
  };
}

function toReason(type: string): { failure: string; sentence?: string } {
  return { failure: type, ...(isFailureType(type) && { sentence: failureOf(type).sentence }) };
}
