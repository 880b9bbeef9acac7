import { ApplicationFailure } from '@temporalio/activity';
import type { PersonProgress } from '../../domain/person-request.js';
import type { ActivityDeps } from '../deps.js';
import { advanceOrFail } from '../guards/advance-or-fail.js';
import { withOwnHeartbeat } from '../guards/with-heartbeat.js';

/** One attempt stays short, so that deploys drain quickly; the workflow comes again. */
const BUDGET_MS = 45_000;

export type PersonDeps = Pick<ActivityDeps, 'personRequests' | 'wakeAll' | 'isDraining' | 'refusalCode'>;

/** `isWaiting`: there is nothing to do until something else has ended. */
export type PersonStepDone = PersonProgress & { isWaiting: boolean };

/**
 * Does pages of what was asked for one person, and wakes the senders that have to settle what is on its way. Safe to repeat
 * and to run twice at once: a page is one transaction that locks the request, and an emptied row is not found again. A page
 * that PostgreSQL refuses for good ends the request as failed: what was done before stays done, the tombstone too.
 */
export function createAdvancePersonRequest(deps: PersonDeps): (input: { request: string }) => Promise<PersonStepDone> {
  const { personRequests, wakeAll, isDraining, refusalCode } = deps;
  return ({ request }) => withOwnHeartbeat((signal) => work(request, signal));

  async function work(request: string, signal: AbortSignal): Promise<PersonStepDone> {
    const until = performance.now() + BUDGET_MS;
    for (;;) {
      signal.throwIfAborted();
      const { contexts, ...done } = await advance(request);
      await wakeAll(contexts.map((context) => ({ ...context, trigger: 'operator' })));
      if (done.state !== 'running' || done.isWaiting || isDraining() || performance.now() > until) return done;
    }
  }

  async function advance(request: string) {
    const page = await advanceOrFail(personRequests, request, refusalCode);
    if (page) return page;
    throw ApplicationFailure.nonRetryable('There is no such request for a person.', 'PersonRequestNotFound');
  }
}
