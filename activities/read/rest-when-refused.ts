import { log } from '@temporalio/activity';
import type { ActivityDeps } from '../deps.js';
import type { EnsureLineItemsInput, EnsureLineItemsResult } from './ensure-line-items.js';

/** The first rest, in milliseconds; each further one is twice as long, an hour at most. */
const FIRST_REST_MS = 15_000;

/**
 * Lets the columns of a course rest when PostgreSQL refuses what comes of looking for them, as after any other failure:
 * else the sweep asks for them again every minute. Safe to repeat: a rest only begins anew.
 */
export function restWhenRefused(
  { lineItems, refusalCode }: Pick<ActivityDeps, 'lineItems' | 'refusalCode'>,
  ensure: (input: EnsureLineItemsInput) => Promise<EnsureLineItemsResult>,
): (input: EnsureLineItemsInput) => Promise<EnsureLineItemsResult> {
  return async (input) => {
    try {
      return await ensure(input);
    } catch (error) {
      const code = refusalCode(error);
      if (code === undefined) throw error;
      log.warn(`PostgreSQL refused what came of looking for columns (${code}).`);
      const rest = { context: input.context, type: 'RefusedByDatabase', restMs: FIRST_REST_MS };
      const { reason, forMs } = await lineItems.failLook(rest);
      return { outcome: 'waiting', reason, delayMs: forMs, listed: 0, created: 0 };
    }
  };
}
