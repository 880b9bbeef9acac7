import { continueAsNew } from '@temporalio/workflow';
import type { RunSummary } from '../domain/run.js';
import { RECONCILE_SCHEDULE_ID } from './names.js';
import { runPass, type PassInput, type SecondPass } from './pass.js';

/** Holds the gradebooks of all courses against what was sent. */
export async function reconcileGradebooksWorkflow(input: PassInput): Promise<RunSummary | SecondPass> {
  const pass = await runPass({ kind: 'reconcile', scheduleId: RECONCILE_SCHEDULE_ID, input });
  if ('summary' in pass) return pass.summary;
  return continueAsNew<typeof reconcileGradebooksWorkflow>({ ...input, carried: pass.carried });
}
