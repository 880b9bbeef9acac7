import { ApplicationFailure, Context } from '@temporalio/activity';
import { failureOf } from '../domain/failure.js';
import type { ContextsPort, KeysPort, LtiaasPort, RostersPort } from './ports.js';

export interface RefreshRosterInput {
  /** Our uuid of the context. */
  contextId: string;
}

export interface RefreshRosterResult {
  /** `complete`: every page was read and understood. Otherwise why not; nobody was deactivated then. */
  outcome: 'complete' | 'partial' | 'unavailable';
  reason: string | null;
  seen: number;
  left: number;
}

export interface RefreshRosterDeps {
  contexts: ContextsPort;
  keys: KeysPort;
  ltiaas: LtiaasPort;
  rosters: RostersPort;
}

/**
 * Reads one roster, all pages or nothing: absence counts only after the last page. Safe to repeat: each read has its own
 * number, and a broken one leaves behind nothing but members that are really there.
 * @throws ApplicationFailure of the failure's type, to be retried, when the reason passes by itself.
 */
export function createRefreshRoster(
  deps: RefreshRosterDeps,
): (input: RefreshRosterInput) => Promise<RefreshRosterResult> {
  return async ({ contextId }) => {
    const activityContext = Context.current();
    const context = await deps.contexts.findSyncable(contextId);
    if (!context) throw ApplicationFailure.nonRetryable('There is no such context.', 'ContextNotKnown');
    const keys = (await deps.keys.listUsable(contextId)).filter((key) => key.namesAndRoles);
    let reason = 'ServiceKeyMissing';
    for (const key of keys) {
      const read = await deps.rosters.beginRead(contextId);
      try {
        const call = { serviceKey: key.serviceKey, signal: activityContext.cancellationSignal };
        let seen = 0;
        let skipped = 0;
        for await (const page of deps.ltiaas.membershipPages(call)) {
          await deps.rosters.storePage({ context: contextId, read, members: page.members });
          seen += page.members.length;
          skipped += page.skipped;
          activityContext.heartbeat();
        }
        // Somebody whose entry could not be used is there all the same: such a read proves nobody's absence.
        if (skipped > 0) return { outcome: 'partial', reason: 'UnreadableAnswer', seen, left: 0 };
        return {
          outcome: 'complete',
          reason: null,
          ...(await deps.rosters.completeRead({ context: contextId, read })),
        };
      } catch (error) {
        const failure = deps.ltiaas.toFailure(error, { family: context.family, operation: 'listMemberships' });
        if (!failure) throw error;
        const { retryable, sentence } = failureOf(failure.type);
        if (retryable) throw ApplicationFailure.retryable(sentence, failure.type);
        reason = failure.type;
        if (failure.type === 'ServiceKeyRejected') await deps.keys.markRejected(key.id);
        else break;
      }
    }
    return { outcome: 'unavailable', reason, seen: 0, left: 0 };
  };
}
