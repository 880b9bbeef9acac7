import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing: () => Promise<void> }>({ startToCloseTimeout: '10 seconds' });

/** What Temporal itself costs: one activity that does nothing. */
export async function emptyWorkflow(): Promise<void> {
  await nothing();
}
