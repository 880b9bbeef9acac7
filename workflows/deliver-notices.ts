import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { sendingNotices } from './activity-options.js';
import { lookSignal, type DeliverNoticesInput } from './deliver-notices-messages.js';
import { showDetails } from './details.js';

/** Events of one run before it continues as a new one: an endpoint may fail for days. */
const MOST_EVENTS = 1_000;

/**
 * Sends notices to one endpoint until none is left, sleeping out the rests after failures. What is to be sent, and how far
 * it came, is in PostgreSQL, so this may be lost and started again at any point.
 */
export async function deliverNoticesWorkflow({ endpoint }: DeliverNoticesInput): Promise<{ delivered: number }> {
  let isAsked = false;
  setHandler(lookSignal, () => {
    isAsked = true;
  });
  let delivered = 0;
  for (;;) {
    isAsked = false;
    const summary = delivered === 0 ? 'what waits' : `what waits; ${delivered} delivered`;
    const { nextInMs, ...done } = await sendingNotices.deliverNotices.executeWithOptions({ summary }, [{ endpoint }]);
    delivered += done.delivered;
    showDetails(describe(endpoint, { delivered, nextInMs }));
    if (nextInMs === null && !isAsked) return { delivered };
    if (nextInMs !== null && nextInMs > 0) await condition(() => isAsked, nextInMs);
    if (workflowInfo().historyLength > MOST_EVENTS || workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof deliverNoticesWorkflow>({ endpoint });
    }
  }
}

function describe(endpoint: string, { delivered, nextInMs }: { delivered: number; nextInMs: number | null }): string[] {
  const rests = nextInMs !== null && nextInMs > 0;
  const what = rests ? `rests for ${Math.ceil(nextInMs / 1_000)} s after a failure` : 'sends';
  return [`**${what}**`, '', `Endpoint ${endpoint}: ${delivered} delivered. More: GET /v1/notice-deliveries.`];
}
