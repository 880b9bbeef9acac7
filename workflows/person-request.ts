import { continueAsNew, setHandler, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { PersonProgress } from '../domain/person-request.js';
import { longWork } from './activity-options.js';
import { showDetails } from './details.js';
import { personProgressQuery, type PersonRequestInput } from './person-request-messages.js';
import { STATE_KEY } from './search-attribute-keys.js';

/** Events of one run before it continues as a new one: what waits for an LMS may wait for a day. */
const MOST_EVENTS = 1_000;
/** Between looks at what has to be waited for; they grow, since a call lasts seconds and an outage hours. */
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 60_000;

/**
 * Carries on what was asked for one person until PostgreSQL says that it has ended. Each page and its counts are one
 * transaction there, so this may be lost and started again at any point.
 */
export async function personRequestWorkflow({ request, carried }: PersonRequestInput): Promise<PersonProgress> {
  let progress = carried ?? null;
  let restMs = FIRST_REST_MS;
  setHandler(personProgressQuery, () => progress, { description: 'Its step and counts; nothing of the person.' });
  for (;;) {
    const summary = progress === null ? 'the first pages' : `the next pages: ${progress.step}`;
    const { isWaiting, ...reached } = await longWork.advancePersonRequest.executeWithOptions({ summary }, [
      { request },
    ]);
    progress = reached;
    showDetails(describe(request, progress));
    if (progress.state !== 'running') {
      upsertSearchAttributes([{ key: STATE_KEY, value: progress.state }]);
      return progress;
    }
    if (isWaiting) {
      await sleep(restMs, {
        summary: progress.inFlight > 0 ? 'until its last scores are settled' : 'until others end',
      });
      restMs = Math.min(restMs * 2, LONGEST_REST_MS);
    } else restMs = FIRST_REST_MS;
    if (workflowInfo().historyLength > MOST_EVENTS || workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof personRequestWorkflow>({ request, carried: progress });
    }
  }
}

function describe(request: string, { state, step, counts, inFlight }: PersonProgress): string[] {
  const rows = Object.entries(counts).map(([table, count]) => `${table}: ${count}`);
  return [`**${state}**`, '', `Request ${request}, at ${step}. On their way: ${inFlight}.`, '', ...rows];
}
